/** Lets exported lesson pages run: their cells beside the bundles, and the bundle in the page. */
import fs from 'node:fs';
import path from 'node:path';
import type { Sheet } from '../export/sheet';
import { sheetPath } from '../export/sheet';
import { ROOT, tagsOf } from '../notebooks/notebook';
import { RUNNING } from './lessons';
import type { LessonCell, Setting } from './page/page';

/** Folder of the site that holds the bundles, types and data. */
export const RUN = 'run';

/** Writes the cells of a lesson, and puts the scripts into its page. */
export function makeRunnable(folder: string, sheet: Sheet): void {
  const { name, language, notebook, place } = sheet;
  const cells = notebook.cells
    .filter(cell => cell.cell_type === 'code' && cell.source.trim() !== '')
    .map((cell): LessonCell => ({ id: cell.id, source: cell.source, tags: tagsOf(cell) }));
  const lessons = path.join(folder, RUN, 'lessons');
  fs.mkdirSync(lessons, { recursive: true });
  fs.writeFileSync(path.join(lessons, `${name}.json`), JSON.stringify(cells));
  const base = `${path.posix.relative(place, RUN)}/`;
  const setting: Setting = { base, lesson: name, language, short: RUNNING[name]?.short ?? false };
  const file = sheetPath(folder, sheet, 'html');
  const html = fs.readFileSync(file, 'utf8');
  const json = JSON.stringify(setting).replace(/</g, '\\u003c');
  fs.writeFileSync(
    file,
    html
      .replace('</head>', `<link rel="stylesheet" href="${base}run.css">\n</head>`)
      .replace(
        '</body>',
        `<script id="lab-run" type="application/json">${json}</script>\n<script src="${base}page.js"></script>\n</body>`,
      ),
  );
}

/** The style, and the service worker, which must lie at the top to serve all pages. */
export function copyBeside(folder: string): void {
  const from = (name: string) => path.join(ROOT, 'scripts', 'site', 'page', name);
  fs.copyFileSync(from('run.css'), path.join(folder, RUN, 'run.css'));
  fs.copyFileSync(from('offline.js'), path.join(folder, 'offline.js'));
}
