/** Opens a lesson in JupyterLite in a headless browser, runs it cell by cell, and says what went wrong. */
import path from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { REFUSALS } from '../../lib/platform/browser/refusal';
import { codeCells, ROOT, readNotebook, tagsOf } from '../notebooks/notebook';
import { largestTab, Rises } from '../site/memory';
import { gestures } from './gestures';
import type { Lab } from './lab';

/** JupyterLab and a notebook are there within this time, and a cell has run, in s. */
const OPENS = 120;
const LONGEST = 900;

export interface LiteVerdict {
  cells: number;
  ran: number;
  /** What was wrong, a line each. */
  faults: string[];
  /** Seconds until the first cell had run, and all of them. */
  ready: number;
  seconds: number;
  /** The most that the tab's process held, MB; 0 where the system does not tell. */
  megabytes: number;
}

/** @param file of the notebook @param elsewhere so many of its cells need what a page cannot have */
export async function verifyInLite(
  browser: Browser,
  address: string,
  file: string,
  elsewhere: number,
): Promise<LiteVerdict> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('request', request => {
    if (!request.url().startsWith(address) && !/^(?:data|blob):/.test(request.url()))
      faults.push(`asked for ${request.url()}`);
  });
  const cells = codeCells(readNotebook(file));
  const began = performance.now();
  const since = (): number => (performance.now() - began) / 1000;
  let [ran, ready, left] = [0, 0, 0];
  const held = new Rises();
  try {
    await openNotebook(page, address, file);
    for (const cell of cells) {
      const error = await runCell(page, cell.id);
      ready ||= since();
      held.note(cell.id, largestTab(browser));
      const mayFail = tagsOf(cell).includes('raises-exception');
      if ((error !== undefined) === mayFail) ran++;
      else if (refused(error) || left > 0) left++;
      else faults.push(`cell '${cell.id}': ${error ?? 'should have failed'}`);
    }
    if (left !== elsewhere) faults.push(`${left} cells need what a page cannot have, expected ${elsewhere}`);
    const seconds = since();
    faults.push(...(await gestures(page)));
    return { cells: cells.length, ran, faults, ready, seconds, megabytes: held.most };
  } finally {
    await page.close();
  }
}

/** As a reader does by an address, with the tests' small budgets and strict claims. */
async function openNotebook(page: Page, address: string, file: string): Promise<void> {
  await page.setViewport({ width: 1280, height: 900 });
  const notebook = path.relative(path.join(ROOT, 'notebooks'), file).split(path.sep).join('/');
  await page.goto(`${address}/lab/index.html?quick&path=${encodeURIComponent(notebook)}`);
  const there = (): boolean =>
    (window as unknown as { jupyterapp?: Lab }).jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
      ?.name === 'tslab';
  await page.waitForFunction(there, { timeout: OPENS * 1000 });
}

/** Opens the notebook on a new page once the network is off, and runs its first cell; returns what was wrong, if anything. */
export async function secondVisit(browser: Browser, address: string, file: string): Promise<string | undefined> {
  const page = await browser.newPage();
  try {
    await openNotebook(page, address, file);
    const error = await runCell(page, codeCells(readNotebook(file))[0].id);
    return error && `without a network the first cell says ${error}`;
  } catch (error) {
    return `without a network: ${error}`;
  } finally {
    await page.close();
  }
}

const refused = (error: string | undefined): boolean => error !== undefined && error.split(':')[0] in REFUSALS;

/** Runs the cell of this id; returns its error, `NAME: what it says`. */
async function runCell(page: Page, id: string): Promise<string | undefined> {
  const running = page.evaluate(async wanted => {
    const { commands, shell } = (window as unknown as { jupyterapp: Lab }).jupyterapp;
    const { content } = shell.currentWidget;
    content.activeCellIndex = content.widgets.findIndex(({ model }) => model.id === wanted);
    await commands.execute('notebook:run-cell');
    const outputs = content.widgets[content.activeCellIndex].model.outputs?.toJSON() ?? [];
    const error = outputs.find(output => output.output_type === 'error');
    return error && `${error.ename}: ${error.evalue}`;
  }, id);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve(`not over after ${LONGEST} s`), LONGEST * 1000);
  });
  const error = await Promise.race([running, late]);
  clearTimeout(timer);
  return error;
}
