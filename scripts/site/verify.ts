/** Runs lessons in a headless browser as a reader does, and compares what they show with what Node shows. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { executeNotebook } from '../notebooks/execute';
import { codeCells, type Lesson, type Output, readNotebook } from '../notebooks/notebook';
import { RUNNING } from './lessons';
import { largestTab, Rises } from './memory';
import type { Report } from './page/report';

/** A lesson may take this long in the page, in s. */
const LONGEST = 900;

/** A busy machine may take so long for a page, in ms; the driver by itself waits 30 s. */
export const LOADED = 180_000;

/** A tab may hold this much, in MB: what a phone or a small laptop has for it. */
const LARGEST = 1500;

export interface Verdict {
  cells: number;
  ran: number;
  /** Cells that a page leaves to the computer's own programs. */
  elsewhere: number;
  /** Cells whose words and numbers are Node's. */
  same: number;
  /** What was wrong, a line each. */
  faults: string[];
  /** Cells that differ, with the first place that does. */
  differing: string[];
  seconds: number;
  /** The most that the tab's process held, MB; 0 where the system does not tell. */
  megabytes: number;
  /** Addresses outside the site that the page asked for. */
  foreign: string[];
}

/** @param address of the site */
export async function verifyLesson(
  browser: Browser,
  address: string,
  { name, files }: Lesson,
  { language = 'en' as 'en' | 'zh', device = 'wasm', compare = true } = {},
): Promise<Verdict> {
  const page = await browser.newPage();
  const [foreign, faults]: [string[], string[]] = [[], []];
  page.on('request', request => {
    if (!request.url().startsWith(address) && !/^(?:data|blob):/.test(request.url())) foreign.push(request.url());
  });
  page.on('pageerror', error => faults.push(`the page: ${(error as Error).message}`));
  try {
    const began = performance.now();
    await page.goto(`${address}/${language === 'zh' ? 'zh/' : ''}${name}.html?quick&device=${device}`, {
      timeout: LOADED,
    });
    const held = new Rises();
    const cells = codeCells(readNotebook(files.en));
    const { results } = await runAll(page, done => held.note(cells[done]?.id ?? 'the end', largestTab(browser)));
    const seconds = (performance.now() - began) / 1000;
    const expected = new Set(
      cells.filter(cell => cell.metadata.tags?.includes('raises-exception')).map(({ id }) => id),
    );
    const good = results.filter(({ id, failed }) => failed === expected.has(id));
    for (const { id, failed, elsewhere, outputs } of results) {
      if (failed === expected.has(id) || elsewhere) continue;
      const error = outputs.filter(({ type }) => type === 'error').at(-1)?.content as
        | { traceback?: string[] }
        | undefined;
      faults.push(`${name}: cell '${id}': ${plain(error?.traceback?.join('\n') ?? 'should have failed')}`);
    }
    if (results.length < cells.length) faults.push(`${name}: ${cells.length - results.length} cells were not run`);
    const elsewhere = results.filter(result => result.elsewhere).length;
    const left = RUNNING[name]?.elsewhere ?? 0;
    if (name in RUNNING && elsewhere !== left)
      faults.push(`${name}: ${elsewhere} cells keep their saved output, expected ${left} (scripts/site/lessons.ts)`);
    faults.push(...tooLarge(name, held));
    const differing = compare ? differences(good, await inNode(files.en, device)) : [];
    return {
      cells: cells.length,
      ran: good.length,
      elsewhere,
      same: good.length - differing.length,
      faults,
      differing,
      seconds,
      megabytes: held.most,
      foreign,
    };
  } finally {
    await page.close();
  }
}

/** A fault where a tab has held more than it may. */
export const tooLarge = (name: string, held: Rises): string[] =>
  held.most > LARGEST ? [`${name}: the tab held ${held.most.toFixed(0)} MB, more than ${LARGEST}: ${held}`] : [];

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
const plain = (text: string): string => text.replace(ANSI, '');

/** @param look called a few times a second with the number of cells that are done @param longest in s */
export async function runAll(page: Page, look: (done: number) => void, longest = LONGEST): Promise<Report> {
  await page.waitForSelector('.lab-run-bar .runAll:not([disabled])', { timeout: 60_000 });
  await page.click('.lab-run-bar .runAll');
  const asked = performance.now();
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, 300));
    const [state, done] = await page.evaluate(() => {
      const { state, results } = (window as unknown as { latentlabRun: Report }).latentlabRun;
      return [state, results.length] as const;
    });
    look(done);
    if (state === 'idle') break;
    if (performance.now() - asked > longest * 1000) throw new Error(`the page still runs after ${longest} s`);
  }
  const json = await page.evaluate(() => JSON.stringify((window as unknown as { latentlabRun: Report }).latentlabRun));
  return JSON.parse(json) as Report;
}

/** The text that each cell shows in Node, by the cell's id: the same budget, the same engine, so the same random numbers. */
async function inNode(file: string, device: string): Promise<Map<string, string>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-verify-'));
  const before = process.env.LAB_DEVICE;
  process.env.LAB_DEVICE = device.startsWith('webg') ? 'wasm' : device;
  try {
    const output = path.join(folder, 'ran.ipynb');
    await executeNotebook(file, { output, quick: true });
    return new Map(readNotebook(output).cells.map(({ id, outputs = [] }) => [id, outputs.map(textOf).join('\n')]));
  } finally {
    if (before === undefined) delete process.env.LAB_DEVICE;
    else process.env.LAB_DEVICE = before;
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const textOf = ({ text, data, evalue }: Partial<Output>): string =>
  plain(text ?? (data?.['text/plain'] as string | undefined) ?? evalue ?? '');

type Shown = Report['results'][number]['outputs'][number];

/** What is left to be seen in the end. */
function shownText(outputs: readonly Shown[]): string {
  let left: { id?: string; text: string; stream?: string }[] = [];
  for (const { type, content } of outputs) {
    const made = content as Partial<Output> & { transient?: { display_id?: string } };
    const id = made.transient?.display_id;
    if (type === 'clear_output') left = [];
    else if (type === 'update_display_data')
      for (const one of left.filter(one => one.id === id)) one.text = textOf(made);
    else if (type === 'stream' && left.at(-1)?.stream === made.name) left.at(-1)!.text += textOf(made);
    else left.push({ id, text: textOf(made), stream: type === 'stream' ? made.name : undefined });
  }
  return left.map(({ text }) => text).join('\n');
}

const NUMBER = /[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?/g;
/** Durations, rates, threads and versions are the machine's, not the lesson's. */
const TIMES =
  /\d[\d.,]*\s*(?:ms|s|min|steps\/s|\/s)\b|\bWebAssembly, \d+ threads?|\b(?:Node|Chrome|Firefox|Edg|Safari) [\d.]+/g;
const TOLERANCE = 1e-3;

/** Cells whose texts differ in more than the last digits of their numbers. */
export function differences(results: Report['results'], node: ReadonlyMap<string, string>): string[] {
  return results.flatMap(({ id, outputs }, i) => {
    if (i === 0) return []; // the device line
    const [here, there] = [shownText(outputs), node.get(id) ?? ''].map(text => text.replace(TIMES, 'time').trim());
    const fault = firstDifference(here, there);
    return fault ? [`cell '${id}': ${fault}`] : [];
  });
}

export function firstDifference(here: string, there: string): string | undefined {
  const [words, others] = [here, there].map(text => text.replace(NUMBER, '#').split('\n'));
  for (let i = 0; i < Math.max(words.length, others.length); i++) {
    const [line, other] = [words[i] ?? '', others[i] ?? ''].map(text => text.trimEnd()); // either may end first
    if (line !== other) return `'${line.trim().slice(0, 80)}', in Node '${other.trim().slice(0, 80)}'`;
  }
  const [mine, theirs] = [here, there].map(text => (text.match(NUMBER) ?? []).map(numberOf));
  const at = mine.findIndex((value, i) => Math.abs(value - theirs[i]) > TOLERANCE * Math.max(1, Math.abs(theirs[i])));
  return at < 0 ? undefined : `${mine[at]}, in Node ${theirs[at]}`;
}

const numberOf = (text: string): number => Number(text.replace('−', '-').replaceAll(',', ''));
