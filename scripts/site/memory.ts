/** A tab's process, workers included, as Linux tells of it: what it holds, and how long it has computed. */
import fs from 'node:fs';
import type { Browser } from 'puppeteer-core';

/** Text of a file of /proc; empty where the process has just gone. */
function tells(process: number, file: string): string {
  try {
    return fs.readFileSync(`/proc/${process}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

const parentOf = (process: number): number => Number(/\) \S (\d+)/.exec(tells(process, 'stat'))?.[1] ?? 0);

function descendsFrom(process: number, ancestor: number): boolean {
  for (let at = process; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

/** How Chromium starts a page's process, and Firefox. */
const A_PAGE = /--type=renderer|-contentproc[\0 ].*[\0 ]tab\0/s;

/** Processes of the browser's pages and of their workers. */
function pagesOf(own: number): number[] {
  return fs
    .readdirSync('/proc')
    .map(Number)
    .filter(process => process > 0 && A_PAGE.test(tells(process, 'cmdline')) && descendsFrom(process, own));
}

/** Ticks of Linux's clock in a second. */
const TICKS = 100;

/** Seconds of processor time that the browser's pages have used; 0 where the system does not tell. */
export function processorSeconds(browser: Browser): number {
  const own = browser.process()?.pid;
  if (own === undefined || !fs.existsSync('/proc/self/stat')) return 0;
  const ticks = pagesOf(own).map(process => {
    const [user, system] = tells(process, 'stat').replace(/.*\) /s, '').split(' ').slice(11, 13).map(Number);
    return user + system;
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS;
}

/** Megabytes of the browser's largest page, pages of memory that it shares counted in part; 0 where the system does not tell. */
export function largestTab(browser: Browser): number {
  const own = browser.process()?.pid;
  if (own === undefined || !fs.existsSync('/proc/self/smaps_rollup')) return 0;
  const kilobytes = pagesOf(own).map(process =>
    Number(/^Pss:\s+(\d+)/m.exec(tells(process, 'smaps_rollup'))?.[1] ?? 0),
  );
  return Math.max(0, ...kilobytes) / 1000;
}

/** The most that a tab has held, and which cells made that more: WebAssembly's memory never shrinks, so a rise is the cell's own. */
export class Rises {
  /** MB */
  most = 0;
  private readonly by = new Map<string, number>();

  note(cell: string, megabytes: number): void {
    const more = megabytes - this.most;
    if (more <= 0) return;
    this.by.set(cell, (this.by.get(cell) ?? 0) + more);
    this.most = megabytes;
  }

  /** The cells of the largest rises, with MB. */
  toString(): string {
    const largest = [...this.by].sort(([, a], [, b]) => b - a).slice(0, 4);
    return largest.map(([cell, more]) => `'${cell}' +${more.toFixed(0)}`).join(', ');
  }
}
