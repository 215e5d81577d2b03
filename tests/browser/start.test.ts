/** The start page in a real JupyterLab: all lessons by their full names, in both languages, and how far the reader has come. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import {
  command,
  type JupyterLab,
  startJupyterLab,
  untilDone,
  untilKernelIdle,
} from '../../scripts/notebooks/jupyterlab';
import { allLessons, type Language, readNotebook, titleOf } from '../../scripts/notebooks/notebook';
import { pictureFile } from '../screenshots';

const LESSONS = allLessons().filter(({ name }) => /^\d/.test(name));
const FIRST = LESSONS[0];

/** What the page says of a lesson. */
const saidOf = (page: Page, name: string) =>
  page.$eval(`.latentlab-start [data-lesson="${name}"]`, item => item.textContent ?? '');

async function showsAll(page: Page, language: Language): Promise<void> {
  const titles = await page.$$eval('.latentlab-lessons h2', items => items.map(item => item.textContent));
  assert.deepEqual(
    titles,
    LESSONS.map(({ files }) => titleOf(readNotebook(files[language]))),
  );
  const cut = await page.$$eval(
    '.latentlab-lessons h2',
    items => items.filter(e => e.scrollWidth > e.clientWidth).length,
  );
  assert.equal(cut, 0, 'no title is cut');
  const times = await page.$$eval('.latentlab-facts', items => items.map(item => item.textContent ?? ''));
  for (const time of times) assert.match(time, language === 'zh' ? /秒|分钟|小时/ : /second|minute|hour/);
}

describe('start page', { timeout: 400_000 }, () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  before(async () => {
    lab = await startJupyterLab([FIRST.files.en, FIRST.files.zh]);
    browser = await startBrowser();
    page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 1000 });
    await page.goto(lab.url(), { waitUntil: 'domcontentloaded', timeout: 60_000 });
    await page.waitForSelector('.latentlab-start li', { timeout: 120_000 });
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  it('is what JupyterLab opens on, with every lesson, its time and what it needs, and the map', async () => {
    await showsAll(page, 'en');
    const [, second] = LESSONS;
    assert.match(await saidOf(page, second.name), /not opened yet.*after 00/);
    const map = await page.$eval('.latentlab-start img', image => (image as HTMLImageElement).naturalWidth);
    assert.ok(map > 300, 'the map is drawn');
    await page.screenshot({ path: pictureFile('start.png') });
  });

  it('a click opens a lesson; what has run is counted, also after a reload', async () => {
    await page.click(`.latentlab-lessons [data-path="${FIRST.name}.ipynb"]`);
    await untilKernelIdle(page);
    await page.evaluate(() => {
      document.querySelector<HTMLElement>('.jp-CodeCell .cm-content')!.focus();
    });
    await command(page, 'notebook:run-cell');
    await untilDone(page, 60);
    await command(page, 'docmanager:save'); // else the browser asks before it loads the page anew
    await command(page, 'latentlab:start-page');
    await page.waitForFunction(
      name => /1 of \d+ cells run/.test(document.querySelector(`[data-lesson="${name}"]`)?.textContent ?? ''),
      { timeout: 20_000 },
      FIRST.name,
    );
    await new Promise(resolve => setTimeout(resolve, 2000));
    const again = await browser.newPage();
    await again.goto(lab.url().replace('/lab?', '/lab/workspaces/other?'), { waitUntil: 'domcontentloaded' });
    await again.waitForSelector('.latentlab-start li', { timeout: 120_000 });
    assert.match(await saidOf(again, FIRST.name), /1 of \d+ cells run/);
    assert.match(await again.$eval('.latentlab-begin', e => e.textContent ?? ''), /^Go on: 00/);
    await again.close();
  });

  it('one click, and page, menus and lessons are Chinese', async () => {
    await Promise.all([
      page.waitForNavigation({ waitUntil: 'domcontentloaded', timeout: 60_000 }),
      page.click('.latentlab-start [data-language="zh"]'),
    ]);
    await page.waitForSelector('.lm-MenuBar-itemLabel', { timeout: 120_000 });
    await page.waitForSelector('.latentlab-start li', { timeout: 60_000 });
    await showsAll(page, 'zh');
    const menus = await page.$$eval('.lm-MenuBar-itemLabel', items => items.map(item => item.textContent));
    assert.ok(menus.includes('文件'), menus.join());
    assert.match(await saidOf(page, FIRST.name), /已运行 1 \/ \d+ 个单元格/);
    await page.screenshot({ path: pictureFile('start-zh.png') });
    await page.click(`.latentlab-lessons [data-path="zh/${FIRST.name}.ipynb"]`);
    await untilKernelIdle(page);
  });
});
