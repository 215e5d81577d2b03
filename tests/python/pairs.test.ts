/**
 * The Python beside the TypeScript of the lessons is run with the same inputs, and gives the same numbers. Where there is no
 * PyTorch (.venv-bench), its results are those that tests/python/record.ts kept, for the very same lines.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPacked } from '../packed';
import { NOT_RUN, PAIRS } from './pairs';
import { fingerprint, pythonFor, runPython, runTypeScript, type Shown, shownPairs } from './shown';

interface Recorded {
  of: string;
  results: number[][];
}

const recorded = readPacked<Record<string, Recorded>>(__dirname, 'recorded.json');
const shown = shownPairs();

function assertNear(got: number[][], wanted: number[][], tolerance: number): void {
  assert.deepEqual(
    got.map(row => row.length),
    wanted.map(row => row.length),
  );
  got.forEach((row, i) => {
    row.forEach((value, j) => {
      const gap = Math.abs(value - wanted[i][j]) / Math.max(1, Math.abs(wanted[i][j]));
      assert.ok(gap <= tolerance, `value ${i}, number ${j}: TypeScript ${value}, Python ${wanted[i][j]}`);
    });
  });
}

const done = new Map<string, Record<string, number[][]>>();
/** What Python gives for a pair, where there is one that can run it; it is started once for all pairs. */
function ofPython(pair: Shown): number[][] | undefined {
  const interpreterOf = (each: Shown) => pythonFor(each, PAIRS[each.id].py);
  const interpreter = interpreterOf(pair);
  if (!interpreter) return undefined;
  const same = () => shown.filter(each => each.id in PAIRS && interpreterOf(each) === interpreter);
  if (!done.has(interpreter)) done.set(interpreter, runPython(interpreter, same()));
  return done.get(interpreter)![pair.id];
}

describe('Python beside TypeScript', () => {
  it('each pair is run, or says why it is not', () => {
    assert.deepEqual(shown.map(({ id }) => id).sort(), [...Object.keys(PAIRS), ...Object.keys(NOT_RUN)].sort());
  });

  for (const pair of shown.filter(({ id }) => id in PAIRS)) {
    it(`${pair.id}: the same numbers`, () => {
      const { ts, tolerance = 2e-5 } = PAIRS[pair.id];
      assert.equal(
        recorded[pair.id]?.of,
        fingerprint(pair),
        'other lines now: node --import tsx tests/python/record.ts',
      );
      const python = ofPython(pair) ?? recorded[pair.id].results;
      assert.ok(python.flat().length > 0);
      assertNear(runTypeScript(pair, ts), python, tolerance);
    });
  }
});
