/** Browsers for tests that run side by side: one each, since a page behind another one is not drawn. */
import type { Browser } from 'puppeteer-core';
import { startBrowser } from '../scripts/export/browser';

export class Browsers {
  private readonly all: Promise<Browser>[] = [];
  private readonly free: Browser[] = [];

  /** Lends a browser that nobody else uses meanwhile; there are as many as were ever lent at once. */
  async use<T>(test: (browser: Browser) => Promise<T>): Promise<T> {
    const browser = this.free.pop() ?? (await this.start());
    try {
      return await test(browser);
    } finally {
      this.free.push(browser);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(async browser => (await browser).close()));
  }

  private start(): Promise<Browser> {
    const browser = startBrowser();
    this.all.push(browser);
    return browser;
  }
}
