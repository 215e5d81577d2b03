/** What a newcomer does to a page of the site that nobody had in mind: other addresses, a browser that keeps nothing, a second tab. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { linkTo } from '../../scripts/site/page/share';
import { tryOut } from './try-out';

const CELL = 'rain-square';
const EDITOR = `#cell-${CELL} .cm-content`;

const ready = (page: Page) => page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
const says = (page: Page, words: string) =>
  page.waitForFunction(
    wanted => document.querySelector('.lab-run-bar')!.textContent!.includes(wanted),
    { timeout: 30_000 },
    words,
  );

/** Tests of a site that has lesson 03. */
export function testNewcomer(site: () => { browser: Browser; address: string }): void {
  it('an address brings its code no more over what its reader has made of it; another one pasted into the page is said', async () => {
    const page = await site().browser.newPage();
    const address = `${site().address}/03-bayes.html?device=wasm`;
    const withCode = (code: string) => linkTo(address, { cell: CELL, edits: new Map([[CELL, code]]) });
    await page.goto(withCode('1'));
    await page.waitForSelector(EDITOR);
    await page.focus(EDITOR);
    await page.keyboard.press('End');
    await page.keyboard.type(' + 1');
    await page.reload();
    await page.waitForSelector(EDITOR);
    assert.equal(await page.$eval(EDITOR, code => code.textContent), '1 + 1');
    assert.ok(!(await page.$eval('.lab-run-bar', bar => bar.textContent!)).includes('brought changed code'));
    await page.evaluate(other => location.assign(other), withCode('2'));
    await says(page, 'carries other code');
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });

  it('marks what is wrong while it is written, before any cell has run, and says that nothing runs', async () => {
    const page = await site().browser.newPage();
    await page.goto(`${site().address}/03-bayes.html?device=wasm`);
    await ready(page);
    await page.$eval('.code-cell', cell => cell.querySelectorAll<HTMLButtonElement>('.lab-cell-bar button')[1].click());
    await page.focus('.code-cell .cm-content');
    await page.keyboard.type("const wrong: number = 'a';\n");
    await page.waitForSelector('.code-cell .cm-lintRange-error', { timeout: 60_000 });
    await says(page, 'Runs in this page');
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });

  it('says that changes are not kept; numbers cells in errors as they stand; a cell that was ended says so itself', async () => {
    const page = await site().browser.newPage();
    await page.evaluateOnNewDocument(() => {
      Storage.prototype.setItem = () => {
        throw new Error('full');
      };
    });
    await page.goto(`${site().address}/03-bayes.html?device=wasm`);
    await (await tryOut(page, 'const far = () => { throw new Error("far"); };'))();
    await says(page, 'does not keep your changes');
    const { output } = await (await tryOut(page, 'far();'))();
    assert.match(output, /cell \[1\], line 1/);
    assert.doesNotMatch(output, /cell \[[^1]/);
    const DEAF =
      "const deep = (n: number): number => n < 2 ? n : deep(n - 1) + deep(n - 2);\nconsole.log('deep');\ndeep(70);";
    const ended = await tryOut(page, DEAF);
    await page.waitForFunction(() => /deep/.test(document.querySelector('.code-cell .outputs')!.textContent!), {
      timeout: 60_000,
    });
    assert.equal(await page.$eval('.lab-run-bar .resetLesson', button => (button as HTMLButtonElement).disabled), true);
    await page.click('.lab-run-bar .stop');
    assert.match((await ended()).output, /deep[\s\S]*all variables are gone/);
    await page.select('.device select', 'js');
    await says(page, 'With the new setting');
    await page.close();
  });

  it('says in the page’s language, and to be read, why a device was not measured', async () => {
    const page = await site().browser.newPage();
    await page.goto(`${site().address}/zh/measure.html?devices=webgpu&tasks=vae`);
    await page.click('#lab-measure .begin');
    await page.waitForSelector('#lab-measure .copy:not([disabled])', { timeout: 60_000 });
    const said = await page.$eval('#lab-measure [role=status]', status => status.textContent!);
    assert.match(said, /webgpu: 这个浏览器没有 WebGPU$/);
    await page.close();
  });

  it('one’s own notebook is not overwritten by a second tab without a word, nor replaced without a question', async () => {
    const { browser, address } = site();
    const visitor = await browser.createBrowserContext();
    const [page, other] = [await visitor.newPage(), await visitor.newPage()];
    for (const tab of [page, other]) {
      await tab.goto(`${address}/own.html`);
      await ready(tab);
    }
    await other.$$eval('.lab-adders button', ([, text]) => (text as HTMLElement).click());
    await other.keyboard.type('# Mine');
    await other.keyboard.press('Escape');
    await other.waitForSelector('.text-cell h1');
    await says(page, 'in another tab');
    const asked: string[] = [];
    other.on('dialog', dialog => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await other.click('.lab-run-bar .empty');
    await other.waitForFunction(() => document.querySelectorAll('.cell').length === 2);
    assert.match(asked.join(), /download it first/);
    await other.evaluate(() => localStorage.setItem('latentlab-own', '{broken'));
    await other.reload();
    await ready(other);
    assert.equal((await other.$$('.cell')).length, 1, 'what cannot be read is an empty notebook');
    await visitor.close();
  });
}
