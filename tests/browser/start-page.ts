import type { Browser, Page } from 'puppeteer-core';
import type { JupyterLab } from '../../scripts/notebooks/jupyterlab';

/** A new page on which JupyterLab has come up with the start page. */
export async function openStartPage(browser: Browser, lab: JupyterLab): Promise<Page> {
  const page = await browser.newPage();
  await page.emulateFocusedPage(true); // without the focus JupyterLab does not bring what it opens to the front
  await page.setViewport({ width: 1280, height: 1000 });
  await page.goto(lab.url(), { waitUntil: 'domcontentloaded', timeout: 60_000 });
  await page.waitForSelector('.latentlab-start li', { timeout: 120_000 });
  return page;
}
