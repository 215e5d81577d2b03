/** The name of a reference line stands where no curve runs through it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type LineOptions, linePlan } from '../../lib/plot/lines';

/** 'left' or 'right' for each reference of a chart. */
function ends(curves: Parameters<typeof linePlan>[0], options: LineOptions): string[] {
  const layers = linePlan(curves, options).spec.layer as { mark: { type: string; align?: string } }[];
  return layers.filter(({ mark }) => mark.type === 'text').map(({ mark }) => String(mark.align));
}

const falling = Array.from({ length: 100 }, (_, i) => 10 ** (4 - i / 12)); // 1e4 to 5e-5

test('a reference is named at the right end, or at the left where a curve runs through its name at the right', () => {
  const options = { x: falling.map((_, i) => i), logY: true };
  assert.deepEqual(ends({ falling }, { ...options, references: { one: 1, little: 1e-4 } }), ['right', 'left']);
  assert.deepEqual(ends({ loss: [543, 200, 104] }, { references: { published: 104 } }), ['left']);
});

test('where both ends are taken the name stays at the right', () => {
  const dip = falling.map((_, i) => (i - 50) ** 2 / 25);
  assert.deepEqual(ends({ dip }, { references: { level: 80 } }), ['right']);
});
