/** A lesson as one HTML file that can be mailed: styles and scripts inside, formulas already set. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'puppeteer-core';
import { pageReady } from './pdf';

/** Makes `out` from an exported page; figures stay interactive, links to other pages become plain text. */
export async function writeSingleFile(browser: Browser, html: string, out: string): Promise<void> {
  const page = await browser.newPage();
  try {
    await page.goto(`${pathToFileURL(html).href}?print`, { waitUntil: 'load', timeout: 60_000 });
    await pageReady(page);
    const text = await page.evaluate(freeze);
    fs.writeFileSync(out, `<!DOCTYPE html>\n${inlineFiles(text, path.dirname(html))}\n`);
  } finally {
    await page.close();
  }
}

/** Runs in the page: takes away what only worked beside other files, and undoes what drawing has changed. */
function freeze(): string {
  const remove =
    '.widget-subarea, script[src*="mathjax"], script[type^="math/"], #MathJax_Message, .MathJax_Preview, .bar nav a, .neighbours';
  document.querySelectorAll(remove).forEach(element => {
    element.remove();
  });
  document.querySelectorAll('a[href]').forEach(link => {
    if (!/^(#|https?:)/.test(link.getAttribute('href') ?? '')) link.replaceWith(...Array.from(link.childNodes));
  });
  document.querySelectorAll<HTMLElement>('.lab-live[data-state]').forEach(box => {
    box.replaceChildren();
    box.removeAttribute('data-state');
    box.classList.remove('drawn');
  });
  document.querySelectorAll('.is-live').forEach(figure => {
    figure.classList.remove('is-live');
  });
  document.querySelectorAll<HTMLElement>('table').forEach(table => {
    table.style.removeProperty('zoom');
  });
  delete document.documentElement.dataset.ready;
  return document.documentElement.outerHTML;
}

function inlineFiles(html: string, folder: string): string {
  const read = (file: string) => fs.readFileSync(path.resolve(folder, file), 'utf8');
  return html
    .replace(/<link rel="stylesheet" href="([^"]+)">/g, (_, file) => `<style>\n${read(file)}</style>`)
    .replace(/<script src="([^"]+)"><\/script>/g, (_, file) =>
      file.endsWith('widgets.js') // its code must find itself to have an address
        ? `<script src="data:text/javascript;base64,${Buffer.from(read(file)).toString('base64')}"></script>`
        : `<script>${read(file).replace(/<\/script/gi, '<\\/script')}</script>`,
    );
}
