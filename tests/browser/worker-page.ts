/** The cells' worker of a page by itself: code is compiled here, and runs in a headless browser on a device that is named. */
import fs from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { CellCompiler } from '../../lib/kernel/compiler/service';
import { inProject } from '../../scripts/setup/paths';
import { writeBundles } from '../../scripts/site/bundle';
import { type Server, serve } from '../../scripts/site/serve';

interface Said {
  /** What the cell has printed, and the errors that it showed. */
  text: string;
  errors: string[];
  /** Why the device does not compute at all. */
  unable?: string;
}

/** One for all pages: it takes seconds to begin. */
let compiler: CellCompiler | undefined;

export class WorkerPage {
  private constructor(
    private readonly server: Server,
    private readonly page: Page,
  ) {}

  /** @param folder a new one, or one that has been opened before */
  static async open(browser: Browser, folder: string): Promise<WorkerPage> {
    if (!fs.existsSync(path.join(folder, 'files.json'))) {
      await writeBundles(folder, ['runner']);
      fs.writeFileSync(path.join(folder, 'files.json'), JSON.stringify({ build: '', files: {} }));
      fs.writeFileSync(path.join(folder, 'index.html'), '<p>a worker');
    }
    const server = await serve(folder);
    const page = await browser.newPage();
    await page.goto(`${server.address}/`);
    return new WorkerPage(server, page);
  }

  /** Runs one cell in a worker of its own. */
  async run(device: string, code: string): Promise<Said> {
    compiler ??= new CellCompiler(inProject('notebooks'));
    const { compiled, diagnostics } = compiler.compile(1, code);
    if (!compiled) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
    return this.page.evaluate(
      (env, cell) =>
        new Promise<Said>(resolve => {
          const site = new URL('./', location.href).href;
          const begin = { site, build: '', notebook: 'notebooks/a.ipynb', env, cells: [] };
          const worker = new Worker('runner.js', { name: JSON.stringify(begin) });
          const said: Said = { text: '', errors: [] };
          worker.onerror = ({ message }) => {
            worker.terminate();
            resolve({ ...said, unable: message });
          };
          worker.onmessage = ({ data: { kind, type, content, why } }) => {
            if (kind === 'ready') worker.postMessage({ kind: 'execute', cell: 1, count: 1, ...cell });
            if (kind === 'output' && type === 'stream') said.text += content.text;
            if (kind === 'output' && type === 'error') said.errors.push(content.evalue);
            if (kind !== 'unable' && kind !== 'done') return;
            setTimeout(() => {
              worker.terminate();
              resolve({ ...said, unable: why });
            }, 300); // a device may tell what was wrong after the cell has ended
          };
        }),
      { LAB_DEVICE: device },
      { code, silent: false, seen: false, answer: false, compiled },
    );
  }

  close(): void {
    this.server.close();
  }
}
