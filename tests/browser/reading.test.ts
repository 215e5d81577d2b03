/** Reading changes nothing: every notebook is opened, scrolled to its end, saved and closed, and is what it was, byte for byte. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { languageOf } from '../../lib/i18n/language';
import { startBrowser } from '../../scripts/export/browser';
import {
  command,
  endKernels,
  type JupyterLab,
  openNotebook,
  press,
  startJupyterLab,
  untilKernelIdle,
} from '../../scripts/notebooks/jupyterlab';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';
import { WIDGET_VIEW, widgetStates } from '../../scripts/notebooks/widgets';
import { pictureFile } from '../screenshots';

const FILES = allLessons().flatMap(({ files }) => Object.values(files));
const lesson = (name: string) => FILES.find(file => file.endsWith(name))!;
const SENTENCES = { en: 'Run the cell to move it.', zh: '运行单元格，就能拖动它。' };

/**
 * The visible notebook, screen by screen to its end. Returns the sentences that stand in place of widgets' controls.
 */
async function readToTheEnd(page: Page): Promise<string[]> {
  await page.evaluate(async () => {
    const scroller = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')!;
    for (let at = 0; at < scroller.scrollHeight; at += 900) {
      scroller.scrollTop = at;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  });
  await new Promise(resolve => setTimeout(resolve, 1500)); // Vega draws, and would write its picture
  return page.evaluate(() => {
    const widgets = document.querySelectorAll(
      '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea .jupyter-widgets-disconnected',
    );
    const styles = Array.from(widgets, widget => getComputedStyle(widget, '::before'));
    return [...new Set(styles.filter(({ display }) => display !== 'none').map(({ content }) => content))];
  });
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

describe('reading in JupyterLab', () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  before(async () => {
    lab = await startJupyterLab(FILES, {}, { trusted: false });
    browser = await startBrowser();
    page = await openNotebook(browser, lab.url(lesson('notebooks/notation.ipynb')));
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  for (const file of FILES) {
    it(`${path.relative('notebooks', file)} stays as it is`, async () => {
      const text = fs.readFileSync(file, 'utf8');
      await command(page, 'docmanager:open', { path: lab.placeOf(file) });
      await untilKernelIdle(page);
      const widgets = Object.keys(widgetStates(readNotebook(file))).length > 0;
      const expected = widgets ? [JSON.stringify(SENTENCES[languageOf(file)])] : [];
      assert.deepEqual(await readToTheEnd(page), expected, 'what cannot be moved says how it can');
      assert.equal(await isDirty(page), false, 'JupyterLab sees no change');
      await save(page);
      assert.ok(fs.readFileSync(lab.copyOf(file), 'utf8') === text, 'the file has not changed');
      await command(page, 'application:close');
      await endKernels(page);
    });
  }

  it('a lesson of which one cell has run keeps the widgets of the others, and its charts have no second picture', async () => {
    const file = lesson('notebooks/05-how-a-network-learns.ipynb');
    await command(page, 'docmanager:open', { path: lab.placeOf(file) });
    await untilKernelIdle(page);
    await readToTheEnd(page);
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
});
