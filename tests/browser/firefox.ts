/** Firefox, where it is installed: what Chromium's engine does otherwise, or only it has. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { findFirefox, NO_FIREFOX, startFirefox } from '../../scripts/export/browser';
import type { Lesson } from '../../scripts/notebooks/notebook';
import { verifyLesson } from '../../scripts/site/verify';
import { tryOut } from './try-out';

/**
 * Tests of a site that has this lesson. They are skipped, by name, where no Firefox is: a reader's machine need not have one.
 * `.ci/run` installs it.
 */
export function testFirefox(lesson: Lesson, site: () => { address: string }): void {
  describe('in Firefox', { skip: findFirefox() === undefined && NO_FIREFOX }, () => {
    let browser: Browser;
    before(async () => {
      browser = await startFirefox();
    });
    after(() => browser?.close());

    it(`runs ${lesson.name} whole`, async () => {
      const { faults, foreign, ran, cells } = await verifyLesson(browser, site().address, lesson, { compare: false });
      assert.deepEqual({ faults, foreign, ran }, { faults: [], foreign: [], ran: cells });
    });

    it('says in which line of which cell an error arose, also in the stack that code reads', async () => {
      const page = await browser.newPage();
      await page.goto(`${site().address}/zh/${lesson.name}.html`);
      const CODE =
        "import { Normal } from './lib';\n\nfunction made(): Normal {\n  return new Normal(0, -1);\n}\ntry {\n  made();\n} catch (e) {\n  console.log((e as Error).stack);\n}\nmade();";
      const { output } = await (await tryOut(page, CODE))();
      assert.match(output, /made \(cell \[1\]:4:\d+\)\s*at cell \[1\]:7:\d+/);
      assert.match(output, /单元格 \[1\]，第 4 行[\s\S]*made[\s\S]*第 11 行/);
      assert.doesNotMatch(output, /runner\.js|@|cell-\d/);
      await page.close();
    });

    it('ends a loop that never waits, with its variables left', async () => {
      const page = await browser.newPage();
      await page.goto(`${site().address}/${lesson.name}.html?device=wasm`);
      const LOOP = "let kept = 1;\nconsole.log('turning');\nfor (;;) kept = (kept * 7) % 1000003;";
      const ended = await tryOut(page, LOOP);
      await page.waitForFunction(() => /turning/.test(document.querySelector('.code-cell .outputs')!.textContent!), {
        timeout: 120_000,
      });
      await page.click('.lab-run-bar .stop');
      assert.match((await ended()).output, /KeyboardInterrupt: stopped by the reader/);
      assert.match((await (await tryOut(page, "console.log(kept > 0, 'is left');"))()).output, /true is left/);
      await page.close();
    });
  });
}
