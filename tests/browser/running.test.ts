/** Running in a real JupyterLab: Run All keeps the reader's place, stop ends the queue, a cell out of order says what is missing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import {
  begin,
  chooseMenu,
  command,
  type JupyterLab,
  openNotebook,
  startJupyterLab,
  untilDone,
} from '../../scripts/notebooks/jupyterlab';
import { ENDLESS_TRAINING, notebookFile } from '../cells';
import { pictureFile } from '../screenshots';

const CLAIM = "claim('it has learnt', false, { trained: true }); table([{ steps: 3 }])";

const CHANGED = [
  "import { claim, table } from './lib'; let n = 3;",
  "claim('n is four', n === 4); table([{ n }])",
  "'went on'",
];
const LINES = Array.from({ length: 12 }, (_, i) => `console.log(${i}, '\\n'.repeat(15));`);
const FILES = {
  long: notebookFile('long', LINES),
  stop: notebookFile('stop', [ENDLESS_TRAINING, "console.log('this ran')", CLAIM]),
  early: notebookFile('early', ["console.log('early ' + 'bird')"]),
  changed: notebookFile('changed', CHANGED),
  first: notebookFile('first', [ENDLESS_TRAINING]),
  order: notebookFile('order', ['const above = 1;', 'above + 1']),
};

/** Holds back what JupyterLab asks on the way to a notebook's kernel until told otherwise, as a slow machine does. */
async function slowKernels(page: Page): Promise<() => void> {
  let go = () => {};
  const gone = new Promise<void>(resolve => {
    go = resolve;
  });
  await page.setRequestInterception(true);
  page.on('request', request => {
    const held = /\/api\/contents\/.*\/checkpoints/.test(request.url());
    void (held ? gone : Promise.resolve()).then(() => request.continue());
  });
  return go;
}

describe('running in JupyterLab', { timeout: 400_000 }, () => {
  let lab: JupyterLab;
  let browser: Browser;
  before(async () => {
    lab = await startJupyterLab(Object.values(FILES));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  const cellText = (page: Page, index: number) =>
    page.evaluate(i => document.querySelectorAll('.jp-CodeCell')[i].textContent ?? '', index);
  const outputText = (page: Page, index: number) =>
    page.evaluate(
      i => document.querySelectorAll('.jp-CodeCell')[i].querySelector('.jp-OutputArea')?.textContent ?? '',
      index,
    );
  const outputHas = (page: Page, cell: number, text: string) =>
    page.waitForFunction(
      (index, wanted) =>
        document.querySelectorAll('.jp-CodeCell')[index].querySelector('.jp-OutputArea')?.textContent?.includes(wanted),
      { timeout: 90_000, polling: 100 },
      cell,
      text,
    );
  /** Where a cell's top is, measured from the notebook's. */
  const topOf = (page: Page, cell: number) =>
    page.evaluate(index => {
      const notebook = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')!;
      const box = document.querySelectorAll('.jp-CodeCell')[index].getBoundingClientRect();
      return box.top - notebook.getBoundingClientRect().top;
    }, cell);
  const clickOn = (page: Page, cell: number) =>
    page.evaluate(index => {
      document.querySelectorAll<HTMLElement>('.jp-CodeCell .cm-content')[index].focus();
    }, cell);

  it('Run All, All Above and All Below leave the page where the reader has it, with outputs and without', async () => {
    const page = await openNotebook(browser, lab.url(FILES.long));
    await clickOn(page, 2);
    const before = await topOf(page, 2);
    await chooseMenu(page, 'Run', 'runmenu:run-all');
    await untilDone(page, 60);
    await clickOn(page, 5);
    await page.evaluate(() => {
      document.querySelectorAll('.jp-CodeCell')[5].scrollIntoView({ block: 'start' });
    });
    await new Promise(resolve => setTimeout(resolve, 500));
    for (const again of ['notebook:run-all-cells', 'notebook:run-all-above', 'notebook:run-all-below']) {
      const place = await topOf(page, 5);
      await command(page, again);
      await untilDone(page, 60);
      await new Promise(resolve => setTimeout(resolve, 500));
      const now = await topOf(page, 5);
      assert.ok(Math.abs(now - place) < 40, `${again}: the cell was ${place} px below the top, is ${now}`);
    }
    assert.ok(before >= 0);
    await page.close();
  });

  it('what is run before the kernel is there waits for it, and nobody is asked which kernel', async () => {
    const page = await browser.newPage();
    const go = await slowKernels(page);
    await page.goto(lab.url(FILES.early), { waitUntil: 'domcontentloaded', timeout: 60_000 });
    await page.waitForSelector('.jp-Notebook .jp-CodeCell', { timeout: 40_000 });
    await begin(page, 'notebook:run-all-cells');
    await new Promise(resolve => setTimeout(resolve, 1000));
    const asked = await page.$$eval('.jp-Dialog', dialogs => dialogs.map(dialog => dialog.textContent));
    assert.deepEqual(asked, []);
    go();
    await outputHas(page, 0, 'early bird');
    assert.deepEqual(await page.$$('.jp-Dialog'), []);
    const start = '::-p-xpath(//*[contains(@class, "lm-TabBar-tabLabel")][text()="Start"])';
    await (await page.waitForSelector(start, { timeout: 5000 }))!.click(); // the way to the other lessons is there, too
    await page.waitForSelector('.latentlab-start li', { visible: true, timeout: 10_000 });
    await page.close();
  });

  it('the stop button during Run All ends the queue; a claim after it says that the training was interrupted', async () => {
    const page = await openNotebook(browser, lab.url(FILES.stop));
    await begin(page, 'notebook:run-all-cells');
    await outputHas(page, 0, 'loss');
    await new Promise(resolve => setTimeout(resolve, 1000));
    await command(page, 'notebook:interrupt-kernel');
    await outputHas(page, 0, "'interrupted'");
    const state = await untilDone(page, 30);
    assert.equal(state.ran, 1);
    assert.equal(state.errors.length, 0);
    assert.match(await cellText(page, 1), /^\[ \]:/);
    assert.equal(await outputText(page, 1), '');
    await clickOn(page, 2);
    await command(page, 'notebook:run-cell');
    await outputHas(page, 2, 'Interrupted');
    await outputHas(page, 2, 'steps');
    await page.screenshot({ path: pictureFile('interrupted.png') });
    await page.close();
  });

  it('a claim that fails after a changed number says so, shows its table, and the cells below it run', async () => {
    const page = await openNotebook(browser, lab.url(FILES.changed));
    await begin(page, 'notebook:run-all-cells');
    await outputHas(page, 2, 'went on');
    const { errors, ran } = await untilDone(page, 30);
    assert.deepEqual([errors, ran], [[], 3]);
    assert.match(await outputText(page, 1), /n is four/);
    assert.equal(await page.$$eval('.jp-OutputArea table', tables => tables.length), 1);
    await page.close();
  });

  it('a stop in the first cell of a notebook just opened ends it at once, though the compiler still reads', async () => {
    const page = await openNotebook(browser, lab.url(FILES.first));
    await begin(page, 'notebook:run-cell');
    await page.waitForSelector('::-p-xpath(//*[contains(@class, "jp-InputPrompt")][contains(., "*")])');
    const pressed = performance.now();
    await begin(page, 'notebook:interrupt-kernel');
    await outputHas(page, 0, 'stopped by the reader before it began');
    assert.ok(performance.now() - pressed < 3000, 'the reader waits for the compiler');
    assert.equal((await untilDone(page, 10)).ran, 1);
    await page.close();
  });

  it('a cell run before those above it names what is missing, and Run All Above mends it', async () => {
    const page = await openNotebook(browser, lab.url(FILES.order));
    await clickOn(page, 1);
    await command(page, 'notebook:run-cell');
    await outputHas(page, 1, 'Run All Above Selected Cell');
    assert.match(await outputText(page, 1), /above/);
    await page.screenshot({ path: pictureFile('order.png') });
    await command(page, 'notebook:run-all-above');
    await untilDone(page, 30);
    await clickOn(page, 1);
    await command(page, 'notebook:run-cell');
    await outputHas(page, 1, '2');
    assert.equal((await untilDone(page, 30)).errors.length, 0);
    await page.close();
  });
});
