/** Prints lesson pages as PDF with the browser that is installed. */
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { escapeXml } from '../../lib/runtime/html';

/** Width of the text on the page: A4 less the margins, 178 mm at 96 pixels an inch. */
const TEXT_WIDTH = 673;
const LINE = "font: 8px system-ui, 'Noto Sans CJK SC', sans-serif; width: 100%; padding: 0 16mm; color: #767676;";

/** Prints one HTML file on A4. Formulas are set first; folded solutions and answers are opened, since paper cannot unfold. */
export async function printPdf(browser: Browser, html: string, pdf: string, title: string): Promise<void> {
  const page = await browser.newPage();
  try {
    await page.setViewport({ width: TEXT_WIDTH, height: 950 });
    await page.emulateMediaType('print');
    await page.goto(`${pathToFileURL(html).href}?print`, { waitUntil: 'load', timeout: 60_000 });
    await pageReady(page);
    await page.evaluate(() => {
      document.querySelectorAll<HTMLDetailsElement>('.text-cell details, .lab-answer').forEach(details => {
        details.open = true;
      });
      const TALL = 240; // a quarter of a page
      document.querySelectorAll('.code, .output pre').forEach(block => {
        block.classList.toggle('tall', block.getBoundingClientRect().height > TALL);
      });
    });
    await page.pdf({
      path: pdf,
      format: 'A4',
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: `<div style="${LINE}">${escapeXml(title)}</div>`,
      footerTemplate: `<div style="${LINE} text-align: center"><span class="pageNumber"></span> / <span class="totalPages"></span></div>`,
      margin: { top: '18mm', bottom: '18mm', left: '16mm', right: '16mm' },
      tagged: true,
      outline: true,
      timeout: 120_000,
    });
  } finally {
    await page.close();
  }
}

/** Waits until the page says that formulas and figures are drawn (theme/lesson.js sets the mark). */
export async function pageReady(page: Page, timeout = 60_000): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true', { timeout });
}
