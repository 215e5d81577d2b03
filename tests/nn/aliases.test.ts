/** Modules whose parts are shared: named as PyTorch does, counted, moved and loaded once; loading copies, or changes nothing. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import * as nn from '../../lib/nn';
import { compile, tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const folder = newFolder('aliases');
const numbers = (t: tf.Tensor) => [...t.dataSync()];
const all = (m: nn.Module) => m.namedParameters().map(([name, v]) => [name, numbers(v)]);

/** An embedding and a head that share one matrix, as GPT-2 has them. */
class Tied extends nn.Module {
  readonly table = new nn.Embedding(3, 2);
  readonly head = new nn.Linear(2, 3, { bias: false });
  readonly twice: nn.Linear[];

  constructor() {
    super();
    const own = this.head.weight;
    (this.head as { weight: tf.Variable }).weight = this.table.weight;
    own.dispose();
    const shared = new nn.Linear(2, 2);
    this.twice = [shared, shared];
  }
}

class Child extends nn.Module {
  readonly layer = new nn.Linear(1, 1);
  constructor(readonly parent: nn.Module) {
    super();
  }
}
class Parent extends nn.Module {
  readonly children = [new Child(this), new Child(this)];
  readonly self = this;
  readonly rows: unknown[] = [];
  constructor() {
    super();
    this.rows.push(this.rows, new nn.Linear(1, 1));
  }
}

test('tied weights stand once among the parameters and under both names in the state', () => {
  const net = new Tied();
  assert.deepEqual(
    net.namedParameters().map(([name]) => name),
    ['table.weight', 'twice.0.weight', 'twice.0.bias'],
  );
  assert.equal(net.parameterCount(), 6 + 6);
  assert.deepEqual(
    net.namedModules().map(([name]) => name),
    ['table', 'head', 'twice.0'],
  );
  assert.deepEqual(Object.keys(net.stateDict()), [
    'table.weight', 'head.weight', 'twice.0.weight', 'twice.0.bias', 'twice.1.weight', 'twice.1.bias',
  ]); // biome-ignore format: one row a state
  net.dispose();
});

test('tied weights are moved once, also where a list names them twice', () => {
  const net = new Tied();
  const before = numbers(net.table.weight);
  const sgd = new nn.Sgd([...net.parameters(), ...net.parameters()], { learningRate: 1 });
  sgd.minimize(() => net.table.weight.sum().add(tf.addN(net.twice[0].parameters().map(p => p.sum()))) as tf.Scalar);
  for (const [i, value] of numbers(net.table.weight).entries()) assert.ok(Math.abs(value - (before[i] - 1)) < 1e-6);
});

test('tied weights load by either name, and by both where they agree', () => {
  const [a, b] = [new Tied(), new Tied()];
  const state = a.stateDict();
  for (const left of ['table.weight', 'head.weight', 'twice.0.weight', 'twice.1.bias']) {
    const part = Object.fromEntries(Object.entries(state).filter(([name]) => name !== left));
    const other = new Tied().loadStateDict(part);
    assert.deepEqual(all(other), all(a));
    nn.writeTensors(path.join(folder, 'part.safetensors'), part);
    nn.loadModule(path.join(folder, 'part.safetensors'), b);
    assert.deepEqual(all(b), all(a));
  }
  const was = all(b);
  const torn = { ...state, 'head.weight': tf.zeros([3, 2]) };
  assert.throws(() => b.loadStateDict(torn), /table\.weight and head\.weight are one weight here, but differ/);
  nn.writeTensors(path.join(folder, 'torn.safetensors'), torn);
  assert.throws(() => nn.loadModule(path.join(folder, 'torn.safetensors'), b), /but differ/);
  const { 'table.weight': _, 'head.weight': __, ...neither } = state;
  assert.throws(() => b.loadStateDict(neither), /weight table\.weight is missing/);
  assert.deepEqual(all(b), was);
});

test('a module that holds itself, through a child, a field or a list, is walked once', () => {
  const net = new Parent();
  assert.equal(net.parameterCount(), 6);
  assert.deepEqual(
    net.namedModules().map(([name]) => name),
    ['children.0', 'children.0.layer', 'children.1', 'children.1.layer', 'rows.1'],
  );
  const copy = new Parent().loadStateDict(net.stateDict());
  assert.deepEqual(all(copy), all(net));
});

test('loading copies: no two modules share storage, and a compiled step of both is right', () => {
  const [model, ref] = [new nn.Linear(2, 2), new nn.Linear(2, 2)];
  ref.loadStateDict(model.stateDict());
  for (const [i, [, v]] of ref.namedParameters().entries()) assert.notEqual(v.dataId, model.parameters()[i].dataId);
  const sgd = new nn.Sgd(model.parameters(), { learningRate: 0.1 });
  const x = tf.ones([1, 2]);
  const step = compile(() => {
    sgd.minimize(() => model.forward(x).sum() as tf.Scalar);
    return model.forward(x).sub(ref.forward(x)).sum();
  });
  const [first, second] = [step(), step()].map(t => numbers(t)[0]);
  assert.ok(Math.abs(first + 0.6) < 1e-5 && Math.abs(second + 1.2) < 1e-5, `${first}, ${second}`);
  const [adam, twin] = [new nn.Adam(model.parameters()), new nn.Adam(ref.parameters())];
  const memory = adam.state();
  twin.load(memory);
  const [ema, slow] = [new nn.Ema(model), new nn.Ema(ref)];
  slow.load(ema.state());
  const ids = [...ema.shadow, ...slow.shadow].map(v => v.dataId);
  assert.equal(new Set(ids).size, ids.length);
});

test('what cannot be loaded whole changes nothing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('missing', 'extra', 'shape', 'dtype'),
      fc.nat(3),
      fc.constantFrom('module', 'adam', 'ema'),
      (fault, at, what) => {
        const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2));
        const adam = new nn.Adam(net.parameters());
        const ema = new nn.Ema(net);
        const target = {
          module: { load: (s: nn.StateDict) => void net.loadStateDict(s), state: () => net.stateDict() },
          adam,
          ema,
        }[what];
        const state = Object.fromEntries(Object.entries(target.state()).map(([name, t]) => [name, t.add(1)]));
        const name = Object.keys(state)[at % Object.keys(state).length];
        if (fault === 'missing') delete state[name];
        if (fault === 'extra') state.strange = tf.scalar(1);
        if (fault === 'shape') state[name] = tf.zeros([7]);
        if (fault === 'dtype') state[name] = tf.cast(state[name], 'complex64' as never);
        const now = () => Object.values(target.state()).map(numbers);
        const before = now();
        assert.throws(() => target.load(state), /missing|unknown|expected|not known/);
        assert.deepEqual(now(), before);
      },
    ),
    { numRuns: 40 },
  );
});

test('a read that fails half-way puts back what was there, and leaves no tensor behind', () => {
  const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2));
  const was = all(net);
  const shapes = Object.fromEntries(Object.entries(net.stateDict()).map(([name, t]) => [name, t.shape]));
  const tensors = tf.memory().numTensors;
  let reads = 0;
  const read = (name: string) => {
    if (++reads === 3) throw new Error('the disk is gone');
    return tf.fill(shapes[name], 9);
  };
  assert.throws(() => net.fill(shapes, read), /the disk is gone/);
  assert.deepEqual(all(net), was);
  assert.equal(tf.memory().numTensors, tensors);
});

test('two names of a file that would become one are refused', () => {
  const file = path.join(folder, 'two.safetensors');
  const layer = new nn.Linear(1, 1);
  const was = all(layer);
  nn.writeTensors(file, { 'a.weight': tf.ones([1, 1]), 'b.weight': tf.zeros([1, 1]), bias: tf.ones([1]) });
  assert.throws(() => nn.loadModule(file, layer, name => name.replace(/^[ab]\./, '')), /would both become weight/);
  assert.deepEqual(all(layer), was);
});

test('whole numbers and truth values load into floats as their values', () => {
  const layer = new nn.Linear(2, 1);
  layer.loadStateDict({ weight: tf.tensor2d([[3, -4]], [1, 2], 'int32'), bias: tf.tensor1d([1], 'bool') });
  assert.deepEqual([numbers(layer.weight), numbers(layer.bias!)], [[3, -4], [1]]);
});
