/** Runs a few cells of a lesson as they stand there, through the kernel, and gives what they leave: for what lasts too long for a whole run. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { executeNotebook, failureText } from './execute';
import { type Cell, type Json, type Notebook, readNotebook, writeNotebook } from './notebook';

/** What stands in a cell, and what is to stand there instead. A pattern has the flag g. */
export type Swap = [string | RegExp, string];

/** The cells start with another seed. */
export const startedWith = (seed: number): Swap => [/start\(\{ seed: \d+ \}\)/g, `start({ seed: ${seed} })`];

/**
 * The sources with each swap made wherever it fits.
 * @throws {Error} where it fits nowhere: the cells have changed, and would run as if nothing had been asked
 */
export function swapped(sources: readonly string[], swaps: readonly Swap[]): string[] {
  let changed = [...sources];
  for (const [found, instead] of swaps) {
    const there = (source: string) => (typeof found === 'string' ? source.includes(found) : source.search(found) >= 0);
    if (!changed.some(there)) throw new Error(`none of the cells has ${found}`);
    changed = changed.map(source => source.replaceAll(found, () => instead));
  }
  return changed;
}

/** Sources of `cells`: ids of cells of `notebook`, or code in their place where it begins with 'const'. */
export function sourcesOf(notebook: Notebook, cells: readonly string[]): string[] {
  return cells.map(each => {
    const kept = notebook.cells.find(({ id }) => id === each);
    if (!kept && !each.startsWith('const ')) throw new Error(`no cell is called '${each}'`);
    return kept?.source ?? each;
  });
}

/**
 * Runs `cells` of the notebook `file` in full, and then `told`, an expression whose value comes back as JSON.
 * @param cells ids of cells, in their order, or code in their place where it begins with 'const'
 * @param change what becomes of the sources before they run
 */
export async function runSomeCells(
  file: string,
  cells: string[],
  told: string,
  change: (sources: string[]) => string[] = sources => sources,
): Promise<Json> {
  const notebook = readNotebook(file);
  const code = change(sourcesOf(notebook, cells)).map(
    (source, i): Cell => ({
      cell_type: 'code',
      id: notebook.cells.find(({ id }) => id === cells[i])?.id ?? `needed-${i}`,
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    }),
  );
  const last = { ...code[0], id: 'told', source: `console.log(JSON.stringify(${told}))` };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-cells-'));
  const [before, after] = ['before', 'after'].map(word => path.join(folder, `${word}.ipynb`));
  writeNotebook(before, { ...notebook, cells: [...code, last] });
  const { failure } = await executeNotebook(before, { output: after, folder: path.dirname(file) });
  if (failure) throw new Error(failureText(failure, code.find(({ id }) => id === failure.id)?.source));
  const printed = readNotebook(after).cells.at(-1)?.outputs ?? [];
  fs.rmSync(folder, { recursive: true });
  return JSON.parse(printed.map(({ text }) => text ?? '').join('')) as Json;
}
