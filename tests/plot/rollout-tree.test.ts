/** The tree of answers: beginnings drawn once say what became of the answers that share them; each answer ends at its own worth. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolloutTree } from '../../lib/plot';

interface Node {
  frame: number;
  step: string;
  answers: number;
  reward: number;
  advantage: number;
  label: string;
}
interface Layer {
  mark: { type: string; filled?: boolean };
  encoding: { x?: { axis?: unknown }; tooltip?: { field: string }[] };
}

const answers = [
  { steps: ['1 2 ✗', '4 5 ✓'], reward: 1, advantage: 1.5 },
  { steps: ['1 2 ✗', '3 5 ✗'], reward: 0, advantage: -0.5 },
  { steps: ['1 2 ✗', '3 5 ✗'], reward: 0, advantage: -0.5 },
  { steps: ['1 2 ✗'], reward: 0, advantage: -0.5 },
];
const same = answers.map(({ steps }) => ({ steps, reward: 0, advantage: 0 }));

test('a shared beginning has the mean reward and advantage of its answers, an end its own', async () => {
  const figure = await rolloutTree([
    { name: 'before', branches: answers },
    { name: 'after', branches: same },
  ]);
  const spec = figure.bundle['application/vnd.vegalite.v5+json'] as { data: { values: Node[] }; layer: Layer[] };
  const said = spec.data.values
    .filter(({ frame }) => frame === 0)
    .map(({ step, answers, reward, advantage, label }) => [step, answers, reward, advantage, label]);
  assert.deepEqual(said, [
    ['1 2 ✗', 4, 0.25, 0, '−0.5'],
    ['3 5 ✗', 2, 0, -0.5, '−0.5 × 2'],
    ['4 5 ✓', 1, 1, 1.5, '+1.5'],
  ]);
  const silent = spec.data.values.filter(({ frame, label }) => frame === 1 && label);
  assert.deepEqual(silent.map(({ label }) => label).sort(), ['0.0', '0.0', '0.0 × 2']);

  const [lines, good] = spec.layer;
  for (const { encoding } of [lines, good])
    assert.deepEqual(
      encoding.tooltip?.map(({ field }) => field),
      ['step', 'answers', 'reward', 'advantage'],
    );
  assert.deepEqual(good.encoding.x?.axis, { values: [0, 1, 2], format: 'd' });
});

test('the picture fills a circle for every end above the mean, and for no other', async () => {
  const figure = await rolloutTree([
    { name: 'before', branches: same },
    { name: 'after', branches: answers },
  ]);
  const svg = String(figure.svg);
  assert.match(svg, /\+1\.5/);
  assert.equal(svg.split('−0.5').length - 1, 2, 'two places where answers below the mean end');
});
