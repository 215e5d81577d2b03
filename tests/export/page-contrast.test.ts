/**
 * Tables, cards, quizzes and whatever else the notebooks hold as HTML, on the pages that decide its colours: the export and
 * JupyterLab, light and dark. And a chart that names no colours. Measured in a browser: text 4.5 : 1, lines 3 : 1.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';
import { inProject, venv } from '../../scripts/setup/paths';
import { newFolder } from '../folder';
import { measureTexts } from './measure-page';

const THEME = inProject('scripts', 'export', 'theme', 'lesson.css');
const jupyter = (name: string) =>
  path.join(venv, 'share', 'jupyter', 'lab', 'themes', '@jupyterlab', `theme-${name}-extension`, 'index.css');

/** What JupyterLab puts around an output (packages/rendermime/style/base.css, in few words). */
const JUPYTER_STYLE = `body { background: var(--jp-layout-color0); color: var(--jp-content-font-color1); }
a { color: var(--jp-content-link-color); }
table { color: var(--jp-ui-font-color1); } tbody tr:nth-child(odd) { background: var(--jp-layout-color0); }
tbody tr:nth-child(even) { background: var(--jp-rendermime-table-row-background); }
code { background: var(--jp-layout-color2); } pre { color: var(--jp-content-font-color1); }`;

const PAGES = [
  { name: 'the export, light', style: fs.readFileSync(THEME, 'utf8'), theme: 'light' },
  { name: 'the export, dark', style: fs.readFileSync(THEME, 'utf8'), theme: 'dark' },
  { name: 'JupyterLab, light', style: `${fs.readFileSync(jupyter('light'), 'utf8')}${JUPYTER_STYLE}`, theme: 'light' },
  { name: 'JupyterLab, dark', style: `${fs.readFileSync(jupyter('dark'), 'utf8')}${JUPYTER_STYLE}`, theme: 'dark' },
];

/** Every HTML output of the course, each once, with the cell it comes from. */
function outputs(): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, files } of allLessons()) {
    for (const { id, outputs = [] } of readNotebook(files.en).cells) {
      for (const { data } of outputs) {
        const html = data?.['text/html'];
        const seen = typeof html === 'string' ? html.replace(/src="data:[^"]*"/g, 'src="data:,"') : '';
        if (seen && !found.has(seen)) found.set(seen, `${name}, ${id}`);
      }
    }
  }
  return found;
}

describe('contrast of what a page decides', () => {
  const folder = newFolder('contrast');
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  it('the measure itself: grey on grey is found, behind transparency and in SVG, and what nobody sees is not', async () => {
    const page = await browser.newPage();
    await page.setContent(`<body style="background:#111"><p style="color:#666">one</p><p style="color:#eee">good</p>
      <div style="background:rgba(255,255,255,.9)"><p style="color:#eee">two</p></div><p style="color:#fff;opacity:.3">three</p>
      <p hidden style="color:#111">none</p><svg><text y="20" fill="#333">four</text></svg>`);
    const { texts, problems } = (await page.evaluate(measureTexts())) as { texts: number; problems: string[] };
    await page.close();
    assert.equal(texts, 5);
    assert.deepEqual(
      problems.map(problem => /'(\w+)'/.exec(problem)?.[1]),
      ['one', 'two', 'three', 'four'],
    );
  });

  for (const { name, style, theme } of PAGES) {
    it(`${name}: every saved HTML output`, async () => {
      const body = [...outputs()].map(
        ([html, from]) => `<section data-from="${from}" class="output"><div class="html">${html}</div></section>`,
      );
      const file = path.join(folder, `${name}.html`);
      fs.writeFileSync(
        file,
        `<!DOCTYPE html><html data-theme="${theme}"><meta charset="utf-8"><style>${style}</style><body data-jp-theme-light="${theme === 'light'}">${body.join('\n')}`,
      );
      const page = await browser.newPage();
      await page.goto(pathToFileURL(file).href);
      const { texts, problems } = (await page.evaluate(measureTexts())) as { texts: number; problems: string[] };
      await page.close();
      assert.ok(texts > 1000, `${texts} texts`);
      assert.deepEqual(problems, []);
    });
  }
});
