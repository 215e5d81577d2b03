/** One storage under two names: a compiled function must give what the same function gives without `compile`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile, compileLoop, copyOf, tf } from '../../lib/runtime';

const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const made = (value: number) => tf.variable(tf.tensor1d([value, value + 1]), false);

test('a variable that is passed and assigned inside is the variable itself', () => {
  const w = made(1);
  const f = compile((x: tf.Tensor) => {
    w.assign(w.mul(2));
    return x.mul(2);
  });
  assert.deepEqual(numbers(f(w)), [4, 8]);
  assert.deepEqual(numbers(f(w)), [8, 16]);
  assert.deepEqual(numbers(f(tf.clone(w))), [8, 16], 'a copy of it is what it was before the call');
  assert.deepEqual(numbers(w), [8, 16]);
});

test('an argument that is a variable can be assigned through its name inside', () => {
  const [a, b] = [made(1), made(10)];
  const double = compile((v: tf.Tensor) => {
    (v as tf.Variable).assign(v.mul(2));
    return v.sum();
  });
  assert.deepEqual([numbers(double(a)), numbers(double(b)), numbers(double(a))].flat(), [6, 42, 12]);
  assert.deepEqual(
    [numbers(a), numbers(b)],
    [
      [4, 8],
      [20, 22],
    ],
  );
  b.dispose();
  double(made(3));
  assert.equal(double.programs().length, 2, 'what was recorded for a variable that is gone is dropped');
});

test('two variables of one storage are two variables', () => {
  const [a, b] = [made(1), made(0)];
  b.assign(a);
  const step = compile(() => {
    b.assign(b.add(1));
    return a.add(b.mul(10));
  });
  assert.deepEqual(
    [1, 2, 3].map(() => numbers(step())[0]),
    [21, 31, 41],
  );
  a.assign(b);
  assert.deepEqual(numbers(step()), [54, 65]);
  assert.deepEqual(
    [numbers(a), numbers(b)],
    [
      [4, 5],
      [5, 6],
    ],
  );
});

test('a snapshot of a variable stays what it was, also where the step assigns the variable', () => {
  const w = made(1);
  const start = tf.clone(w);
  const step = compile(() => {
    w.assign(w.add(1));
    return w.sub(start).sum();
  });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => numbers(step())[0]),
    [2, 4, 6, 8],
  );
});

test('one tensor twice among the arguments, an argument as the result, one result twice', () => {
  const f = compile((a: tf.Tensor, b: tf.Tensor) => ({ a, again: a, sum: a.add(b) }));
  const x = tf.scalar(3);
  for (let i = 0; i < 3; i++) {
    const out = f(x, x);
    assert.deepEqual(
      [out.a, out.again, out.sum].map(t => numbers(t)[0]),
      [3, 3, 6],
    );
    out.a.dispose();
    assert.deepEqual(numbers(out.again), [3]);
    tf.dispose(out);
    assert.deepEqual(numbers(x), [3], 'the argument is still there');
  }
  const inside = compile((y: tf.Tensor) => {
    const out = f(y, y);
    out.a.dispose(); // as it may where f runs on its own
    return y.add(out.again);
  });
  assert.deepEqual(numbers(inside(x)), [6]);
});

test('a variable as the result is a tensor of its own', () => {
  const w = made(1);
  const f = compile(() => {
    w.assign(w.mul(2));
    return w;
  });
  const [first, second] = [f(), f()];
  assert.deepEqual(
    [numbers(first), numbers(second), numbers(w)],
    [
      [2, 4],
      [4, 8],
      [4, 8],
    ],
  );
  first.dispose();
  assert.equal(w.isDisposed, false);
});

test('a loop whose step assigns the batch that it gets is refused', () => {
  const rows = tf.variable(tf.ones([3, 2]), false, 'rows-of-the-loop');
  const loop = compileLoop(({ x }: { x: tf.Tensor }) => {
    rows.assign(rows.mul(2));
    return x.sum();
  });
  assert.throws(() => loop({ x: rows }), /assigns variable rows-of-the-loop, whose rows it gets; pass tf\.clone/);
  assert.deepEqual(numbers(loop({ x: tf.clone(rows) })), [2, 2, 2]);
});

test('a copy has storage of its own', () => {
  const w = made(1);
  const copy = copyOf(w);
  assert.notEqual(copy.dataId, w.dataId);
  assert.deepEqual([numbers(copy), copy.dtype, copy.shape], [[1, 2], 'float32', [2]]);
  assert.deepEqual(
    [numbers(copyOf(tf.tensor1d([1, 0], 'bool'))), copyOf(tf.scalar(3, 'int32')).dtype],
    [[1, 0], 'int32'],
  );
});

/** Programs over three variables and two arguments, which may be those variables; each line assigns or shares. */
const lines = fc.array(fc.record({ to: fc.nat(2), from: fc.nat(4), how: fc.constantFrom('add', 'share', 'double') }), {
  minLength: 1,
  maxLength: 6,
});

test('generated programs of assignments give the same compiled and as written', () => {
  fc.assert(
    fc.property(
      lines,
      fc.array(fc.nat(3), { minLength: 2, maxLength: 2 }),
      fc.array(fc.nat(2), { maxLength: 3 }),
      (program, passed, shared) => {
        const run = (compiled: boolean) => {
          const v = [1, 2, 3].map(value => tf.variable(tf.scalar(value) as tf.Tensor, false));
          for (const [i, from] of shared.entries()) if (i !== from) v[i].assign(v[from]); // variables of one storage before the first call
          const fresh = tf.scalar(7);
          const body = (a: tf.Scalar, b: tf.Scalar) => {
            for (const { to, from, how } of program) {
              const value = [...v, a, b][from];
              if (value.dataId === v[to].dataId && how === 'share') continue; // tfjs frees what it assigns to itself
              v[to].assign((how === 'share' ? value : how === 'double' ? value.mul(2) : v[to].add(value)) as tf.Scalar);
            }
            return tf.stack([...v, a, b]);
          };
          const f = compiled ? compile(body) : body;
          const at = passed.map(i => (v[i] ?? fresh) as tf.Scalar);
          const results = [1, 2, 3].map(() => tf.tidy(() => numbers(f(at[0], at[1]))));
          const left = v.map(variable => numbers(variable)[0]);
          tf.dispose([...v, fresh]);
          return [...results, left];
        };
        assert.deepEqual(run(true), run(false));
      },
    ),
    { numRuns: 60 },
  );
});
