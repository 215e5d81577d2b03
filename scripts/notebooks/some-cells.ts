/** Runs a few cells of a lesson as they stand there, through the kernel, and gives what they leave: for what lasts too long for a whole run. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { executeNotebook, failureText } from './execute';
import { type Cell, type Json, readNotebook, writeNotebook } from './notebook';

/** The cell with another seed where it starts. */
export const startedWith = (source: string, seed: number): string =>
  source.replace(/start\(\{ seed: \d+ \}\)/, `start({ seed: ${seed} })`);

/**
 * Runs `cells` of the notebook `file` in full, and then `told`, an expression whose value comes back as JSON.
 * @param cells ids of cells, in their order, or code in their place where it begins with 'const'
 * @param change what becomes of each source before it runs
 */
export async function runSomeCells(
  file: string,
  cells: string[],
  told: string,
  change: (source: string) => string = source => source,
): Promise<Json> {
  const notebook = readNotebook(file);
  const code = cells.map((each, i): Cell => {
    const kept = notebook.cells.find(({ id }) => id === each);
    if (!kept && !each.startsWith('const ')) throw new Error(`${path.basename(file)} has no cell '${each}'`);
    return {
      cell_type: 'code',
      id: kept?.id ?? `needed-${i}`,
      metadata: {},
      source: change(kept?.source ?? each),
      outputs: [],
      execution_count: null,
    };
  });
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
