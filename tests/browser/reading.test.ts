/** Reading changes nothing: every notebook is opened, scrolled to its end, saved and closed, and is what it was, byte for byte. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import {
  closeNotebook,
  command,
  type JupyterLab,
  type Kernel,
  kernelOf,
  openFile,
  openNotebook,
  press,
  startJupyterLab,
} from '../../scripts/notebooks/jupyterlab';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';
import { WIDGET_VIEW, widgetStates } from '../../scripts/notebooks/widgets';
import { pictureFile } from '../screenshots';

const FILES = { en: allLessons().map(({ files }) => files.en), zh: allLessons().map(({ files }) => files.zh) };
const SENTENCES = { en: 'Run the cell to move it.', zh: '运行单元格，就能拖动它。' };

/**
 * The visible notebook, screen by screen to its end. Returns the sentences that stand in place of widgets' controls; where
 * some are to come, it waits for them.
 */
async function readToTheEnd(page: Page, some: boolean): Promise<string[]> {
  await page.evaluate(async () => {
    const scroller = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')!;
    for (let at = 0; at < scroller.scrollHeight; at += 900) {
      scroller.scrollTop = at;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  });
  const cut = '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea .jupyter-widgets-disconnected';
  if (some) await page.waitForSelector(cut, { timeout: 60_000 });
  await new Promise(resolve => setTimeout(resolve, 1500)); // Vega draws, and would write its picture
  return page.evaluate(selector => {
    const styles = Array.from(document.querySelectorAll(selector), widget => getComputedStyle(widget, '::before'));
    return [...new Set(styles.filter(({ display }) => display !== 'none').map(({ content }) => content))];
  }, cut);
}

interface LabWindow {
  jupyterapp: { shell: { currentWidget: { content: { model: { dirty: boolean } } } } };
}

const isDirty = (page: Page) =>
  page.evaluate(() => (window as unknown as LabWindow).jupyterapp.shell.currentWidget.content.model.dirty);

async function save(page: Page): Promise<void> {
  await press(page, 'Control', 's');
  await new Promise(resolve => setTimeout(resolve, 1000));
}

// Two readers at once, each in a browser of their own and with one kernel for all that they open: it takes minutes as it is.
describe('reading in JupyterLab', { concurrency: 2 }, () => {
  let lab: JupyterLab;
  before(async () => {
    lab = await startJupyterLab([...FILES.en, ...FILES.zh], {}, { trusted: false });
  });
  after(() => lab?.stop());

  for (const language of ['en', 'zh'] as const)
    describe(language, { concurrency: 1 }, () => {
      let browser: Browser;
      let page: Page;
      let kernel: Kernel;
      const close = (file: string) => closeNotebook(page, lab.placeOf(file), { keep: true });
      before(async () => {
        browser = await startBrowser();
        page = await openNotebook(browser, lab.url(FILES[language][0]));
        kernel = await kernelOf(page, lab.placeOf(FILES[language][0]));
        await close(FILES[language][0]);
      });
      after(() => browser?.close());

      for (const file of FILES[language])
        it(`${path.relative('notebooks', file)} stays as it is`, async () => {
          const text = fs.readFileSync(file, 'utf8');
          await openFile(page, lab.placeOf(file), kernel);
          const widgets = Object.keys(widgetStates(readNotebook(file))).length > 0;
          const expected = widgets ? [JSON.stringify(SENTENCES[language])] : [];
          assert.deepEqual(await readToTheEnd(page, widgets), expected, 'what cannot be moved says how it can');
          assert.equal(await isDirty(page), false, 'JupyterLab sees no change');
          await save(page);
          assert.ok(fs.readFileSync(lab.copyOf(file), 'utf8') === text, 'the file has not changed');
          await close(file);
        });

      if (language === 'en') oneCellRun(() => ({ lab, page }));
    });
});

/** Registers the test of a lesson that is opened and then run in part. */
function oneCellRun(reader: () => { lab: JupyterLab; page: Page }): void {
  it('a lesson of which one cell has run keeps the widgets of the others, and its charts have no second picture', async () => {
    const { lab, page } = reader();
    const file = FILES.en.find(name => name.endsWith('05-how-a-network-learns.ipynb'))!;
    await openFile(page, lab.placeOf(file));
    await readToTheEnd(page, true);
    await page.evaluate(() => {
      document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')!.scrollTop = 0;
    });
    await page.screenshot({ path: pictureFile('reading.png') });
    const before = widgetStates(readNotebook(file));
    await command(page, 'notebook:insert-cell-below');
    await page.keyboard.press('Enter');
    await page.keyboard.type("import { slider } from './lib/widgets'; slider(0, 7)");
    await press(page, 'Control', 'Enter');
    await page.waitForSelector('.jp-OutputArea .widget-slider:not(.jupyter-widgets-disconnected)', { timeout: 60_000 });
    await command(page, 'docmanager:save');
    const saved = readNotebook(lab.copyOf(file));
    const after = widgetStates(saved);
    for (const [id, state] of Object.entries(before)) assert.deepEqual(after[id], state, `${id} is as it was`);
    const added = Object.keys(after).filter(id => !(id in before));
    assert.ok(added.length >= 1, 'the new slider is saved');
    const outputs = saved.cells.flatMap(cell => cell.outputs ?? []);
    const shown = outputs.map(({ data }) => (data?.[WIDGET_VIEW] as { model_id?: string } | undefined)?.model_id);
    assert.ok(
      added.some(id => shown.includes(id)),
      'and an output shows it',
    );
    const written = outputs.filter(({ data }) => data?.['application/vnd.vegalite.v5+json'] && data['image/png']);
    assert.equal(written.length, 0, 'no chart has got a PNG');
  });
}
