/** A tab closed during a training and opened again: bar and chart go on, waiting cells run, and all is right after the end. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import {
  begin,
  type JupyterLab,
  openNotebook,
  press,
  startJupyterLab,
  untilDone,
} from '../../scripts/notebooks/jupyterlab';
import { readNotebook } from '../../scripts/notebooks/notebook';
import { notebookFile } from '../cells';
import { pictureFile } from '../screenshots';

const TRAINING = [
  "import { display, progressBar, tf, train } from './lib';",
  "console.log('begun');",
  "display({ 'text/html': '<b class=\"chart\">chart 0</b>' }, { id: 'chart' });",
  'const step = ({ x }: Record<string, tf.Tensor>) => ({ loss: x.square().mean().asScalar() });',
  'let drawn = 0;',
  'const chart = { onStep: async () => { await new Promise(r => setTimeout(r, 100)); drawn++;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the cell's template
  "  display({ 'text/html': `<b class=\"chart\">chart ${drawn}</b>` }, { id: 'chart', update: true }); } };",
  'function* batches() { for (let i = 0; i < STEPS; i++) yield { x: tf.ones([4]) }; }',
  'const result = await train({ step, batches, epochs: 1, stepsPerEpoch: STEPS, observers: [progressBar(), chart] });',
  'result.stopped',
];
const WAITING = "console.log('waited for its turn')";

const cellsOf = (steps: number) => [TRAINING.join('\n').replaceAll('STEPS', String(steps)), WAITING];

describe('a page that comes back', { timeout: 400_000 }, () => {
  const long = notebookFile('long', cellsOf(400));
  const short = notebookFile('short', cellsOf(60));
  let lab: JupyterLab;
  let browser: Browser;
  before(async () => {
    lab = await startJupyterLab([long, short]);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  /** The kernel of a page that comes back is busy. */
  async function open(file: string): Promise<Page> {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 900 });
    await page.goto(lab.url(file), { waitUntil: 'domcontentloaded', timeout: 60_000 });
    await page.waitForSelector('.jp-Notebook .jp-CodeCell', { timeout: 90_000 });
    return page;
  }
  async function beginAndLeave(file: string): Promise<void> {
    const page = await openNotebook(browser, lab.url(file));
    await begin(page, 'notebook:run-all-cells');
    await charted(page, 3);
    await page.close({ runBeforeUnload: false });
  }
  const drawn = (page: Page) =>
    page.evaluate(() => Number(/chart (\d+)/.exec(document.querySelector('.chart')?.textContent ?? '')?.[1] ?? -1));
  const charted = (page: Page, atLeast: number) =>
    page.waitForFunction(
      n => Number(/chart (\d+)/.exec(document.querySelector('.chart')?.textContent ?? '')?.[1] ?? -1) >= n,
      { timeout: 90_000, polling: 100 },
      atLeast,
    );
  const outputOf = (page: Page, cell: number) =>
    page.evaluate(
      i => document.querySelectorAll('.jp-CodeCell')[i].querySelector('.jp-OutputArea')?.textContent ?? '',
      cell,
    );

  it('bar and chart go on where they are, the stop button ends them, and the saved file has all', async () => {
    await beginAndLeave(long);
    const page = await open(long);
    await charted(page, 4);
    assert.match(await outputOf(page, 0), /begun/, 'what was printed before is there');
    const prompt = await page.$eval('.jp-CodeCell .jp-InputPrompt', e => e.textContent);
    assert.equal(prompt, '[*]:');
    const first = await drawn(page);
    await charted(page, first + 5);
    assert.match(await outputOf(page, 0), /loss/, 'the bar is there');
    await page.screenshot({ path: pictureFile('returned.png') });
    await begin(page, 'notebook:interrupt-kernel');
    const state = await untilDone(page, 60);
    assert.match(await outputOf(page, 0), /'interrupted'/);
    assert.equal(state.errors.length, 0);
    assert.equal(await outputOf(page, 1), '', 'the cell that waited was not run');
    await press(page, 'Control', 's');
    await new Promise(resolve => setTimeout(resolve, 1500));
    const [training] = readNotebook(lab.copyOf(long)).cells;
    assert.match(JSON.stringify(training.outputs), /begun.*chart \d+.*interrupted/s);
    await page.close();
  });

  it('after the end it is as if the page had been there, the cell that waited included', async () => {
    await beginAndLeave(short);
    await new Promise(resolve => setTimeout(resolve, 15_000));
    const page = await open(short);
    await charted(page, 60);
    const state = await untilDone(page, 30);
    assert.equal(state.ran, 2);
    assert.match(await outputOf(page, 0), /begun.*'finished'/s);
    assert.equal(await outputOf(page, 1), 'waited for its turn\n');
    await page.close();
  });
});
