/** A lesson that runs in its own page: every cell, Node's numbers, errors in the page's language, the stop button. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import { selectLessons } from '../../scripts/notebooks/notebook';
import { buildRunnable } from '../../scripts/site';
import { type Server, serve } from '../../scripts/site/serve';
import { verifyLesson } from '../../scripts/site/verify';
import { newFolder } from '../folder';

const LESSONS = selectLessons(['03']);

describe('a page that runs its cells', { timeout: 600_000 }, () => {
  const folder = newFolder('runnable');
  let browser: Browser;
  let server: Server;
  before(async () => {
    await buildRunnable(folder, LESSONS, LESSONS);
    server = await serve(folder);
    browser = await startBrowser(); // one after the other: where one fails, the other is still closed
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** Puts code into the first cell, runs it, and tells what the cell and the bar say when `done` holds. */
  async function tryOut(page: Page, code: string): Promise<() => Promise<{ output: string; status: string }>> {
    await page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
    await page.$eval('.code-cell', cell => cell.querySelectorAll<HTMLButtonElement>('.lab-cell-bar button')[1].click());
    await page.focus('.code-cell .cm-content');
    await page.keyboard.down('Control');
    await page.keyboard.press('a');
    await page.keyboard.up('Control');
    await page.keyboard.sendCharacter(code);
    await page.keyboard.down('Shift');
    await page.keyboard.press('Enter');
    await page.keyboard.up('Shift');
    return async () => {
      await page.waitForSelector('.lab-run-bar .runAll:not([disabled])', { timeout: 120_000 });
      return page.evaluate(() => ({
        output: document.querySelector('.code-cell .outputs')!.textContent ?? '',
        status: document.querySelector('.lab-run-bar [role=status]')!.textContent ?? '',
      }));
    };
  }

  it('runs lesson 03 whole, with what Node shows, and asks nobody else for anything', async () => {
    const verdict = await verifyLesson(browser, server.address, LESSONS[0]);
    assert.deepEqual({ faults: verdict.faults, foreign: verdict.foreign }, { faults: [], foreign: [] });
    assert.equal(verdict.ran, verdict.cells);
    assert.deepEqual(verdict.differing, []);
  });

  it('says in Chinese what is wrong with a cell, and where an error came from', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/zh/03-bayes.html`);
    const typed = await (await tryOut(page, "const wrong: number = 'a';"))();
    assert.match(typed.output, /TS2322: 不能将类型“string”分配给类型“number”/);
    assert.match(typed.status, /第 1 个单元格出错/);
    const thrown = await (await tryOut(page, "import { Normal } from './lib';\n\nnew Normal(0, -1);"))();
    assert.match(thrown.output, /应为/);
    assert.match(thrown.output, /单元格 \[\d\]，第 3 行/);
    // the edit is kept for both languages' pages until it is undone
    const kept = () => page.evaluate(() => Object.values(localStorage).filter(text => text.includes('Normal(0, -1)')));
    assert.equal((await kept()).length, 1);
    await page.$eval('.code-cell', cell => cell.querySelectorAll<HTMLButtonElement>('.lab-cell-bar button')[2].click());
    assert.deepEqual(await kept(), []);
    await page.close();
  });

  it('moves a picture by a slider, through the cells that have run', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/03-bayes.html`);
    await page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
    await page.$eval('#cell-live-days .lab-cell-bar button', button => (button as HTMLElement).click());
    const seen = (text: string) =>
      page.waitForFunction(
        wanted => document.querySelector('#cell-live-days .outputs')!.textContent!.includes(wanted),
        { timeout: 120_000 },
        text,
      );
    // not the saved widgets, which the page shows before the cell has run
    await page.waitForSelector('#cell-live-days.lab-fresh .noUi-handle', { timeout: 60_000 });
    await seen('ifRain');
    const PICTURE = '#cell-live-days .outputs :is(img, svg)';
    await page.waitForSelector(PICTURE, { timeout: 60_000 });
    const before = await page.$eval(PICTURE, picture => picture.outerHTML);
    await page.focus('#cell-live-days .noUi-handle');
    await page.keyboard.press('ArrowRight');
    await seen('0.25');
    await page.waitForFunction(
      (picture, old) => ![undefined, old].includes(document.querySelector(picture)?.outerHTML),
      { timeout: 60_000 },
      PICTURE,
      before,
    );
    await page.close();
  });

  it('runs on a second visit with the network off', async () => {
    const page = await browser.newPage();
    const first = await serve(folder);
    const run = async () => {
      await page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
      await page.$eval('#cell-rain-square .lab-cell-bar button', button => (button as HTMLElement).click());
      await page.waitForFunction(() => /cells have run/.test(document.querySelector('[role=status]')!.textContent!), {
        timeout: 120_000,
      });
    };
    await page.goto(`${first.address}/03-bayes.html`);
    await page.waitForSelector('html[data-kept]');
    await run();
    first.close();
    await page.reload();
    await run();
    assert.ok(await page.$('#cell-rain-square .outputs .lab-figure'));
    await page.close();
  });

  it('stops what waits and keeps its variables; ends what does not, and says so', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/03-bayes.html`);
    const press = async (code: string) => {
      const ended = await tryOut(page, `console.log('turning');\n${code}`);
      await page.waitForFunction(() => /turning/.test(document.querySelector('.code-cell .outputs')!.textContent!), {
        timeout: 120_000,
      });
      await page.click('.lab-run-bar .stop');
      return ended();
    };
    const waits = await press('let turns = 0;\nfor (;;) { turns++; await new Promise(done => setTimeout(done, 10)); }');
    assert.match(waits.output, /KeyboardInterrupt: stopped by the reader/);
    assert.equal(waits.status, 'Stopped.');
    const busy = await press('let kept = 1;\nfor (;;) kept = (kept * 7) % 1000003;');
    assert.match(busy.status, /all variables are gone/);
    await page.close();
  });
});
