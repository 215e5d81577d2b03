/** The start page in a real JupyterLab: all lessons by their full names, in both languages, and how far the reader has come. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { courseLessons } from '../../lib/course/map';
import { allBefore, directNeeds } from '../../lib/course/needs';
import { contrast } from '../../lib/plot/palette';
import { startBrowser } from '../../scripts/export/browser';
import {
  command,
  type JupyterLab,
  openFile,
  startJupyterLab,
  untilDone,
  untilKernelIdle,
} from '../../scripts/notebooks/jupyterlab';
import { allLessons, type Language, readNotebook, titleOf } from '../../scripts/notebooks/notebook';
import { measureTexts } from '../export/measure-page';
import { pictureFile } from '../screenshots';
import { openStartPage } from './start-page';

const LESSONS = allLessons().filter(({ name }) => /^\d/.test(name));
const [FIRST, SECOND] = LESSONS;

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

const nameOf = (number: string): string => LESSONS.find(({ name }) => name.startsWith(number))!.name;

/** Every lesson is a box of the map by the beginning of its title; no words overflow, and no two boxes overlap. */
async function mapHasAll(page: Page, language: Language): Promise<void> {
  const map = await page.waitForSelector('.latentlab-map');
  await page.click('.latentlab-aside a');
  await page.waitForFunction(e => e!.getBoundingClientRect().top < 200, { timeout: 10_000 }, map);
  const boxes = await page.$$eval('.latentlab-box', links =>
    links.map(link => {
      const { left, top, right, bottom } = link.getBoundingClientRect();
      const words = { title: (link as HTMLElement).title, text: link.textContent ?? '' };
      return { ...words, full: link.scrollHeight > link.clientHeight, left, top, right, bottom };
    }),
  );
  const titles = LESSONS.map(({ files }) => titleOf(readNotebook(files[language])));
  assert.deepEqual(
    boxes.map(({ title }) => title),
    titles,
  );
  for (const [i, { text, full }] of boxes.entries()) {
    assert.ok(titles[i].replace(' · ', ' ').startsWith(text.replace(/^[✓◐] /, '')), text);
    assert.equal(full, false, `${text} fits its box`);
  }
  const apart = boxes.every((a, i) =>
    boxes.slice(0, i).every(b => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top),
  );
  assert.ok(apart, 'no two lessons overlap');
}

interface Measured {
  texts: number;
  problems: string[];
}

/** Of the map's lines with the page behind them, as WCAG counts it. */
async function contrastOfArrows(page: Page): Promise<number> {
  const [line, ground] = await page.evaluate(() => {
    const path = document.querySelector('.latentlab-drawing g:not(.latentlab-way) path')!;
    const colours = [
      getComputedStyle(path).stroke,
      getComputedStyle(path.closest('.latentlab-start')!).backgroundColor,
    ];
    return colours.map(colour => colour.match(/[\d.]+/g)!.map(Number));
  });
  const alpha = line[3] ?? 1;
  const seen = ground.slice(0, 3).map((below, i) => Math.round(alpha * line[i] + (1 - alpha) * below));
  const hex = (rgb: number[]) => `#${rgb.map(part => part.toString(16).padStart(2, '0')).join('')}`;
  return contrast(hex(seen), hex(ground.slice(0, 3)));
}

describe('start page', { timeout: 400_000 }, () => {
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  before(async () => {
    lab = await startJupyterLab([FIRST.files.en, FIRST.files.zh, SECOND.files.en]);
    browser = await startBrowser();
    page = await openStartPage(browser, lab);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  it('is what JupyterLab opens on, with every lesson, its time and what it needs, and the map', async () => {
    await showsAll(page, 'en');
    assert.match(await saidOf(page, SECOND.name), /not opened yet.*after 00/);
    await page.screenshot({ path: pictureFile('start.png') });
  });

  it('the map has every lesson as a link, in its place, and marks all that comes before the one pointed at', async () => {
    await mapHasAll(page, 'en');
    await page.hover('[data-box^="09-"]');
    const marked = await page.$$eval('.latentlab-way[data-box]', boxes =>
      boxes.map(box => (box as HTMLElement).dataset.box?.slice(0, 2)),
    );
    assert.deepEqual(
      marked,
      [...allBefore(nameOf('09'), courseLessons())]
        .map(name => name.slice(0, 2))
        .concat('09')
        .sort(),
    );
    const [arrows, ways] = await page.evaluate(() =>
      ['.latentlab-drawing g', '.latentlab-drawing g.latentlab-way'].map(s => document.querySelectorAll(s).length),
    );
    assert.equal(arrows, directNeeds(courseLessons()).length);
    assert.ok(ways >= marked.length - 1 && ways < arrows, `${ways} arrows lead there`);
    await page.screenshot({ path: pictureFile('start-map.png') });
  });

  it('every word of it stands out 4.5 : 1, every line 3 : 1, in the light theme and in the dark', async () => {
    for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
      await command(page, 'apputils:change-theme', { theme });
      await page.waitForSelector(`body[data-jp-theme-name="${theme}"]`);
      await new Promise(resolve => setTimeout(resolve, 500));
      const { texts, problems } = (await page.evaluate(measureTexts('.latentlab-start'))) as Measured;
      assert.ok(texts > 5 * LESSONS.length, `${texts} texts`);
      assert.deepEqual(problems, [], theme);
      assert.ok((await contrastOfArrows(page)) >= 3, `arrows, ${theme}`);
      await page.screenshot({ path: pictureFile(theme.endsWith('Dark') ? 'start-dark.png' : 'start-light.png') });
    }
  });

  it('a link that is pointed at keeps its colour', async () => {
    for (const link of [
      '.latentlab-begin',
      '.latentlab-lesson',
      '.latentlab-need',
      '.latentlab-aside a',
      '.latentlab-box',
    ]) {
      const colour = () => page.$eval(`.latentlab-start ${link}`, e => getComputedStyle(e).color);
      await page.mouse.move(2, 2);
      const resting = await colour();
      await page.hover(`.latentlab-start ${link}`);
      assert.equal(await page.$eval(`.latentlab-start ${link}`, e => e.matches(':hover')), true, link);
      assert.equal(await colour(), resting, link);
    }
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

  it('one click, and page, menus and lessons are Chinese; where the reader was is kept, as after any reload', async () => {
    await openFile(page, lab.placeOf(SECOND.files.en));
    await command(page, 'latentlab:start-page');
    assert.match(await page.$eval('.latentlab-begin', e => e.textContent ?? ''), /^Go on: 01/);
    await new Promise(resolve => setTimeout(resolve, 2000)); // the layout and the progress are saved
    await Promise.all([
      page.waitForNavigation({ waitUntil: 'domcontentloaded', timeout: 60_000 }),
      page.click('.latentlab-start [data-language="zh"]'),
    ]);
    await page.waitForSelector('.lm-MenuBar-itemLabel', { timeout: 120_000 });
    await page.waitForSelector('.latentlab-start li', { timeout: 60_000 });
    await showsAll(page, 'zh');
    for (const { files } of [FIRST, SECOND])
      await page.waitForSelector(
        `::-p-xpath(//*[contains(@class, "lm-TabBar-tabLabel")][.="${lab.placeOf(files.en)}"])`,
      );
    const menus = await page.$$eval('.lm-MenuBar-itemLabel', items => items.map(item => item.textContent));
    assert.ok(menus.includes('文件'), menus.join());
    assert.match(await saidOf(page, FIRST.name), /已运行 1 \/ \d+ 个单元格/);
    assert.match(await page.$eval('.latentlab-begin', e => e.textContent ?? ''), /01 ·/, 'both lessons are open again');
    await mapHasAll(page, 'zh');
    const boxes = await page.$$eval('.latentlab-box', links =>
      links.map(link => ({ text: link.textContent ?? '', colour: getComputedStyle(link).color })),
    );
    assert.deepEqual(
      boxes.filter(({ text }) => text.startsWith('◐')).map(({ text }) => text.slice(2, 4)),
      ['00', '01'],
      'the lessons that were opened are marked, and no other',
    );
    assert.equal(new Set(boxes.map(({ colour }) => colour)).size, 1, 'an opened one is as dark as the others');
    await page.screenshot({ path: pictureFile('start-zh.png') });
    fs.mkdirSync(path.join(path.dirname(lab.copyOf(FIRST.files.en)), 'my-work', 'zh'), { recursive: true });
    await page.click('.latentlab-aside [data-path="my-work/zh"]');
    await page.waitForFunction(() => /my-work.*zh/.test(document.querySelector('.jp-BreadCrumbs')?.textContent ?? ''));
    await page.click(`.latentlab-drawing [data-path="zh/${FIRST.name}.ipynb"]`);
    await untilKernelIdle(page);
  });
});
