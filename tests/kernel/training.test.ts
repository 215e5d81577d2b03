/** The stop button while TensorFlow works: the lib's training loop, a loop of one's own, one long native call. Times are told. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Front } from './client';

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('stop button and TensorFlow', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
    const reply = await front.run(
      [
        "import { Adam, Linear, mse, tf, train } from './lib';",
        'const layer = new Linear(64, 64); const adam = new Adam(layer.parameters(), { learningRate: 1e-3 });',
        'function* data() { for (;;) yield { x: tf.randomNormal([256, 64]) }; }',
        'let steps = 0;',
        'const options = { epochs: 1, batches: data, observers: [{ onStep: () => { steps++; } }], step: ({ x }: Record<string, tf.Tensor>) => ({ loss: adam.minimize(() => mse(layer.forward(x), x)) }) };',
      ].join('\n'),
    );
    assert.equal(reply.status, 'ok', String(reply.content.evalue));
  });
  after(() => front.stop());

  /** Starts the cell, presses stop when it says 'go', and tells how long the end took. */
  async function stopped(code: string) {
    const running = front.run(code);
    const already = front.heard.length;
    const begun = (async () => {
      await front.until(m => front.heard.indexOf(m) >= already && String(m.content.text).includes('go'), 60_000);
    })();
    const early = await Promise.race([begun, running]);
    assert.equal(early, undefined, `it ended by itself: ${early?.content.evalue}`);
    await sleep(300);
    const asked = performance.now();
    await front.interrupt();
    const reply = await running;
    return { reply, seconds: (performance.now() - asked) / 1000 };
  }

  test("the lib's training ends in good order within a second, keeps what it learnt, and nothing runs on", async t => {
    const { reply, seconds } = await stopped("console.log('go'); const result = await train(options); result.stopped");
    t.diagnostic(`training stopped after ${seconds.toFixed(2)} s`);
    assert.equal(reply.result, "'interrupted'", String(reply.content.evalue));
    assert.ok(seconds < 1.5, `${seconds} s`);
    const counts = await front.run(
      'const seen = steps; await new Promise(r => setTimeout(r, 200)); [seen > 0, steps === seen]',
    );
    assert.equal(counts.result, '[ true, true ]');
    assert.equal((await front.run('layer.weight.isDisposed')).result, 'false');
  });

  test('cells that wait at the stop are not run, though the training ends in good order; later ones are', async () => {
    const running = stopped("console.log('go'); (await train(options)).stopped");
    const waiting = ['let waited = 1;', 'waited++;'].map(code =>
      front.request('execute_request', { code, stop_on_error: true }),
    );
    assert.equal((await running).reply.result, "'interrupted'");
    for (const request of waiting) assert.equal((await request.reply).content.status, 'aborted');
    assert.equal((await front.run('1 + 1')).result, '2');
    assert.equal((await front.run('typeof waited')).content.ename, 'CompileError');
  });

  test('a claim after a stopped training says so, and its cell goes on to the table; after a whole one it is a finding', async () => {
    const reported = async () => {
      const reply = await front.run(
        "import { claim, metricsCard, table } from './lib'; claim('it learns', false, { trained: true }); metricsCard([{ name: 'm', value: 3, band: [0, 1] }], { seed: 1 }); table([{ loss: 3 }])",
      );
      assert.equal(reply.status, 'ok', String(reply.content.evalue));
      return reply.outputs.map(({ content }) => (content.data as Record<string, string>)['text/plain']);
    };
    await stopped("console.log('go'); (await train(options)).stopped");
    const [table, interrupted] = await reported();
    assert.match(interrupted, /^○ it learns\nInterrupted: /);
    assert.match(table, /loss/);
    await front.run(
      'await train({ ...options, batches: function* () { yield { x: tf.ones([256, 64]) }; }, stepsPerEpoch: 1 })',
    );
    const [again, finding] = await reported();
    assert.match(finding, /^✗ it learns\nThis does not hold with the numbers as they are/);
    assert.match(again, /loss/);
    const last = await front.run("claim('it learns', false)");
    assert.equal(last.outputs.length, 1, 'as the last value it is shown once');
    const card = await front.run("metricsCard([{ name: 'm', value: 3, band: [0, 1] }], { seed: 1 })");
    assert.match(String(card.result), /✗[\s\S]*This does not hold/);
  });

  test("a training loop of the reader's own, without an await", async t => {
    const { reply, seconds } = await stopped(
      "let turns = 0; console.log('go'); await new Promise(r => setTimeout(r, 100)); while (true) { const loss = tf.tidy(() => adam.minimize(() => mse(layer.forward(tf.ones([64, 64])), tf.ones([64, 64])))); loss.dispose(); turns++; }",
    );
    t.diagnostic(`own loop stopped after ${seconds.toFixed(2)} s`);
    assert.equal(reply.content.ename, 'KeyboardInterrupt');
    assert.ok(seconds < 1.5, `${seconds} s`);
    assert.equal((await front.run('turns > 0')).result, 'true');
  });

  test('a long native call: the cell ends when it returns, and the next one works', async t => {
    const { reply, seconds } = await stopped(
      "let reached = false; const big = tf.randomNormal([3000, 3000]) as tf.Tensor2D; console.log('go'); await new Promise(r => setTimeout(r, 100)); const begun = performance.now(); let product = big.matMul(big).matMul(big).matMul(big); product.dataSync(); const took = performance.now() - begun; for (let i = 0; i < 1000; i++) product = product.matMul(big); reached = true;",
    );
    t.diagnostic(`cell of matrix products of 3,000 × 3,000 stopped after ${seconds.toFixed(2)} s`);
    assert.equal(reply.content.ename, 'KeyboardInterrupt');
    assert.equal((await front.run('reached')).result, 'false');
    assert.equal((await front.run('tf.add(1, 2).dataSync()[0]')).result, '3');
  });
});
