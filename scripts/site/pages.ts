/** Lets exported lesson pages run: their cells beside the bundles, and the bundle in the page. */
import fs from 'node:fs';
import path from 'node:path';
import { html } from '../../lib/runtime/html';
import { INDEX_WORDS } from '../export/index-page';
import { lessonPage } from '../export/page';
import type { Sheet } from '../export/sheet';
import { sheetPath } from '../export/sheet';
import { codeCells, LANGUAGES, type Language, type Notebook, ROOT, tagsOf } from '../notebooks/notebook';
import { RUNNING, STEP } from './lessons';
import type { LessonCell } from './page/lesson';
import type { Setting } from './page/start';
import { WORDS } from './page/words';

/** Folder of the site that holds the bundles, types and data. */
export const RUN = 'run';

/** Writes the cells of a lesson, and puts the scripts into its page. */
export function makeRunnable(folder: string, sheet: Sheet, build: string): void {
  const { name, language, notebook, place } = sheet;
  const cells = codeCells(notebook).map(
    (cell): LessonCell => ({ id: cell.id, source: cell.source, tags: tagsOf(cell) }),
  );
  const lessons = path.join(folder, RUN, 'lessons');
  fs.mkdirSync(lessons, { recursive: true });
  fs.writeFileSync(path.join(lessons, `${name}.json`), JSON.stringify(cells));
  const files = path.join(folder, RUN, 'notebooks', language);
  fs.mkdirSync(files, { recursive: true });
  fs.writeFileSync(path.join(files, `${name}.ipynb`), JSON.stringify(withoutOutputs(notebook)));
  const base = `${path.posix.relative(place, RUN)}/`;
  const timed = RUNNING[name]; //  none: a notebook that only a test builds a page of
  const short = timed?.short ?? false;
  const reference = timed && { seconds: timed.seconds, step: STEP, short };
  const setting: Setting = { base, build, lesson: name, language, short, reference };
  const file = sheetPath(folder, sheet, 'html');
  fs.writeFileSync(file, withScript(fs.readFileSync(file, 'utf8'), setting, 'page.js'));
}

function withScript(html: string, setting: Setting, script: string): string {
  const json = JSON.stringify(setting).replace(/</g, '\\u003c');
  const { base, build } = setting;
  return html
    .replace('</head>', `<link rel="stylesheet" href="${base}run.css?${build}">\n</head>`)
    .replace(
      '</body>',
      `<script id="lab-run" type="application/json">${json}</script>\n<script src="${base}${script}?${build}"></script>\n</body>`,
    );
}

/** What the page itself has not shown is not kept: a downloaded lesson shows what its reader has seen. */
function withoutOutputs(notebook: Notebook): Notebook {
  const cells = notebook.cells.map(cell =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  );
  const { widgets: _, ...metadata } = notebook.metadata;
  return { ...notebook, cells, metadata };
}

/** Page of a notebook of the reader's own, in each language, and a way there from the first page, which says that lessons run. */
export function writeOwnPages(folder: string, build: string): void {
  for (const language of LANGUAGES) {
    writeMeasurePage(folder, language, build);
    const up = language === 'en' ? '' : '../';
    const { own, about, first, inPage, measureDevice } = WORDS[language];
    const body = html`<h1>${own}</h1><p>${about}</p><div id="own-cells"></div>`.source;
    const notebook = lessonPage({
      language,
      title: own,
      body,
      uses: new Set(['vega', 'plotly']),
      links: {
        assets: `${up}assets`,
        home: 'index.html',
        otherLanguage: language === 'en' ? 'zh/own.html' : '../own.html',
      },
    });
    const setting: Setting = { base: `${up}${RUN}/`, build, lesson: 'own', language, short: false, own: true };
    const place = path.join(folder, language === 'en' ? '' : 'zh');
    fs.writeFileSync(path.join(place, 'own.html'), withScript(notebook, setting, 'own.js'));
    const index = path.join(place, 'index.html');
    const lead =
      html`<p><strong>${first}</strong> ${inPage} <a href="own.html">${own}</a> · <a href="measure.html">${measureDevice}</a></p>`
        .source;
    // a page that nobody has opened yet needs the network, where the site is not a folder on the reader's disk
    const front = fs.readFileSync(index, 'utf8').replace(INDEX_WORDS[language].offline, '');
    fs.writeFileSync(index, front.replace('</h1>', `</h1>\n${lead}`));
  }
}

function writeMeasurePage(folder: string, language: Language, build: string): void {
  const up = language === 'en' ? '' : '../';
  const { measureDevice, aboutMeasuring } = WORDS[language];
  const page = lessonPage({
    language,
    title: measureDevice,
    body: html`<h1>${measureDevice}</h1><p>${aboutMeasuring}</p><div id="lab-measure"></div>`.source,
    uses: new Set(),
    links: {
      assets: `${up}assets`,
      home: 'index.html',
      otherLanguage: language === 'en' ? 'zh/measure.html' : '../measure.html',
    },
  });
  const setting: Setting = { base: `${up}${RUN}/`, build, lesson: 'measure', language, short: false, own: true };
  const file = path.join(folder, language === 'en' ? '' : 'zh', 'measure.html');
  fs.writeFileSync(file, withScript(page, setting, 'measure.js'));
}

/** The style, and the service worker, which must lie at the top to serve all pages. */
export function copyBeside(folder: string): void {
  const from = (name: string) => path.join(ROOT, 'scripts', 'site', 'page', name);
  fs.copyFileSync(from('run.css'), path.join(folder, RUN, 'run.css'));
  fs.copyFileSync(from('offline.js'), path.join(folder, 'offline.js'));
}
