/** The kernel under a reader's hands, in a real JupyterLab: a slider dragged, a loop stopped, completion popped up, an error read. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import { type JupyterLab, openNotebook, startJupyterLab } from '../../scripts/notebooks/jupyterlab';

const CELLS = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the cell's template
  "import { interact, slider } from './lib/widgets';\nawait interact({ x: slider(0, 100) }, ({ x }) => console.log(`twice is ${2 * x}`))",
  'let turns = 0;\nwhile (true) { await new Promise(r => setTimeout(r, 5)); turns++; }',
  'turns > 0',
  'const wrong: string = turns;',
  'turns.toFi',
];
const PICTURES = path.join(os.tmpdir(), 'latentlab-screenshots');

function notebookFile(): string {
  const cells = CELLS.map((source, i) => ({
    id: `cell-${i}`,
    cell_type: 'code',
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = { name: 'tslab', display_name: 'TypeScript', language: 'typescript' };
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-lab-')), 'kernel.ipynb');
  fs.writeFileSync(file, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  return file;
}

describe('kernel in JupyterLab', { timeout: 400_000 }, () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  before(async () => {
    fs.mkdirSync(PICTURES, { recursive: true });
    const file = notebookFile();
    lab = await startJupyterLab([file]);
    browser = await startBrowser();
    page = await openNotebook(browser, lab.url(file));
  });
  after(async () => {
    await page?.screenshot({ path: path.join(PICTURES, 'kernel.png') as `${string}.png` });
    await browser?.close();
    await lab?.stop();
  });

  const focus = async (cell: number) => {
    await page.evaluate(index => {
      document.querySelectorAll<HTMLElement>('.jp-CodeCell .cm-content')[index].focus();
    }, cell);
  };
  const run = async (cell: number) => {
    await focus(cell);
    await page.keyboard.down('Control');
    await page.keyboard.press('Enter');
    await page.keyboard.up('Control');
  };
  const outputHas = (cell: number, text: string) =>
    page.waitForFunction(
      (index, wanted) =>
        document.querySelectorAll('.jp-CodeCell')[index].querySelector('.jp-OutputArea')?.textContent?.includes(wanted),
      { timeout: 90_000, polling: 100 },
      cell,
      text,
    );

  it('a dragged slider runs the function again', async () => {
    await run(0);
    await outputHas(0, 'twice is 0');
    const handle = await page.waitForSelector('.widget-slider .noUi-handle', { timeout: 30_000 });
    const box = (await handle!.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    for (let i = 1; i <= 20; i++) await page.mouse.move(box.x + box.width / 2 + i * 5, box.y + box.height / 2);
    await page.mouse.up();
    const value = await page.waitForFunction(
      () => {
        const [cell] = document.querySelectorAll('.jp-CodeCell');
        const readout = Number(cell.querySelector('.widget-readout')?.textContent);
        return readout > 10 && cell.textContent?.includes(`twice is ${2 * readout}`) ? readout : false;
      },
      { timeout: 30_000, polling: 100 },
    );
    assert.ok(Number(await value.jsonValue()) > 10);
  });

  it('the stop button ends a loop and keeps the variables', async () => {
    await run(1);
    await new Promise(resolve => setTimeout(resolve, 3000));
    const stop = await page.waitForSelector(
      '[data-command="notebook:interrupt-kernel"], [data-jp-item-name="interrupt"] jp-button',
    );
    await stop!.click();
    await outputHas(1, 'KeyboardInterrupt');
    await run(2);
    await outputHas(2, 'true');
  });

  it('a type error is underlined in the output', async () => {
    await run(3);
    await outputHas(3, "Type 'number' is not assignable to type 'string'");
    await outputHas(3, '~~~~~');
  });

  it('Tab completes', async () => {
    await focus(4);
    await page.keyboard.press('End');
    await page.keyboard.press('Tab');
    await page.waitForFunction(
      index =>
        document.querySelector('.jp-Completer')?.textContent?.includes('toFixed') ||
        document.querySelectorAll('.jp-CodeCell .cm-content')[index].textContent?.includes('toFixed'),
      { timeout: 60_000, polling: 100 },
      4,
    );
  });
});
