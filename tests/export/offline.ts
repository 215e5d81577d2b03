/** Opens an exported page in a browser whose network is cut off and tells what it tried to load and what went wrong. */
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { pageReady } from '../../scripts/export/pdf';

export interface Visit {
  page: Page;
  /** Requests that left the disk; must be empty. */
  network: string[];
  /** Files that were asked for but are not there, script errors, and messages of level error. */
  errors: string[];
}

/** Opens `file` and waits until it has drawn everything; the caller closes the page. */
export async function visit(
  browser: Browser,
  file: string,
  options: { dark?: boolean; width?: number } = {},
): Promise<Visit> {
  const page = await browser.newPage();
  const network: string[] = [];
  const errors: string[] = [];
  await page.setViewport({ width: options.width ?? 1280, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: options.dark ? 'dark' : 'light' }]);
  await page.setRequestInterception(true);
  page.on('request', request => {
    const local = /^(file|data|blob):/.test(request.url());
    if (!local) network.push(request.url());
    void (local ? request.continue() : request.abort());
  });
  page.on('requestfailed', request => errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('pageerror', error => errors.push(String(error)));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load', timeout: 60_000 });
  await pageReady(page);
  return { page, network, errors };
}
