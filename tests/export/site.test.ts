import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { Browsers } from '../../scripts/export/browser';
import { buildSite } from '../../scripts/export/site';
import { allLessons, type Notebook, readNotebook, tagsOf } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';
import { SMALLEST_TEXTS } from './measure-page';
import { visit } from './offline';
import { pageFill } from './pdf-fill';
import { pdfCharacters } from './pdf-text';

const FIXTURES = path.join(__dirname, '..', 'fixtures');
const LIVE = /^application\/vnd\.(vega|vegalite|plotly)\.v\d+\+json$/;

/** How many live figures and how many formulas a page made from this notebook must show. */
function expectedIn(notebook: Notebook): { figures: number; formulas: boolean; answers: number } {
  const shown = notebook.cells.filter(
    cell => !tagsOf(cell).some(tag => ['hide', 'teacher', 'remove-cell'].includes(tag)),
  );
  const outputs = shown.filter(cell => !tagsOf(cell).includes('remove-output')).flatMap(cell => cell.outputs ?? []);
  return {
    figures: outputs.filter(output => Object.keys(output.data ?? {}).some(mime => LIVE.test(mime))).length,
    answers: shown.filter(cell => tagsOf(cell).includes('answer')).length,
    formulas: shown.some(cell => cell.cell_type === 'markdown' && /\$[^$]+\$/.test(cell.source)),
  };
}

/** Makes the first choice of every prediction, as a reader would, and waits for what it opens. */
async function openAnswers(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const choice of Array.from(document.querySelectorAll('.lab-choice:first-of-type > summary')))
      (choice as HTMLElement).click();
  });
  await new Promise(resolve => setTimeout(resolve, 250)); // what opens begins to draw
  const drawing = '.lab-answer[open] .lab-live:not(.drawn):not([data-state="failed"])';
  await page.waitForFunction(selector => document.querySelector(selector) === null, { timeout: 60_000 }, drawing);
}

/** Letters, digits and Chinese characters of the headings and paragraphs that a PDF must show (formulas are outlines). */
function wordsOf(notebook: Notebook): string {
  const shown = notebook.cells.filter(
    cell => !tagsOf(cell).some(tag => ['hide', 'teacher', 'remove-cell'].includes(tag)),
  );
  const prose = shown
    .filter(cell => cell.cell_type === 'markdown')
    .map(cell => cell.source)
    .join('\n');
  const plain = prose.replace(/\$\$[\s\S]*?\$\$|\$[^$\n]*\$|\]\([^)]*\)|<[^>]*>|&\w+;/g, ' ');
  return plain.replace(/[^\p{Script=Han}A-Za-z0-9]/gu, '');
}

for (const [what, root] of [
  ['the sampler', FIXTURES],
  ['the course', undefined],
] as const) {
  const lessons = allLessons(root);
  if (lessons.length === 0) continue;

  describe(`${what}, exported`, { concurrency: 2 }, () => {
    const folder = newFolder('site');
    const at = (name: string) => path.join(folder, name);
    const browsers = new Browsers();
    const see = (what: string, look: (browser: Browser) => Promise<void>) => it(what, () => browsers.use(look));
    before(async () => {
      await buildSite({ lessons, folder, single: root !== undefined });
    });
    after(() => browsers.close());

    for (const { name, files } of lessons) {
      for (const [language, up] of [
        ['en', ''],
        ['zh', 'zh/'],
      ] as const) {
        const wanted = expectedIn(readNotebook(files[language]));

        see(`${up}${name}: the page needs no network, figures are drawn, formulas are set`, async browser => {
          const { page, network, errors } = await visit(browser, at(`${up}${name}.html`));
          assert.deepEqual(network, []);
          assert.deepEqual(errors, []);
          const open = await page.$$eval('.lab-answer[open]', answers => answers.length);
          assert.equal(open, 0, 'answers are folded');
          await openAnswers(page);
          const seen = await page.evaluate(() => ({
            answers: document.querySelectorAll('.lab-answer[open]').length,
            figures: document.querySelectorAll('.lab-live.drawn :is(svg, canvas)').length,
            drawn: document.querySelectorAll('.lab-live.drawn').length,
            failed: document.querySelectorAll('[data-state="failed"]').length,
            formulas: document.querySelectorAll('.MathJax_SVG svg').length,
            badFormulas: document.querySelectorAll('.merror, .MathJax_Error, .noError').length,
            wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            images: [...Array.from(document.images)].filter(image => image.complete && image.naturalWidth === 0).length,
            noAlt: [...Array.from(document.images)].filter(
              image => !image.alt || image.alt.startsWith('No description'),
            ).length,
          }));
          await page.close();
          assert.equal(seen.answers, wanted.answers, 'a choice opens what answers it');
          assert.equal(seen.drawn, wanted.figures);
          assert.ok(seen.figures >= wanted.figures);
          assert.equal(seen.formulas > 0, wanted.formulas);
          assert.deepEqual(
            {
              failed: seen.failed,
              badFormulas: seen.badFormulas,
              brokenImages: seen.images,
              imagesWithoutWords: seen.noAlt,
            },
            { failed: 0, badFormulas: 0, brokenImages: 0, imagesWithoutWords: 0 },
          );
          assert.ok(seen.wide <= 0, `the page scrolls sideways by ${seen.wide} pixels`);
        });

        see(`${up}${name}: every slide opens without a network, and draws its figures`, async browser => {
          const { page, network, errors } = await visit(browser, at(`${up}${name}.slides.html`));
          const slides = await page.evaluate(async () => {
            const deck = (window as unknown as { Reveal: RevealDeck }).Reveal;
            const scrolling: string[] = [];
            let count = 1;
            for (; count < 500; count++) {
              for (const answer of Array.from(deck.getCurrentSlide().querySelectorAll('.lab-answer')))
                (answer as HTMLDetailsElement).open = true;
              await new Promise(resolve => setTimeout(resolve, 30));
              while (deck.getCurrentSlide().querySelector('[data-state="drawing"]'))
                await new Promise(r => setTimeout(r, 30));
              await new Promise(r => requestAnimationFrame(r));
              const { scrollHeight, clientHeight, textContent } = deck.getCurrentSlide();
              if (scrollHeight > clientHeight)
                scrolling.push(
                  `slide ${count}: ${scrollHeight} > ${clientHeight}: ${textContent?.trim().slice(0, 60)}`,
                );
              if (deck.isLastSlide()) break;
              deck.next();
            }
            const drawn = document.querySelectorAll('.lab-live.drawn').length;
            return { count, total: deck.getTotalSlides(), drawn, scrolling };
          });
          await page.close();
          assert.deepEqual(network, []);
          assert.deepEqual(errors, []);
          assert.ok(slides.total >= 3, `${slides.total} slides`);
          assert.equal(slides.count, slides.total);
          assert.equal(slides.drawn, wanted.figures);
          assert.deepEqual(slides.scrolling, [], 'slides that do not fit their page');
        });

        see(`${up}${name}: on a phone the words of every chart are 9 pixels or larger`, async browser => {
          const { page } = await visit(browser, at(`${up}${name}.html`), { width: 375 });
          await openAnswers(page);
          const texts = (await page.evaluate(SMALLEST_TEXTS)) as { size: number }[];
          // a scene in three dimensions draws its words on a canvas, where they cannot be measured
          const scenes = await page.$$eval('.lab-live.drawn:has(canvas)', found => found.length);
          await page.close();
          assert.ok(texts.length + scenes >= wanted.figures, `${texts.length} figures with words, ${scenes} scenes`);
          assert.deepEqual(
            texts.filter(({ size }) => size < 9),
            [],
          );
        });

        it(`${up}${name}: no page of the PDF is less than half full, but the last`, async () => {
          const fill = await pageFill(at(`${up}${name}.pdf`));
          const empty = fill
            .slice(0, -1)
            .flatMap((share, i) => (share < 0.5 ? `page ${i + 1}: ${share.toFixed(2)}` : []));
          assert.deepEqual(empty, []);
        });

        it(`${up}${name}: the PDF has pages, its own language's glyphs`, () => {
          const { pages, characters } = pdfCharacters(at(`${up}${name}.pdf`));
          const text = wordsOf(readNotebook(files[language]));
          const lost = [...new Set(text)].filter(c => !characters.has(c));
          assert.ok(pages >= 2, `${pages} pages`);
          assert.deepEqual(lost, [], 'characters of the text that have no glyph');
        });
      }
    }

    if (root !== undefined) {
      see('one file alone, moved away from the others, shows the same', async browser => {
        const alone = path.join(newFolder('alone'), 'lesson.html');
        fs.copyFileSync(at(`zh/${lessons[0].name}.single.html`), alone);
        const { page, network, errors } = await visit(browser, alone);
        await openAnswers(page);
        const seen = await page.evaluate(() => [
          document.querySelectorAll('.lab-live.drawn').length,
          document.querySelectorAll('.MathJax_SVG svg').length > 0,
        ]);
        await page.close();
        assert.deepEqual([network, errors], [[], []]);
        assert.deepEqual(seen, [expectedIn(readNotebook(lessons[0].files.zh)).figures, true]);
      });
    }

    if (root === undefined) {
      see('a chart’s slider moves it without a kernel: another layer of attention in lesson 17', async browser => {
        const { page } = await visit(browser, at('17-attention-gpt.html'));
        const picture = () => page.$eval('#cell-maps .lab-live.drawn svg', svg => svg.outerHTML);
        const before = await picture();
        await page.$eval('#cell-maps .vega-bind input[name="layer"]', input => {
          (input as HTMLInputElement).value = '2';
          input.dispatchEvent(new Event('input', { bubbles: true }));
        });
        const moved = (old: string) => document.querySelector('#cell-maps .lab-live.drawn svg')!.outerHTML !== old;
        await page.waitForFunction(moved, { timeout: 10_000 }, before);
        const cells = (svg: string) => [...svg.matchAll(/aria-label="(looks at: [^"]*)"/g)].map(([, label]) => label);
        const [first, second] = [cells(before), cells(await picture())];
        await page.close();
        assert.equal(first.length, 91, 'a cell for every pair of 13 characters, none above the diagonal');
        assert.equal(second.length, 91);
        assert.notDeepEqual(second, first);
      });
    }

    see('the index lists every lesson in both languages, with links that lead to files', async browser => {
      for (const up of ['', 'zh/']) {
        const { page, network, errors } = await visit(browser, at(`${up}index.html`));
        assert.deepEqual([network, errors], [[], []]);
        const links = await page.$$eval('a[href]', anchors => anchors.map(a => (a as HTMLAnchorElement).href));
        await page.close();
        for (const link of links) assert.ok(fs.existsSync(new URL(link.split('#')[0])), link);
        assert.equal(links.filter(link => link.endsWith('.pdf')).length, lessons.length);
      }
    });

    it('links between pages lead to pages and headings that exist', async () => {
      for (const { name } of lessons) {
        for (const up of ['', 'zh/']) {
          const html = fs.readFileSync(at(`${up}${name}.html`), 'utf8');
          const links = [...html.matchAll(/<a\b[^>]*\shref="([^"]+)"/g)].map(match => match[1].replace(/&amp;/g, '&'));
          for (const link of links.filter(l => !/^(https?|mailto):/.test(l))) {
            const [file, id] = link.split('#');
            const target = file
              ? path.resolve(path.dirname(at(`${up}${name}.html`)), decodeURI(file))
              : at(`${up}${name}.html`);
            assert.ok(fs.existsSync(target), `${up}${name}: ${link}`);
            if (id) assert.ok(hasId(fs.readFileSync(target, 'utf8'), id), `${up}${name}: no heading for ${link}`);
          }
        }
      }
    });
  });
}

interface RevealDeck {
  isLastSlide(): boolean;
  next(): void;
  getCurrentSlide(): HTMLElement;
  getTotalSlides(): number;
}

/** Browsers compare ids as written and percent-decoded. */
function hasId(html: string, fragment: string): boolean {
  return [fragment, decodeURIComponent(fragment)].some(id => html.includes(`id="${id}"`));
}
