/** A lesson that runs in its own page: every cell, Node's numbers, errors in the page's language, the stop button. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import { selectLessons } from '../../scripts/notebooks/notebook';
import { buildRunnable } from '../../scripts/site';
import { ISOLATED, type Server, serve } from '../../scripts/site/serve';
import { verifyLesson } from '../../scripts/site/verify';
import { newFolder } from '../folder';
import { testArriving } from './arriving';
import { testFirefox } from './firefox';
import { testNewcomer } from './newcomer';
import { insert, tryOut } from './try-out';

const LESSONS = selectLessons(['03']);
const [first] = LESSONS;

describe('a page that runs its cells', { timeout: 1_200_000 }, () => {
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

  it('runs lesson 03 whole, with what Node shows, and asks nobody else for anything', async () => {
    const verdict = await verifyLesson(browser, server.address, first);
    assert.deepEqual({ faults: verdict.faults, foreign: verdict.foreign }, { faults: [], foreign: [] });
    assert.equal(verdict.ran, verdict.cells);
    assert.deepEqual(verdict.differing, []);
  });

  it('computes with threads where the host isolates the page, with one thread where it does not or forbids them', async () => {
    const hosts: [headers: Record<string, string>, threads: number][] = [
      [{}, 1],
      [ISOLATED, 2],
      [{ ...ISOLATED, 'content-security-policy': "worker-src 'self'" }, 1],
    ];
    const CODE =
      "import { start, tf } from './lib';\nconsole.log((await start()).description, tf.ones([300, 300]).matMul(tf.ones([300, 300])).sum().arraySync());";
    for (const [headers, threads] of hosts) {
      const host = await serve(folder, 0, headers);
      const page = await browser.newPage();
      await page.goto(`${host.address}/03-bayes.html?device=wasm&threads=2`);
      const { output } = await (await tryOut(page, CODE))();
      const wanted = `${threads} thread${threads === 1 ? '' : 's'}`;
      assert.match(output, new RegExp(`WebAssembly, ${wanted} .* 27000000\\s*$`));
      const said = await page.$eval('.device select', select => (select as HTMLSelectElement).selectedOptions[0].text);
      assert.equal(said, threads === 1 ? 'wasm' : `wasm, ${wanted}`);
      await page.close();
      host.close();
    }
  });

  it('says in Chinese what is wrong with a cell, and where an error came from', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/zh/03-bayes.html`);
    const typed = await (await tryOut(page, "const wrong: number = 'a';"))();
    assert.match(typed.output, /TS2322: 不能将类型“string”分配给类型“number”/);
    assert.match(typed.status, /第 1 个单元格出错/);
    await page.keyboard.press('End'); // what is being written is marked, but for names of cells that have not run yet
    await insert(page, ' const later = prior;');
    const markedAs = (name: string) =>
      page.waitForFunction(
        wanted => {
          const marks = document.querySelectorAll('.code-cell .cm-lintRange-error');
          return [...marks].map(mark => mark.textContent).join() === wanted;
        },
        { timeout: 60_000 },
        name,
      );
    await markedAs('wrong');
    await insert(page, ' missing;'); // so that what is waited for comes after all that was written
    await markedAs('wrong,missing');
    for (const code of ['[1].missing', 'Math.sqrt()', "Math.sqrt('a')", 'const n = 1;\nn = 2;', 'let m: Missing;']) {
      const { output } = await (await tryOut(page, code))();
      assert.match(output, /TS\d+: [^a-z]*[一-龥]/i, code);
      assert.doesNotMatch(output, /Cannot|Expected|Argument|exist/, code);
    }
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
      await page.waitForFunction(
        () => /cells? ha(?:s|ve) run/.test(document.querySelector('[role=status]')!.textContent!),
        {
          timeout: 120_000,
        },
      );
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

  it('stops what waits and keeps its variables', async () => {
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
    await page.close();
  });

  testArriving(() => ({ browser, address: server.address, folder }));

  testNewcomer(() => ({ browser, address: server.address }));

  testFirefox(first, () => server);

  it('keeps files that cells write, gives them back after a reload, clears them with the lesson, says what it cannot keep', async () => {
    const page = await browser.newPage();
    const visit = () => page.goto(`${server.address}/03-bayes.html`);
    const seen = async (code: string) =>
      (await (await tryOut(page, `import fs from 'node:fs';\nimport { writeAtomic } from './lib/formats';\n${code}`))())
        .output;
    const WRITE = "fs.mkdirSync('made', { recursive: true });\nfs.writeFileSync('made/gone.txt', 'no');\n";
    const READ = "console.log(fs.readdirSync('.').includes('made') ? fs.readdirSync('made').join() : 'nothing');";
    await visit();
    await seen(`${WRITE}fs.rmSync('made/gone.txt');\nwriteAtomic('made/kept.txt', 'yes');\nconsole.log('written');`);
    await visit();
    assert.equal(
      (await seen(`${READ}\nconsole.log(fs.readFileSync('made/kept.txt', 'utf8'));`)).trim(),
      'kept.txt\nyes',
    );
    const FULL = "Reflect.get(globalThis, 'IDBObjectStore').prototype.put = () => { throw new Error('no room'); };\n";
    await seen(`${FULL}fs.writeFileSync('big.bin', new Uint8Array(5e6));`);
    await page.waitForFunction(() => /does not keep notebooks\/big\.bin \(no room\)/.test(document.body.textContent!));
    const asked: string[] = [];
    page.on('dialog', dialog => {
      asked.push(dialog.message());
      void dialog.accept();
    });
    await page.click('.lab-run-bar .resetLesson');
    await page.waitForFunction(() => /as it came/.test(document.querySelector('[role=status]')!.textContent!));
    assert.match(asked.join(), /notebooks\/made\/kept\.txt/);
    assert.equal(await page.$('.code-cell .cm-content'), null, 'the code, too, is the lesson’s');
    await visit();
    assert.equal((await seen(READ)).trim(), 'nothing');
    await page.close();
  });

  it('shares changed code by the address, and takes it into a downloaded notebook', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/03-bayes.html`);
    const status = await (await tryOut(page, 'console.log(6 * 7);'))();
    assert.match(status.output, /42/);
    const press = (words: string) =>
      page.evaluate(wanted => {
        const buttons = Array.from(document.querySelectorAll<HTMLButtonElement>('button'));
        buttons.find(button => button.textContent === wanted)!.click();
      }, words);
    await press('Link');
    await page.waitForFunction(() => /#cell=/.test(location.href));
    const address = page.url();
    const saved = await page.evaluate(async () => {
      const made = new Promise<string>(resolve => {
        URL.createObjectURL = blob => {
          void (blob as Blob).text().then(resolve);
          return '#';
        };
      });
      document.querySelector<HTMLButtonElement>('.lab-run-bar .download')!.click();
      return JSON.parse(await made) as { cells: { source: string; outputs?: { text?: string }[] }[] };
    });
    const mine = saved.cells.find(cell => cell.source === 'console.log(6 * 7);');
    assert.equal(mine?.outputs?.[0].text, '42\n');
    assert.ok(saved.cells.length > 50, 'the texts are in it, too');
    await page.evaluate(() => localStorage.clear());
    await page.goto('about:blank');
    await page.goto(address);
    await page.waitForSelector('.code-cell .cm-content');
    assert.equal(await page.$eval('.code-cell .cm-content', code => code.textContent), 'console.log(6 * 7);');
    assert.match(await page.$eval('.lab-run-bar [role=status]', bar => bar.textContent!), /brought changed code/);
    await page.close();
  });

  it('is there to be read, edited and pressed before the compiler is asked for; then draws its first picture', async t => {
    const visitor = await browser.createBrowserContext(); // nothing cached
    const page = await visitor.newPage();
    const asked: string[] = [];
    page.on('request', request => asked.push(new URL(request.url()).pathname));
    const began = performance.now();
    const opened = page.goto(`${server.address}/03-bayes.html`);
    await page.waitForSelector('#cell-rain-square .lab-cell-bar button:not([disabled])');
    const ready = performance.now() - began;
    assert.ok(asked.some(file => file.endsWith('/run/page.js')));
    assert.deepEqual(
      asked.filter(file => /compiler|runner|types|\.wasm/.test(file)),
      [],
    );
    const RUN = '#cell-rain-square .lab-cell-bar button';
    assert.match(await page.$eval(RUN, button => button.ariaLabel!), /^Run cell \d+$/); // the others are named so, too
    await page.$eval(RUN, button => (button as HTMLElement).click());
    await page.waitForSelector('#cell-rain-square.lab-fresh .outputs :is(img, svg)', { timeout: 120_000 });
    t.diagnostic(
      `pressable ${(ready / 1000).toFixed(1)} s, picture ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    await opened;
    await visitor.close();
  });

  it('says first that it is read and run without an install, in both languages', async () => {
    for (const [place, words] of [
      ['', /^\s*LatentLab\s+Read it, run it, no install\. Open a lesson and press Run/],
      ['zh/', /^\s*LatentLab\s+打开就读，点一下就运行，无需安装。\s*打开一课/],
    ] as const) {
      const page = await browser.newPage();
      await page.goto(`${server.address}/${place}index.html`);
      assert.match(await page.$eval('main', main => main.textContent!), words);
      await page.close();
    }
  });

  it('has a notebook of one’s own: kept, opened from a file, run', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/own.html`);
    await page.waitForSelector('.lab-run-bar .open');
    const notebook = {
      nbformat: 4,
      cells: [
        { cell_type: 'markdown', source: '# Mine\n\nsome *words*' },
        { cell_type: 'code', source: ['const seven: number = 7;\n', 'seven * 6'] },
        { cell_type: 'code', source: 'seven + 1' },
      ],
    };
    await page.evaluate(text => {
      HTMLInputElement.prototype.click = function () {
        const list = new DataTransfer();
        list.items.add(new File([text], 'mine.ipynb'));
        this.files = list.files;
        this.dispatchEvent(new Event('change'));
      };
    }, JSON.stringify(notebook));
    const opened = page.waitForNavigation();
    await page.click('.lab-run-bar .open');
    await opened;
    await page.waitForSelector('.text-cell em');
    await page.click('.lab-run-bar .runAll');
    await page.waitForFunction(() => /2 cells have run/.test(document.querySelector('[role=status]')!.textContent!), {
      timeout: 120_000,
    });
    const shown = () => page.$$eval('.code-cell .outputs', all => all.map(each => each.textContent!.trim()));
    assert.deepEqual(await shown(), ['42', '8']);
    await page.$$eval('.lab-adders button', ([code]) => (code as HTMLElement).click());
    await insert(page, 'seven - 7');
    await page.$$eval('.code-cell .lab-cell-bar', bars => bars[2].querySelector('button')!.click());
    await page.waitForFunction(() => /1 cells? ha/.test(document.querySelector('[role=status]')!.textContent!));
    assert.deepEqual(await shown(), ['42', '8', '0']);
    await page.reload();
    await page.waitForSelector('.code-cell .cm-content');
    assert.equal((await page.$$('.code-cell .cm-content')).length, 3);
    await page.close();
  });

  it('loads data frames when they are wanted, and leaves to the computer what needs its programs', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/own.html?device=wasm`);
    const sources = [
      "import { dataFrame, pythonRun } from './lib';\ndataFrame(['x', 'y'], [[1, 2], [3, 4], [5, 6]]).sum({ axis: 0 }).values",
      "pythonRun('print(1)')",
      "'below'",
    ];
    await page.evaluate(
      text => localStorage.setItem('latentlab-own', text),
      JSON.stringify({
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {},
        cells: sources.map((source, i) => ({ cell_type: 'code', id: `own-${i}`, metadata: {}, source, outputs: [] })),
      }),
    );
    await page.reload();
    await page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
    await page.click('.lab-run-bar .runAll');
    await page.waitForFunction(() => /2 cells have run/.test(document.querySelector('[role=status]')!.textContent!), {
      timeout: 120_000,
    });
    const shown = await page.$$eval('.code-cell .outputs', all => all.map(each => each.textContent!.trim()));
    assert.match(shown[0], /9, 12/);
    assert.match(shown[1], /^This cell starts a program of your computer/);
    assert.match(shown[2], /below/);
    await page.close();
  });

  it('measures what computes fastest, says it, keeps it, and lets the reader choose another', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/own.html?device=measure`);
    const kept = () =>
      page.evaluate(() => JSON.parse(localStorage.getItem('latentlab-device')!) as { chosen: string; times: object });
    await page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
    await page.click('.lab-run-bar .runAll');
    await page.waitForSelector('.lab-run-bar .device select', { timeout: 60_000 });
    const { chosen, times } = await kept();
    assert.deepEqual(Object.keys(times), ['webgl', 'wasm'], 'this browser has no WebGPU');
    const [[fastest]] = Object.entries(times).sort(([, a], [, b]) => a - b);
    assert.equal(chosen, fastest);
    const options = await page.$$eval('.device option', all => all.map(each => each.textContent!));
    for (const name of Object.keys(times))
      assert.ok(
        options.some(text => text.startsWith(name) && / ms$/.test(text)),
        options.join(),
      );
    await page.waitForSelector('.lab-run-bar .runAll:not([disabled])', { timeout: 60_000 });
    await page.select('.device select', 'webgpu');
    await page.waitForFunction(() => !document.querySelector('.lab-run-bar .runAll:disabled'));
    await page.click('.lab-run-bar .runAll');
    await page.waitForFunction(
      () => /has no WebGPU; choose another device/.test(document.querySelector('[role=status]')!.textContent!),
      { timeout: 60_000 },
    );
    await page.select('.device select', 'js');
    assert.equal((await kept()).chosen, 'js');
    await page.close();
  });

  it('times a training step on a device, and has the row to be copied, in both languages', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/index.html`);
    await page.click('a[href="measure.html"]');
    await page.waitForSelector('#lab-measure .begin');
    for (const [place, head] of [
      ['', 'computes with'],
      ['zh/', '计算设备'],
    ]) {
      await page.goto(`${server.address}/${place}measure.html?devices=wasm&tasks=vae`);
      await page.click('#lab-measure .begin');
      await page.waitForSelector('#lab-measure .copy:not([disabled])', { timeout: 60_000 });
      await page.click('#lab-measure .copy');
      const lines = (await page.$eval('#lab-measure table', table => table.dataset.copied!)).split('\n');
      assert.match(lines[0], /Chrome/);
      assert.equal(lines[2], `| ${head} | VAE, ms |`);
      assert.match(lines[4], /^\| wasm.* \| \d+(?:\.\d)? \|$/);
    }
    await page.close();
  });
});
