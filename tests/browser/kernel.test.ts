/** The kernel under a reader's hands, in a real JupyterLab: a slider dragged, a loop stopped, completion popped up, an error read. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import { type JupyterLab, openNotebook, startJupyterLab } from '../../scripts/notebooks/jupyterlab';
import { widgetStates } from '../../scripts/notebooks/widgets';
import { ENDLESS_TRAINING, notebookFile } from '../cells';
import { pictureFile } from '../screenshots';

const CELLS = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the cell's template
  "import { interact, slider } from './lib/widgets';\nawait interact({ x: slider(0, 100) }, ({ x }) => console.log(`twice is ${2 * x}`))",
  'let turns = 0;\nwhile (true) { await new Promise(r => setTimeout(r, 5)); turns++; }',
  'turns > 0',
  'const wrong: string = turns;',
  'turns.toFi',
  ENDLESS_TRAINING,
  "console.log('old'); const bridge = (globalThis as any)[Symbol.for('latentlab.kernel')];\nbridge.clearOutput(true); console.log('\\x1b[31mnew\\x1b[39m');",
];

describe('kernel in JupyterLab', { timeout: 400_000 }, () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  let dragged = 0;
  before(async () => {
    const file = notebookFile('kernel', CELLS);
    lab = await startJupyterLab([file]);
    browser = await startBrowser();
    page = await openNotebook(browser, lab.url(file));
  });
  after(async () => {
    await page?.screenshot({ path: pictureFile('kernel.png') });
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

  const pressStop = async () => {
    const stop = await page.waitForSelector(
      '[data-command="notebook:interrupt-kernel"], [data-jp-item-name="interrupt"] jp-button',
    );
    await stop!.click();
  };
  const picture = (name: string) => page.screenshot({ path: pictureFile(`kernel-${name}.png`) });

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
    dragged = Number(await value.jsonValue());
    assert.ok(dragged > 10);
    await picture('slider');
  });

  it('the stop button ends a loop and keeps the variables', async () => {
    await run(1);
    await new Promise(resolve => setTimeout(resolve, 3000));
    await pressStop();
    await outputHas(1, 'KeyboardInterrupt');
    await run(2);
    await outputHas(2, 'true');
  });

  it('the stop button ends a training in good order', async () => {
    await run(5);
    await outputHas(5, 'loss');
    await new Promise(resolve => setTimeout(resolve, 1500));
    const pressed = performance.now();
    await pressStop();
    await outputHas(5, "'interrupted'");
    assert.ok(performance.now() - pressed < 5000, 'the output is there soon after');
    await picture('training-stopped');
  });

  it('clear_output(wait) replaces, and colours are shown', async () => {
    await run(6);
    await outputHas(6, 'new');
    const seen = await page.evaluate(() => {
      const output = document.querySelectorAll('.jp-CodeCell')[6].querySelector('.jp-OutputArea')!;
      return { text: output.textContent, red: output.querySelector('.ansi-red-fg')?.textContent };
    });
    assert.deepEqual([seen.text?.includes('old'), seen.red], [false, 'new']);
  });

  it('a type error is underlined in the output', async () => {
    await run(3);
    await outputHas(3, "Type 'number' is not assignable to type 'string'");
    await outputHas(3, '~~~~~');
    await picture('error');
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
    await picture('completion');
    await page.keyboard.press('Escape');
  });

  it('the saved notebook keeps the last state of its widgets', async () => {
    await page.keyboard.down('Control');
    await page.keyboard.press('s');
    await page.keyboard.up('Control');
    const saved = async () => {
      const notebook = await page.evaluate(async address => {
        const url = new URL(address);
        const answer = await fetch(`/api/contents/kernel.ipynb?token=${url.searchParams.get('token')}`, {
          cache: 'no-store',
        });
        return (await answer.json()).content;
      }, lab.url());
      return widgetStates(notebook);
    };
    let sliders: unknown[] = [];
    for (let i = 0; i < 40 && sliders.length === 0; i++) {
      await new Promise(resolve => setTimeout(resolve, 500));
      const models = Object.values(await saved()).filter(model => model.model_name === 'IntSliderModel');
      sliders = models.map(model => (model.state as { value: number }).value);
    }
    assert.deepEqual(sliders, [dragged]);
  });
});
