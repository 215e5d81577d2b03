/** A slider's way into a page: run by the kernel, kept in the saved notebook, drawn without kernel and network. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import { buildSite } from '../../scripts/export/site';
import { executeNotebook } from '../../scripts/notebooks/execute';
import { normalise } from '../../scripts/notebooks/normalise';
import {
  type Cell,
  type JsonObject,
  type Notebook,
  readNotebook,
  writeNotebook,
} from '../../scripts/notebooks/notebook';
import { syncNotebook } from '../../scripts/notebooks/sync';
import { partsOf, widgetStates } from '../../scripts/notebooks/widgets';
import { notebookOf } from '../cells';
import { newFolder } from '../folder';
import { pictureFile } from '../screenshots';
import { visit } from './offline';

const SOURCES = [
  "import { dropdown, interact, row, slider } from './lib/widgets';\nconst steps = slider(0, 100, { value: 5, label: 'steps' });\nsteps",
  'steps.value = 42;',
  "row(slider(0, 1, { value: 0.25, label: 'rate' }), dropdown(['ddpm', 'ddim'], { value: 'ddim' }))",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the cell's template
  "await interact({ x: slider(0, 10, { value: 3 }) }, ({ x }) => ({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': `<b>square ${x * x}</b>`, 'text/plain': 'square' }) }))",
];

/** With a title, as exported pages have one. */
function titled(sources: readonly string[]): Notebook {
  const notebook = notebookOf(sources);
  const title: Cell = { cell_type: 'markdown', id: 'title', metadata: {}, source: '# Widgets' };
  return { ...notebook, cells: [title, ...notebook.cells] };
}

describe('widgets in exports', { timeout: 300_000 }, () => {
  const folder = newFolder('widgets');
  const at = (name: string) => path.join(folder, name);
  let browser: Browser;
  let saved: Notebook;
  before(async () => {
    writeNotebook(at('source.ipynb'), titled(SOURCES));
    const { failure } = await executeNotebook(at('source.ipynb'), {
      output: at('ran.ipynb'),
      quick: true,
      timeoutSeconds: 200,
    });
    assert.equal(failure, undefined, JSON.stringify(failure));
    saved = normalise(readNotebook(at('ran.ipynb')));
    const lesson = { name: '01-widgets', files: { en: at('en.ipynb'), zh: at('zh.ipynb') } };
    writeNotebook(lesson.files.en, saved);
    writeNotebook(lesson.files.zh, syncNotebook(saved, titled([])).notebook);
    await buildSite({ lessons: [lesson], folder: at('site'), single: true });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
  });

  it('the saved notebook keeps the last state, under names that do not change from run to run', () => {
    const states = widgetStates(saved);
    const names = Object.keys(states);
    assert.deepEqual(
      names,
      names.map((_, i) => `widget-${i + 1}`),
    );
    const shown = (saved.cells[1].outputs![0].data!['application/vnd.jupyter.widget-view+json'] as JsonObject).model_id;
    assert.equal((states[String(shown)].state as JsonObject).value, 42);
    const box = (saved.cells[3].outputs![0].data!['application/vnd.jupyter.widget-view+json'] as JsonObject).model_id;
    assert.equal(partsOf(String(box), states).size, 3);
    assert.deepEqual(normalise(saved), saved);
  });

  for (const page of ['01-widgets.html', 'zh/01-widgets.html', '01-widgets.slides.html', '01-widgets.single.html']) {
    it(`${page} draws sliders with their last values, and asks no network`, async () => {
      const visited = await visit(browser, path.join(at('site'), page));
      assert.deepEqual(visited.errors, []);
      await visited.page.waitForFunction(() => document.querySelectorAll('.noUi-handle').length >= 3, {
        timeout: 20_000,
      });
      const seen = await visited.page.evaluate(() => ({
        labels: Array.from(document.querySelectorAll('.widget-slider .widget-label'), e => e.textContent),
        names: Array.from(document.querySelectorAll('.noUi-handle'), e => e.ariaLabel),
        values: Array.from(document.querySelectorAll('.widget-slider .widget-readout'), e => e.textContent),
        choice: document.querySelector<HTMLSelectElement>('.widget-dropdown select')?.value,
        result: Array.from(document.querySelectorAll('b'), e => e.textContent).filter(text => text === 'square 9')
          .length,
        handle: document.querySelector('.noUi-handle')!.getBoundingClientRect().width > 0,
      }));
      if (page === '01-widgets.html') await visited.page.screenshot({ path: pictureFile('widgets.png') });
      await visited.page.close();
      assert.deepEqual(visited.network, []);
      assert.deepEqual(visited.errors, []);
      assert.deepEqual(seen.labels, ['steps', 'rate', 'x']);
      assert.deepEqual(seen.names, seen.labels, 'for screen readers');
      assert.deepEqual(seen.values, ['42', '0.25', '3']);
      assert.deepEqual([seen.choice, seen.result], ['ddim', 1]);
      if (!page.includes('slides')) assert.ok(seen.handle);
    });
  }
});
