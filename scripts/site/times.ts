/**
 * How long each lesson runs in a page, for scripts/site/lessons.ts: `npm run site -- --times 03,10`. Each runs whole with the
 * budgets that its reader meets first, and the step that a page measures on its reader's device is measured before and after.
 */
import type { Browser, Page } from 'puppeteer-core';
import { codeCells, type Lesson, readNotebook } from '../notebooks/notebook';
import { largestTab, processorSeconds, Rises } from './memory';
import { LOADED, runAll } from './verify';

/** Milliseconds of the step on WebAssembly, by a worker of its own. */
const stepOf = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const setting = JSON.parse(document.getElementById('lab-run')!.textContent!) as {
          base: string;
          build: string;
        };
        const base = new URL(setting.base, location.href).href;
        const env = { LAB_DEVICE: 'wasm' };
        const begin = { site: base, build: setting.build, notebook: 'notebooks/measure.ipynb', env, cells: [] };
        const worker = new Worker(`${base}runner.js?${setting.build}`, { name: JSON.stringify(begin) });
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.onmessage = ({ data }) => {
          if (data.kind === 'ready') worker.postMessage({ kind: 'measure' });
          if (data.kind === 'unable') reject(new Error(data.why));
          if (data.kind !== 'measured') return;
          worker.terminate();
          resolve(data.ms);
        };
      }),
  );

/**
 * Processor time of the page and its workers over a whole run, loading included, which other work on the machine changes little
 * and which a quiet one takes by the clock, as a lesson's cells run one after the other; and the step, of which the faster
 * of two counts, since other work can only lengthen it.
 */
export async function timeLesson(browser: Browser, address: string, { name, files }: Lesson): Promise<string> {
  const visitor = await browser.createBrowserContext(); // nothing kept from an earlier run
  try {
    const page = await visitor.newPage();
    await page.goto(`${address}/${name}.html?device=wasm`, { timeout: LOADED });
    const before = await stepOf(page);
    const [began, used] = [performance.now(), processorSeconds(browser)];
    const cells = codeCells(readNotebook(files.en));
    const held = new Rises();
    const look = (done: number) => held.note(cells[done]?.id ?? 'the end', largestTab(browser));
    const { results } = await runAll(page, look, 3600);
    const clock = (performance.now() - began) / 1000;
    const seconds = processorSeconds(browser) - used;
    const step = Math.min(before, await stepOf(page));
    const ran = `${results.length} of ${cells.length} cells`;
    return `${name}: ${ran} in ${clock.toFixed(0)} s, ${seconds.toFixed(0)} of processor time, ${held.most.toFixed(0)} MB; a step ${step.toFixed(1)} ms`;
  } finally {
    await visitor.close();
  }
}
