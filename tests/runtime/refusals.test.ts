import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, compileLoop, HostRandom, random, tf } from '../../lib/runtime';
import { train } from '../../lib/training';

/** Calls until it throws; the message must match, and name a line of this file. */
function refuses(f: () => unknown, message: RegExp): void {
  const before = tf.memory().numTensors;
  const variables = Object.keys(tf.engine().registeredVariables).length;
  let caught: Error | undefined;
  for (let i = 0; i < 3 && !caught; i++) {
    try {
      tf.dispose(f() as tf.TensorContainer);
    } catch (error) {
      caught = error as Error;
    }
  }
  assert.ok(caught, 'nothing was refused');
  assert.match(caught.message, message);
  assert.match(caught.message, /refusals\.test\.ts:\d+/);
  assert.equal(Object.keys(tf.engine().registeredVariables).length, variables);
  assert.ok(tf.memory().numTensors <= before + 1, 'the refused call left tensors behind');
  assert.equal(tf.add(1, 2).dataSync()[0], 3, 'tf works on');
}

test('reading a value', async () => {
  const x = tf.scalar(2);
  refuses(compile(() => (x.mul(2).dataSync()[0] > 1 ? x.mul(1) : x.neg())) as () => unknown, /reads a value/);
  refuses(() => compile((y: tf.Tensor) => (y.add(1).arraySync() ? y.neg() : y))(x), /reads a value/);
  refuses(
    () =>
      compile((y: tf.Tensor) => {
        void y.add(1).data();
        return y.neg();
      })(x),
    /reads a value/,
  );
  await new Promise(resolve => setImmediate(resolve));
});

test('an async function, and whatever else gives a promise; nothing is heard of it later', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    const wait = () => new Promise(resolve => setTimeout(resolve, 5));
    let ran = 0;
    const late = async (x: tf.Tensor) => {
      ran++;
      await wait();
      return x.add(1); // by now there is no x
    };
    const x = tf.scalar(1);
    refuses(() => compile(late)(x), /is async, called at/);
    assert.equal(ran, 0, 'a function that says it is async is not even begun');
    refuses(() => compile((y: tf.Tensor) => late(y))(x), /is async, called at/);
    refuses(() => compileLoop(late)(tf.ones([2])), /is async/);
    const inner = compile((y: tf.Tensor) => late(y));
    refuses(() => compile((y: tf.Tensor) => inner(y))(x), /is async/);
    await assert.rejects(
      train({ step: (async () => ({ loss: tf.scalar(1) })) as never, batches: () => [{ x: tf.scalar(1) }], epochs: 1 }),
      /is async/,
    );
    await wait();
    await wait();
    await wait();
    assert.deepEqual(unhandled, []);
  } finally {
    process.off('unhandledRejection', note);
  }
});

test('variables made or disposed inside', () => {
  refuses(() => compile(() => tf.variable(tf.scalar(1)).add(1))(), /creates a variable/);
  const v = tf.variable(tf.scalar(1));
  refuses(
    () =>
      compile(() => {
        v.dispose();
        return tf.scalar(1);
      })(),
    /disposes a variable/,
  );
  const adam = tf.train.adam(0.1);
  refuses(() => compile(() => adam.minimize(() => v.square() as tf.Scalar, true, [v])!)(), /creates a variable/);
});

test('random numbers of tfjs and of JavaScript', () => {
  refuses(() => compile(() => tf.randomNormal([3]))(), /random numbers in JavaScript/);
  refuses(() => compile(() => tf.randomUniform([3]))(), /random numbers in JavaScript/);
  refuses(() => compile(() => tf.dropout(tf.ones([3]), 0.5))(), /random numbers in JavaScript/);
  refuses(() => compile(() => tf.truncatedNormal([3]))(), /random numbers in JavaScript/);
  refuses(
    () => compile(() => tf.multinomial(tf.tensor1d([0.5, 0.5]), 3) as tf.Tensor)(),
    /random numbers in JavaScript/,
  );
  refuses(() => compile(() => tf.scalar(Math.random()))(), /random numbers in JavaScript/);
  const host = new HostRandom(1);
  refuses(
    compile(() => tf.scalar(host.uniform()).add(1)),
    /not the same at each call/,
  );
});

test('values from JavaScript that change between calls', () => {
  let rate = 0.1;
  refuses(
    compile(() => {
      rate *= 0.5;
      return tf.ones([2]).mul(rate);
    }),
    /value from JavaScript changed/,
  );
  let calls = 0;
  refuses(
    compile(() => (calls++ % 2 ? tf.exp(random.normal([2])) : tf.sin(random.normal([2])))),
    /operation Exp where there was Sin/,
  );
  let deep = 0;
  refuses(
    compile(() => tf.ones([4, 4]).sum(deep++ % 2)),
    /changed|inputs/,
  );
});

test('another tensor from outside', () => {
  let data = random.normal([50, 50]);
  const f = compile(() => data.sum());
  f();
  data = random.normal([50, 50]);
  assert.throws(() => f(), /another tensor \[50,50\] from outside.*refusals\.test\.ts/);
});

test('a late change is found soon, with the calls that it concerns', () => {
  let beta = 1;
  const f = compile((x: tf.Tensor) => x.square().mul(beta));
  const x = tf.scalar(1);
  for (let i = 0; i < 57; i++) f(x).dispose();
  beta = 2;
  const until = performance.now() + 10_000;
  assert.throws(() => {
    while (performance.now() < until) f(x).dispose();
  }, /a value from JavaScript changed, at .*refusals\.test\.ts:\d+.*tensor argument.*found at call \d+; the same at call \d+, so up to \d+ calls used the old value/s);
  assert.throws(() => f(x), /a value from JavaScript changed/, 'and stays refused');
  assert.throws(() => f.check(), /a value from JavaScript changed/);
  beta = 1;
  f.check();
  assert.deepEqual(Array.from(f(x).dataSync()), [1]);
});

test('an end of an epoch looks, so that no training ends with a frozen value', async () => {
  const w = tf.variable(tf.scalar(1));
  let beta = 1;
  let steps = 0;
  const run = train({
    step: ({ x }) => ({ loss: x.mul(w).mul(beta) }),
    batches: () => [1, 2, 3, 4].map(x => ({ x: tf.scalar(x) })),
    epochs: 1,
    observers: [
      {
        onStep() {
          steps++;
          if (steps === 3) beta = 0.5;
        },
      },
    ],
  });
  await assert.rejects(run, /a value from JavaScript changed/);
  assert.equal(steps, 4);
});

test('a loop of steps is watched too', () => {
  let beta = 1;
  const loop = compileLoop((x: tf.Tensor) => x.mul(beta).sum());
  const rows = tf.ones([3, 2]);
  loop(rows);
  beta = 2;
  refuses(() => loop(rows), /a value from JavaScript changed/);
});

test('a shape that depends on values', () => {
  refuses(
    () => compile((x: tf.Tensor) => tf.unique(x as tf.Tensor1D).values)(tf.tensor1d([1, 1, 2])),
    /uses UniqueV2, whose result has a shape that depends on values/,
  );
});

test('numbers and disposed tensors as arguments or results', () => {
  const f = compile((x: unknown) => x as tf.Tensor);
  refuses(() => f(3), /arguments\[0\] is the number 3, called at .*; .* tf\.scalar/);
  refuses(() => f({ lr: 'high' }), /arguments\[0\]\.lr is the string high/);
  const gone = tf.scalar(1);
  gone.dispose();
  refuses(() => f(gone), /arguments\[0\] is a tensor \[\] that was disposed, called at/);
  refuses(() => compile(() => ({ loss: 3 }))(), /the result\.loss is the number 3/);
});

test('string tensors: passed, made inside, or from outside', () => {
  const words = tf.tensor1d(['a', 'b']);
  refuses(() => compile((x: tf.Tensor) => x)(words), /arguments\[0\] is a string tensor, called at/);
  refuses(() => compile(() => words)(), /string tensor/);
  refuses(() => compile(() => tf.tensor1d(['a', 'b']))(), /makes a string tensor/);
  refuses(
    () =>
      compile((x: tf.Tensor) => {
        const names = tf.tensor1d(['a', 'b']);
        return x.add(names.size);
      })(tf.scalar(1)),
    /makes a string tensor/,
  );
  refuses(() => compile(() => words.reshape([2, 1]).concat(words.reshape([2, 1])))(), /string tensor/);
});

test('a variable that is read or assigned in some calls only', () => {
  const [one, other] = [tf.variable(tf.scalar(1), false), tf.variable(tf.scalar(2), false)];
  let calls = 0;
  refuses(
    compile(() => (calls++ % 2 ? one : other).add(1)),
    /is read in one call of the compiled function but not in another, called at/,
  );
  let steps = 0;
  refuses(
    compile(() => {
      if (steps++ === 0) one.assign(other.mul(2));
      return other.add(1);
    }),
    /is assigned in one call/,
  );
});

test('a tensor kept beyond the call', () => {
  const kept: tf.Tensor[] = [];
  const f = compile((x: tf.Tensor) => {
    kept.push(tf.keep(x.add(1)));
    return x.mul(2);
  });
  assert.throws(() => f(tf.scalar(1)), /keeps 1 tensor .*at .*refusals\.test\.ts:\d+.*return them/);
  tf.dispose(kept);
});

test('a variable disposed after compiling', () => {
  const v = tf.variable(tf.scalar(1), false, 'soon-gone');
  const f = compile(() => v.add(1));
  f();
  f();
  v.dispose();
  refuses(f, /soon-gone .*disposed, called at/);
});
