/** The lines of TypeScript and Python that lessons show beside each other, run. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { inspect } from 'node:util';
import vm from 'node:vm';
import ts from 'typescript';
import * as lib from '../../lib';
import { torchPython } from '../../scripts/bench/python';
import { pythonInVenv } from '../../scripts/notebooks/command';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';
import { type Half, PAIRS } from './pairs';

export interface Shown {
  id: string;
  typescript: string;
  python: string;
}

/** What readers see, from the saved outputs: 'lesson/cell', and the two columns. */
export function shownPairs(): Shown[] {
  return allLessons().flatMap(({ name, files }) =>
    readNotebook(files.en).cells.flatMap(({ id, cell_type, source, outputs = [] }) => {
      if (cell_type !== 'code' || !source.includes('pythonBeside(')) return [];
      const said = outputs
        .map(({ data }) => String(data?.['text/plain'] ?? ''))
        .find(t => t.startsWith('TypeScript\n'));
      const [left, right] = said?.slice('TypeScript\n'.length).split('\n\nPython\n') ?? [];
      if (!right) throw new Error(`${name}, ${id}: the two columns are not in the saved output`);
      const lines = right.split('\n');
      const end = lines.findIndex(line => line !== '' && !line.startsWith('    ')); // a note, or a claim's line
      const [typescript, python] = [left, lines.slice(0, end < 0 ? undefined : end).join('\n')].map(unindented);
      return [{ id: `${name}/${id}`, typescript, python }];
    }),
  );
}

const unindented = (column: string): string => column.replace(/^ {4}/gm, '').trim();

const wave = (n: number, k: number, s: number) => Float32Array.from({ length: n }, (_, i) => s * Math.sin(0.7 * i + k));

/** Runs the shown TypeScript and returns the numbers of each value that is compared. */
export function runTypeScript({ typescript }: Shown, { before = '', values }: Half): number[][] {
  const seen: unknown[] = [];
  const scope = vm.createContext({
    ...lib,
    lib,
    wave,
    path,
    inspect,
    folder: newFolder('pairs'),
    seen,
    Float32Array,
    Math,
    Object,
  });
  const options = { target: ts.ScriptTarget.ES2022, alwaysStrict: true }; // as in a cell, which is a module
  const run = (code: string) => vm.runInContext(ts.transpile(code, options), scope);
  run(before);
  run(remembering(typescript));
  return values.map(value => numbers(run(`(${value})`)));
}

/** The same program, in which the value of each line that stands alone is kept in `seen`; `a, b` are two values. */
function remembering(code: string): string {
  const file = ts.createSourceFile('shown.ts', code, ts.ScriptTarget.ES2022, true);
  return file.statements
    .map(statement => {
      if (!ts.isExpressionStatement(statement)) return statement.getText();
      return `seen.push(${statement.expression.getText()});`; // a comma separates arguments, too
    })
    .join('\n');
}

/** Texts count as their characters' numbers, truth values as 0 and 1. */
function numbers(value: unknown): number[] {
  if (value instanceof lib.tf.Tensor) return [...value.dataSync()];
  if (typeof value === 'number' || typeof value === 'boolean') return [Number(value)];
  if (typeof value === 'string') return Array.from(value, character => character.codePointAt(0)!);
  return Array.from(value as ArrayLike<unknown>).flatMap(numbers);
}

const torch = torchPython();
const needsTorch = ({ python }: Shown, { before = '' }: Half) => /\b(?:torch|scipy|nn|F)\./.test(python + before);
/** NumPy alone is in every clone, PyTorch where `npm run bench` has made .venv-bench. */
export const pythonFor = (shown: Shown, half: Half): string | undefined =>
  needsTorch(shown, half) ? torch : pythonInVenv();

/** Runs the shown Python of several pairs. */
export function runPython(interpreter: string, pairs: Shown[]): Record<string, number[][]> {
  const input = pairs.map(shown => ({ id: shown.id, ...program(shown) }));
  const script = path.join(__dirname, 'run_pairs.py');
  return JSON.parse(execFileSync(interpreter, [script], { input: JSON.stringify(input), encoding: 'utf8' }));
}

function program(shown: Shown): { before: string; code: string; values: string[] } {
  const { before = '', values } = PAIRS[shown.id].py;
  return { before, code: shown.python, values };
}

/** Changes when anything does that a recorded result depends on. */
export const fingerprint = (shown: Shown): string =>
  createHash('sha256')
    .update(JSON.stringify(program(shown)))
    .digest('hex')
    .slice(0, 16);
