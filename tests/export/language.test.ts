/** What stands around the lessons speaks the page's language: listings of sources, index and its search, 404, tables of figures; Han is never slanted. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { dictionaryOf } from '../../lib/i18n/load';
import { changeMarkup } from '../../lib/i18n/markup';
import { hasHan } from '../../lib/i18n/words';
import { startBrowser } from '../../scripts/export/browser';
import { prepare } from '../../scripts/export/prepare';
import { buildSite } from '../../scripts/export/site';
import { allLessons, ROOT, readNotebook } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';
import { visit } from './offline';

const lessons = allLessons().filter(({ name }) => /^0[24]-/.test(name));

describe('an export speaks one language a page', () => {
  const folder = newFolder('spoken');
  const at = (name: string) => path.join(folder, name);
  let browser: Browser;
  before(async () => {
    await buildSite({ lessons, folder, formats: ['html', 'slides'] });
    browser = await startBrowser();
  });
  after(() => browser?.close());

  const open = async (file: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(`file://${at(file)}`, { waitUntil: 'load' });
    return page;
  };

  it('a source has a page in each language, with the way home and to the other', async () => {
    const listed = (place: string) =>
      fs.readdirSync(at(place), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.html'));
    const sources = listed('source');
    assert.ok(sources.length > 0);
    assert.deepEqual(listed('zh/source'), sources);
    for (const [place, lang, home, other] of [
      ['source', 'en', 'index.html', 'zh/source'],
      ['zh/source', 'zh-CN', 'zh/index.html', 'source'],
    ]) {
      const page = await open(`${place}/${sources[0]}`);
      const seen = await page.evaluate(() => ({
        lang: document.documentElement.lang,
        code: document.querySelector('.code')?.closest('[lang]')?.getAttribute('lang'),
        home: (document.querySelector('.home') as HTMLAnchorElement).href,
        other: (document.querySelector('.bar nav a[hreflang]') as HTMLAnchorElement).href,
      }));
      await page.close();
      const address = (name: string) => `file://${at(name)}`;
      assert.deepEqual(seen, { lang, code: 'en', home: address(home), other: address(`${other}/${sources[0]}`) });
    }
    const chinese = fs.readFileSync(at(`zh/${lessons[0].name}.html`), 'utf8');
    assert.match(chinese, /href="source\/lib\//);
    assert.doesNotMatch(chinese, /href="\.\.\/source\//);
  });

  it('the index is searched in its own words', async () => {
    for (const [file, placeholder, word, none] of [
      ['index.html', 'Search titles, questions and headings', 'entropy', 'No lesson has these words.'],
      ['zh/index.html', '搜索课程、问题和小节标题', '熵', '没有课程含有这些词。'],
    ]) {
      const page = await open(file);
      const typed = (text: string) =>
        page.evaluate(wanted => {
          const box = document.querySelector('input.search') as HTMLInputElement;
          box.value = wanted;
          box.dispatchEvent(new Event('input'));
          const left = [...Array.from(document.querySelectorAll<HTMLElement>('.lessons li'))].filter(li => !li.hidden);
          const message = document.querySelector('.none') as HTMLElement;
          return { left: left.length, said: message.hidden ? '' : message.textContent, placeholder: box.placeholder };
        }, text);
      assert.deepEqual(await typed(''), { left: 2, said: '', placeholder });
      assert.equal((await typed(word)).left, 1);
      assert.deepEqual(await typed('xyzzy'), { left: 0, said: none, placeholder });
      await page.close();
    }
  });

  it('a missing page answers in the language of its address', async () => {
    for (const [address, lang, title, home] of [
      ['nowhere.html', 'en', 'This page is not there', 'index.html'],
      ['source/lib/nowhere.html', 'en', 'This page is not there', 'index.html'],
      ['zh/nowhere.html', 'zh-CN', '找不到这个页面', 'zh/index.html'],
      ['zh/source/lib/nowhere.html', 'zh-CN', '找不到这个页面', 'zh/index.html'],
    ]) {
      const page = await browser.newPage();
      await page.setRequestInterception(true);
      page.on('request', request =>
        request.respond({ contentType: 'text/html', body: fs.readFileSync(at('404.html')) }),
      );
      await page.goto(`http://course.invalid/latentlab/${address}`);
      const seen = await page.evaluate(() => {
        const shown = [...Array.from(document.querySelectorAll<HTMLElement>('section'))].filter(each => !each.hidden);
        const link = shown[0].querySelector('a')!;
        return [shown.length, document.documentElement.lang, shown[0].querySelector('h1')!.textContent, link.href];
      });
      await page.close();
      assert.deepEqual(seen, [1, lang, title, `http://course.invalid/latentlab/${home}`]);
    }
  });

  it('no Han character is slanted, on pages, slides and sources', async () => {
    const [{ name }] = lessons;
    const source = fs
      .readdirSync(at('zh/source'), { recursive: true, encoding: 'utf8' })
      .find(f => f.endsWith('.html'));
    for (const file of [
      `zh/${name}.html`,
      `zh/${name}.slides.html`,
      `${name}.html`,
      `zh/source/${source}`,
      'zh/index.html',
    ]) {
      const { page } = await visit(browser, at(file));
      const { slanted, seen } = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const [slanted, seen] = [[] as string[], { han: 0 }];
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const parent = node.parentElement as Element;
          if (!/\p{Script=Han}/u.test(node.textContent ?? '') || parent.closest('script')) continue;
          seen.han++;
          const style = getComputedStyle(parent);
          if (style.fontStyle !== 'normal' && style.getPropertyValue('font-synthesis-style') !== 'none')
            slanted.push(node.textContent ?? '');
        }
        return { slanted, seen: seen.han };
      });
      await page.close();
      assert.ok(seen > 0 || /^(?!zh)|source/.test(file), file);
      assert.deepEqual(slanted, [], file);
    }
  });
});

describe('figures of exported Chinese pages', () => {
  for (const { name, files } of allLessons()) {
    it(`${name}: alt texts, folds, heads of tables`, () => {
      const { names } = dictionaryOf(ROOT, name);
      const left: string[] = [];
      for (const { id, outputs = [] } of prepare(readNotebook(files.zh), 'zh', undefined, name).notebook.cells) {
        for (const { data } of names.isDataCell(id) ? [] : outputs) {
          const html = String(data?.['text/html'] ?? '');
          if (!html.includes('lab-figure')) continue;
          changeMarkup(html.replace(/<script type="application\/json">[\s\S]*?<\/script>/g, ''), text => {
            if (names.foreign(text).length > 0) left.push(`${id}: ${text}`);
            return text;
          });
        }
      }
      assert.deepEqual(left, []);
    });
  }

  it('English pages name the columns as their charts do', () => {
    const spec = {
      data: { values: [{ t: 1, loss: 2 }] },
      encoding: { x: { field: 't', title: 'time step' }, y: { field: 'loss', type: 'quantitative' } },
    };
    const bundle = { 'application/vnd.vegalite.v5+json': spec, 'text/plain': 'a chart' };
    const cell = (source: string) => ({
      cell_type: 'code' as const,
      id: 'a',
      metadata: {},
      source,
      execution_count: 1,
      outputs: [{ output_type: 'display_data', data: bundle, metadata: {} }],
    });
    const shown = (language: 'en' | 'zh') =>
      String(
        prepare({ cells: [cell('1')], metadata: {}, nbformat: 4, nbformat_minor: 5 } as never, language).notebook
          .cells[0].outputs?.[0].data?.['text/html'],
      );
    assert.match(shown('en'), /<th scope="col">time step<\/th><th scope="col">loss<\/th>/);
    assert.match(shown('zh'), /<th scope="col">time step<\/th><th scope="col">损失<\/th>/);
    assert.ok(hasHan(shown('zh')));
  });
});
