/** A reader's own work in a real JupyterLab: the template run, a notebook made, saved and exported, a changed lesson brought back. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { main as exportCommand } from '../../scripts/export';
import { startBrowser } from '../../scripts/export/browser';
import {
  command,
  type JupyterLab,
  notebookState,
  openFile,
  press,
  startJupyterLab,
  typeInto,
  untilDone,
  untilKernelIdle,
} from '../../scripts/notebooks/jupyterlab';
import { MY_WORK, makeMyWork } from '../../scripts/notebooks/my-work';
import { allLessons, ROOT, readNotebook } from '../../scripts/notebooks/notebook';
import { keepShipped } from '../../scripts/notebooks/shipped';
import { main as reset } from '../../scripts/reset';
import { VSCODE_NOTEBOOK } from '../cells';
import { visit } from '../export/offline';
import { newFolder } from '../folder';
import { pictureFile } from '../screenshots';
import { openStartPage } from './start-page';

const [LESSON] = allLessons();
const VEGA =
  "({ mark: 'bar', data: { values: [{ a: 1 }, { a: 2 }] }, encoding: { x: { field: 'a', type: 'quantitative' } } })";
const PLOTLY = "({ data: [{ y: [1, 3, 2] }], layout: { title: { text: 'Mine' } } })";
const SEEN = '.jp-NotebookPanel:not(.lm-mod-hidden)';

describe('own work in JupyterLab', { timeout: 400_000 }, () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  /** The course's folder, as this JupyterLab has it: its lessons, the reader's folder, and what was given out. */
  let root: string;
  before(async () => {
    lab = await startJupyterLab([LESSON.files.en, LESSON.files.zh]);
    root = path.resolve(path.dirname(lab.copyOf(LESSON.files.en)), '..');
    fs.writeFileSync(path.join(root, 'package.json'), '{"version": "1.0.0"}');
    fs.cpSync(path.join(ROOT, 'notebooks/templates'), path.join(root, 'notebooks/templates'), { recursive: true });
    keepShipped(root);
    makeMyWork(root);
    browser = await startBrowser();
    page = await openStartPage(browser, lab);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  const mine = (name: string) => path.join(root, MY_WORK, name);
  const drawn = (selector: string) => page.waitForSelector(`${SEEN} .jp-OutputArea ${selector}`, { timeout: 60_000 });

  it('a click on the start page shows the folder, another opens the template in it, and it runs to its end', async () => {
    await page.click('.latentlab-start [data-path="my-work"]');
    const file = await page.waitForSelector(
      '::-p-xpath(//*[contains(@class, "jp-DirListing-itemText")][.="start-your-own.ipynb"])',
      { timeout: 20_000 },
    );
    await file!.click({ count: 2 });
    await page.waitForSelector(`${SEEN} .jp-CodeCell`, { timeout: 60_000 });
    await untilKernelIdle(page);
    await command(page, 'notebook:run-all-cells');
    const { errors, charts } = await untilDone(page, 120);
    assert.deepEqual(errors, []);
    assert.ok(charts >= 2, `${charts} figures`);
    const text = await page.$eval(`${SEEN} .jp-Notebook`, e => e.textContent ?? '');
    const right = Number(/(\d+\.\d) % of the flowers are named rightly/.exec(text)?.[1]);
    assert.ok(right > 90, `${right} % named rightly`);
    await page.screenshot({ path: pictureFile('own-template.png') });
  });

  it('a new notebook draws a Vega-Lite and a Plotly object that end its cells, and takes its name as it is saved', async () => {
    const made = { cwd: 'my-work', kernelName: 'tslab' };
    await command(page, 'notebook:create-new', made);
    await page.waitForSelector(`${SEEN} .jp-CodeCell`, { timeout: 60_000 });
    await untilKernelIdle(page);
    for (const [code, figure] of [
      [VEGA, '.vega-embed :is(svg, canvas)'],
      [PLOTLY, '.js-plotly-plot .main-svg'],
    ]) {
      await page.keyboard.press('Enter');
      await page.keyboard.type(code);
      await press(page, 'Shift', 'Enter');
      await drawn(figure);
    }
    const { errors, charts } = await notebookState(page);
    assert.deepEqual([errors, charts], [[], 2]);
    await press(page, 'Control', 's');
    const name = await page.waitForSelector('.jp-Dialog input', { timeout: 20_000 });
    await name!.click({ count: 3 });
    await page.keyboard.type('mine.ipynb');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.jp-Dialog', { hidden: true, timeout: 20_000 });
    for (let i = 0; i < 100 && !fs.existsSync(mine('mine.ipynb')); i++) await new Promise(r => setTimeout(r, 100));
    await page.screenshot({ path: pictureFile('own-new.png') });
    const { metadata } = readNotebook(mine('mine.ipynb'));
    assert.equal((metadata.kernelspec as { name: string }).name, 'tslab');
  });

  it('what JupyterLab has saved is exported as page, one file, slides and PDF, with both figures alive', async () => {
    const out = newFolder('own-site');
    assert.equal(await exportCommand([mine('mine.ipynb'), '--single-file', '--out', out]), 0);
    const at = (ending: string) => path.join(out, 'my-work', `mine${ending}`);
    assert.equal(fs.readFileSync(at('.pdf')).subarray(0, 4).toString(), '%PDF');
    const own = await startBrowser();
    for (const ending of ['.html', '.single.html', '.slides.html']) {
      const { page: shown, network, errors } = await visit(own, at(ending));
      const figures = await shown.evaluate(() =>
        ['.lab-live.drawn :is(svg, canvas)', '.js-plotly-plot .main-svg'].map(s => document.querySelector(s) !== null),
      );
      assert.deepEqual([network, errors, figures], [[], [], [true, true]], ending);
      await shown.close();
    }
    await own.close();
  });

  it('a notebook that VS Code has written opens, runs and keeps what VS Code keeps in it', async () => {
    fs.writeFileSync(mine('vscode.ipynb'), VSCODE_NOTEBOOK);
    await openFile(page, 'my-work/vscode.ipynb');
    await command(page, 'notebook:run-all-cells');
    const { errors, charts, ran } = await untilDone(page, 60);
    assert.deepEqual([errors, charts, ran], [[], 1, 3]);
    await command(page, 'docmanager:save');
    const [, , sum] = readNotebook(mine('vscode.ipynb')).cells;
    assert.deepEqual(sum.outputs?.[0].data?.['text/plain'], '6');
    assert.deepEqual(sum.metadata.vscode, { languageId: 'typescript' });
  });

  it('a changed lesson is brought back by one command, and the open page by one entry of its menu', async () => {
    const file = lab.copyOf(LESSON.files.en);
    const given = fs.readFileSync(file, 'utf8');
    const source = () => page.$eval(`${SEEN} .jp-CodeCell .cm-content`, e => e.textContent ?? '');
    await openFile(page, lab.placeOf(LESSON.files.en));
    const before = await source();
    await typeInto(page, `${SEEN} .jp-CodeCell .cm-content`, '// mine ');
    await command(page, 'docmanager:save');
    assert.notEqual(await source(), before);
    assert.notEqual(fs.readFileSync(file, 'utf8'), given);
    const lines: string[] = [];
    reset([LESSON.name], root, line => lines.push(line));
    assert.equal(fs.readFileSync(file, 'utf8'), given);
    assert.match(lines.join('\n'), /is now notebooks\/my-work\/.*Reload Notebook from Disk/s);
    await command(page, 'docmanager:reload');
    await page.waitForFunction(
      (selector, text) => document.querySelector(selector)?.textContent === text,
      { timeout: 20_000 },
      `${SEEN} .jp-CodeCell .cm-content`,
      before,
    );
    const kept = fs.readdirSync(path.join(root, MY_WORK)).filter(name => name.startsWith(LESSON.name));
    assert.match(fs.readFileSync(mine(kept[0]), 'utf8'), /\/\/ mine /);
  });
});
