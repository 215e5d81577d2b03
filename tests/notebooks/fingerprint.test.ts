/** A lesson is older than what it is made from exactly where the content of a part that it reaches has changed. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { changedParts, fingerprintOf } from '../../scripts/notebooks/fingerprint';
import type { JsonObject, Notebook } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';

const FILES = {
  'lib/index.ts': "export * from './nn';\nexport { draw } from './plot/draw';\nexport * from './data/load';\n",
  'lib/nn/index.ts': "export * from './linear';\nexport * from './conv';\n",
  'lib/nn/linear.ts': "import { base } from './base';\nimport type { Kind } from './kinds';\nexport class Linear {}\n",
  'lib/nn/base.ts': 'export const base = 1;\n',
  'lib/nn/kinds.ts': 'export type Kind = 1;\n',
  'lib/nn/conv.ts': "import zeros from 'zeros';\nexport class Conv {}\n",
  'lib/plot/draw.ts': 'export const draw = 1;\n',
  'lib/data/load.ts': 'export const load = (name: string) => name;\n',
  'datasets/iris.csv': '1',
  'datasets/checkpoints/iris-net.safetensors': '2',
  'node_modules/zeros/package.json': '{ "version": "1.2.3" }',
};

function project(): { root: string; write: (file: string, text: string) => void } {
  const root = newFolder('fingerprint');
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(FILES)) write(file, text);
  return { root, write };
}

const lesson = (...sources: string[]): Notebook => ({
  cells: sources.map((source, i) => ({ cell_type: 'code', id: `c${i}`, metadata: {}, source, outputs: [] })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const CELL = "import { Linear, load } from './lib';";

test('a lesson reaches the modules of the names that it imports, what they import, the data named, and no more', () => {
  const { root } = project();
  const parts = (...sources: string[]) => Object.keys(fingerprintOf(lesson(...sources), root));
  assert.deepEqual(parts(CELL, "load('iris.csv')"), [
    'code',
    'lib/data/load.ts',
    'lib/nn/base.ts',
    'lib/nn/linear.ts',
    'datasets/iris.csv',
  ]);
  assert.deepEqual(parts("import { Conv, draw } from './lib'; draw('iris-net')"), [
    'code',
    'lib/nn/conv.ts',
    'lib/plot/draw.ts',
    'datasets/checkpoints/iris-net.safetensors',
    'npm zeros',
  ]);
  assert.deepEqual(parts("import type { Linear } from './lib';"), ['code']);
});

test('it is older where one of them changed, whatever the times of the files say', () => {
  const { root, write } = project();
  const notebook = lesson(CELL, "load('iris')");
  assert.equal(changedParts(notebook, root), undefined, 'nothing was recorded');
  notebook.metadata.made_from = fingerprintOf(notebook, root) as JsonObject;
  for (const [file, text] of Object.entries(FILES)) write(file, text);
  assert.deepEqual(changedParts(notebook, root), [], 'written anew with the same content');
  write('lib/plot/draw.ts', 'export const draw = 2;\n');
  assert.deepEqual(changedParts(notebook, root), [], 'nothing that it reaches');
  write('lib/nn/base.ts', 'export const base = 2;\n');
  write('datasets/iris.csv', '7');
  assert.deepEqual(changedParts(notebook, root), ['lib/nn/base.ts', 'datasets/iris.csv']);
  notebook.cells[1].source += ';';
  assert.ok(changedParts(notebook, root)?.includes('code'));
});

test('a prediction is shown by the sync, so its words make nothing older', () => {
  const { root } = project();
  const ask = (why: string) =>
    lesson(CELL, `predict({ question: 'q', choices: ['a', 'b'], answer: 0, why: '${why}' })`);
  assert.deepEqual(fingerprintOf(ask('one'), root), fingerprintOf(ask('two'), root));
});
