/**
 * The rules by which a page's run without numbers knows shapes and dtypes, held against what TensorFlow infers: operation
 * by operation, in recordings of calls of every kind and of steps.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type ShapeLike, tf } from '../../lib/runtime';
import { type GraphNode, reachable } from '../../lib/runtime/compile/graph';
import { infer } from '../../lib/runtime/compile/infer';
import { record } from '../../lib/runtime/compile/recorder';
import { BY_VALUES, RULES } from '../../lib/runtime/compile/rules';
import { Shapes } from '../../lib/runtime/compile/shapes';
import { binding } from '../../lib/runtime/tensorflow';
import { CALLS } from './kernel-calls';
import { TRAINEES } from './model-steps';
import { GENERATED } from './rule-calls';

/** Operations that were held against TensorFlow's answers. */
const seen = new Set<string>();

/** Records `run` with TensorFlow; then each operation gives by the rules what TensorFlow says it gives. */
function agree(name: string, run: (...inputs: never[]) => unknown, make: () => unknown[] = () => []): void {
  const { trail, captures } = record(run, make);
  tf.dispose([...captures.keys()]);
  const shapes = new Shapes(binding());
  for (const node of reachable(trail.map(each => ({ node: each, index: 0 }))))
    if (!node.type) same(name, node, node.outputs ?? shapes.of(node));
}

function same(name: string, node: GraphNode, told: { dtype: number; shape: number[] | null }[]): void {
  seen.add(node.op);
  const inputs = node.inputs.map(({ node: from, index }) => `[${(from.outputs?.[index] ?? from.type)?.shape}]`);
  assert.deepEqual(
    infer({ ...node, outputs: undefined }),
    told.map(({ dtype, shape }) => ({ dtype, shape })),
    `${node.op} of ${inputs} in ${name}`,
  );
}

const blank = ({ shape, dtype = 'float32' }: ShapeLike): tf.Tensor => tf.zeros([...shape], dtype as 'float32');

test('calls that use every kernel: the rules say what TensorFlow says', () => {
  for (const [name, run] of Object.entries(CALLS)) agree(name, run);
});

for (const [kind, calls] of Object.entries(GENERATED))
  test(`${kind}: the rules say what TensorFlow says`, () => {
    for (const { name, given, run } of calls()) agree(name, run, () => given.map(blank));
  });

test('training steps: the rules say what TensorFlow says', () => {
  for (const name of ['lstm', 'gpt', 'vae', 'vq-vae', 'resnet', 'dcgan', 'vit']) {
    const { modules, optimisers, step, batch } = TRAINEES[name]();
    const example = batch();
    agree(name, step, () => [example]);
    for (const each of [...modules, ...optimisers]) each.dispose();
    tf.dispose(example);
  }
});

/** tfjs-node's functions of strings, pictures in files and logs: a run without numbers takes no strings, and a page has none of them. */
const NOT_OF_NUMBERS = new Set(
  ['CreateSummaryFileWriter', 'DecodeBmp', 'DecodeGif', 'DecodeJpeg', 'DecodePng', 'EncodeJpeg', 'EncodePng'].concat([
    'FlushSummaryWriter',
    'StaticRegexReplace',
    'SummaryWriter',
    'WriteFile',
    'WriteScalarSummary',
    'WriteSummary',
  ]),
);

/** Where an operation is asked for by name, as tfjs calls it or in quotes; `name` stands where a function hands one on. */
const ASKED =
  /\.execute(?:SingleInput|SingleOutput|MultipleOutputs|EncodeImageOp|Op)\(\s*(?:(?:tfjs_1|tf)\.(\w+)|'(\w+)'|(\w+))/g;

function operationsOf(file: string): string[] {
  const text = fs.readFileSync(file, 'utf8');
  const calls = text.match(/\.execute(?:Single|Multiple|EncodeImage|Op)\w*\(/g) ?? [];
  const found = [...text.matchAll(ASKED)];
  assert.equal(found.length, calls.length, `${file} asks for operations in a way that this test cannot read`);
  const handed = [...text.matchAll(/\b(?:draw|addOperation)\('(\w+)'/g)].map(([, op]) => op); // the lib's own two functions
  const direct = found.flatMap(([whole, constant, quoted, variable]) => {
    if (constant) return [(tf as unknown as Record<string, string>)[constant]];
    if (quoted) return [quoted];
    assert.ok(variable === 'name' || variable === 'op', whole);
    return [];
  });
  return [...direct, ...handed];
}

const filesOf = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => /(?<!\.d|_test)\.[jt]s$/.test(file))
    .map(file => path.join(folder, file));

test('each operation that tfjs-node or the lib asks TensorFlow for has a rule', () => {
  const root = path.join(__dirname, '..', '..');
  const package_ = path.join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'dist');
  const kernels = filesOf(path.join(package_, 'kernels'));
  const asked = [...kernels, ...filesOf(package_), ...filesOf(path.join(root, 'lib'))].flatMap(operationsOf);
  assert.ok(
    kernels.length > 100 && new Set(asked).size > 140,
    `${kernels.length} kernels, ${new Set(asked).size} operations`,
  );
  const without = asked.filter(op => !(op in RULES) && !NOT_OF_NUMBERS.has(op));
  assert.deepEqual([...new Set(without)], []);
  assert.deepEqual(
    [...NOT_OF_NUMBERS].filter(op => !asked.includes(op)),
    [],
  );
});

test('no rule is there that was not held against TensorFlow', () => {
  const never = Object.keys(RULES).filter(op => !seen.has(op) && !BY_VALUES.includes(op));
  assert.deepEqual(never, []);
});
