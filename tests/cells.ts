/** Notebooks made of code, for tests that run them. */
import fs from 'node:fs';
import path from 'node:path';
import type { Notebook } from '../scripts/notebooks/notebook';
import { newFolder } from './folder';

/** A notebook of code cells that were not run: `cell-0`, `cell-1`, … */
export function notebookOf(sources: readonly string[]): Notebook {
  return {
    cells: sources.map((source, i) => {
      return { cell_type: 'code', id: `cell-${i}`, metadata: {}, source, outputs: [], execution_count: null };
    }),
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** The same as a file, `name`.ipynb in a folder of its own. */
export function notebookFile(name: string, sources: readonly string[]): string {
  const file = path.join(newFolder(name), `${name}.ipynb`);
  fs.writeFileSync(file, JSON.stringify(notebookOf(sources)));
  return file;
}

/** A training that goes on until it is stopped; how it ended is the cell's value. */
export const ENDLESS_TRAINING = [
  "import { Adam, claim, Linear, mse, progressBar, table, tf, train } from './lib';",
  'const layer = new Linear(64, 64);',
  'const adam = new Adam(layer.parameters(), { learningRate: 1e-3 });',
  'function* batches() {\n  for (let i = 0; i < 100_000; i++) yield { x: tf.randomNormal([256, 64]) };\n}',
  'const step = ({ x }: Record<string, tf.Tensor>) => ({ loss: adam.minimize(() => mse(layer.forward(x), x)) });',
  'const result = await train({ step, batches, epochs: 1, stepsPerEpoch: 100_000, observers: [progressBar()] });',
  'result.stopped',
].join('\n');

/**
 * The text of a notebook as VS Code writes a new one: no ids, lines in lists, a language in each cell, one space before each
 * level, and the minor number of its first save. Its cells give 6 and a chart.
 */
export const VSCODE_NOTEBOOK = JSON.stringify(
  {
    cells: [
      { cell_type: 'markdown', metadata: {}, source: ['# Mine\n', '\n', 'written in VS Code'] },
      ...[
        ["import { tf } from './lib';\n", 'const x = tf.tensor1d([1, 2, 3]);'],
        ['x.sum().dataSync()[0]'],
        ["({ mark: 'bar', data: { values: [{ a: 1 }] }, encoding: { x: { field: 'a' } } })"],
      ].map(source => ({
        cell_type: 'code',
        execution_count: null,
        metadata: { vscode: { languageId: 'typescript' } },
        outputs: [],
        source,
      })),
    ],
    metadata: {
      kernelspec: { display_name: 'TypeScript', language: 'typescript', name: 'tslab' },
      language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript', version: '5.9.3' },
    },
    nbformat: 4,
    nbformat_minor: 2,
  },
  null,
  1,
);
