/** Workers as processes of their own: joined, lost, stopped, restarted, misunderstood. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Adam, Linear, mse } from '../../lib/nn';
import { cluster, compile, type Replica, random, tf, WorkerLost } from '../../lib/runtime';
import { freePort } from '../../lib/runtime/cluster/worker';
import { train } from '../../lib/training';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';
import { TRAINEES } from '../runtime/model-steps';
import { kill, startTestWorker, type TestWorker } from './workers';

const started: TestWorker[] = [];
after(async () => {
  await Promise.all(started.map(kill));
});
const start = async (options?: string[], port?: number): Promise<TestWorker> => {
  const worker = await startTestWorker(options, port);
  started.push(worker);
  return worker;
};

const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

function losses(name: string, replicas?: readonly Replica[], steps = 4): number[] {
  random.seed(21);
  const { step, batch } = TRAINEES[name]();
  const compiled = compile(step, { replicas });
  const x = batch();
  const said = Array.from({ length: steps }, () => {
    const value = compiled(x);
    return numbers(value instanceof tf.Tensor ? value : value.loss)[0];
  });
  compiled.dispose();
  return said;
}

function close(one: number[], other: number[]): void {
  assert.equal(one.length, other.length);
  one.forEach((value, i) => {
    assert.ok(Math.abs(value - other[i]) <= 1e-5 * Math.abs(value), `loss ${i}: ${value} and ${other[i]}`);
  });
}

/** A short training whose losses can be compared. */
async function line(options: { replicas?: readonly Replica[]; path?: string; onStep?: (step: number) => void }) {
  random.seed(3);
  const net = new Linear(4, 1);
  const optimiser = new Adam(net.parameters(), { learningRate: 0.05 });
  const data = Array.from({ length: 5 }, () => {
    const x = random.normal([6, 4]);
    return { x, y: x.sum(-1, true) };
  });
  const result = await train({
    step: ({ x, y }) => ({
      loss: optimiser.minimize(() => mse(net.forward(x), y.add(random.normal(y.shape))) as tf.Scalar),
    }),
    batches: () => data.map(({ x, y }) => ({ x: x.clone(), y: y.clone() })),
    epochs: 3,
    replicas: options.replicas,
    observers: [{ onStep: ({ step }) => options.onStep?.(step) }],
    checkpoint: options.path ? { path: options.path, modules: { net }, optimiser } : undefined,
  });
  return result.history.map(({ metrics }) => metrics.loss);
}

test('two workers are joined, compute what one machine does, and one of them may be lost', async t => {
  const [a, b] = await Promise.all([start(), start()]);
  const both = await cluster([a.address, b.address]);
  let { replicas } = both;

  await t.test('their devices are listed, with the way to them', () => {
    assert.deepEqual(
      both.machines.map(({ name }) => name),
      ['this machine', a.address, b.address],
    );
    assert.ok(both.machines[1].devices.includes('CPU:0'));
    assert.ok(both.machines[1].roundTripMs! < 1000);
    assert.deepEqual(
      replicas.map(({ name }) => name),
      [`${a.address} CPU:0`, `${b.address} CPU:0`],
    );
    assert.deepEqual(both.notes, []);
  });

  await t.test('a worker that nobody opened listens to this machine alone', async () => {
    const others = Object.values(os.networkInterfaces()).flat();
    const address = others.find(each => each && each.family === 'IPv4' && !each.internal)?.address;
    if (address) assert.equal(await reaches(address, a.port), false);
    assert.equal(await reaches('127.0.0.1', a.port), true);
    assert.match(a.said(), /Only this machine reaches it/);
  });

  for (const name of ['vae', 'classifier', 'gpt', 'u-net']) {
    await t.test(`${name}: the losses are those of one machine`, () => {
      close(losses(name), losses(name, replicas));
    });
  }

  await t.test('what goes between them at each step is known', () => {
    const net = new Linear(100, 10, { bias: false });
    const adam = new Adam(net.parameters(), { learningRate: 0.1 });
    const step = compile(
      ({ x }: { x: tf.Tensor }) => adam.minimize(() => net.forward(x).square().mean() as tf.Scalar),
      {
        replicas,
      },
    );
    step({ x: tf.ones([8, 100]) });
    const bytes = step.programs()[0].bytesBetweenDevices;
    const weights = 4 * 1000;
    const rows = 4 * 8 * 100;
    assert.ok(bytes >= 4 * weights + rows && bytes < 4 * weights + rows + 100, `${bytes}`);
  });

  const file = path.join(newFolder('lost'), 'run.safetensors');
  await t.test(
    'one is killed: an error names it within seconds, the checkpoint is kept, this machine goes on',
    async () => {
      let at = 0;
      const lost = await line({
        replicas,
        path: file,
        onStep: step => {
          if (step !== 7) return;
          b.process.kill('SIGKILL');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); // until it is gone
          at = performance.now();
        },
      }).catch(error => error as WorkerLost);
      assert.ok(lost instanceof WorkerLost, String(lost));
      assert.ok(performance.now() - at < 4000);
      assert.equal(lost.worker, b.address);
      assert.match(
        lost.message,
        new RegExp(`worker ${b.address} is lost: .*run.safetensors holds the training up to step 7`, 's'),
      );
      assert.ok(fs.existsSync(file));
      close(losses('vae'), losses('vae'));
    },
  );

  const whole = await line({});
  await t.test('a cluster of one goes on from the checkpoint, and the whole run is that of one machine', async () => {
    const copy = `${file}.copy`;
    fs.copyFileSync(file, copy);
    ({ replicas } = await cluster([a.address]));
    close(whole, await line({ replicas, path: copy }));
    await assert.rejects(
      cluster([a.address, b.address]),
      new RegExp(`no worker listens at ${b.address}; start it there`),
    );
  });

  await t.test('a worker that is back is joined again, and old replicas are refused', async () => {
    await start([], b.port);
    const old = replicas;
    ({ replicas } = await cluster([a.address, b.address]));
    close(whole, await line({ replicas, path: file }));
    assert.throws(() => compile((x: tf.Tensor) => x, { replicas: old }), /belongs to a cluster that was left/);
  });

  await t.test('a worker that was started anew in silence is told', async () => {
    const step = compile((x: tf.Tensor) => x.square().mean(), { replicas });
    step(tf.ones([4])).dispose();
    await kill(started[2]);
    await start([], b.port);
    assert.throws(
      () => step(tf.ones([4])),
      (error: unknown) => error instanceof WorkerLost && error.worker === b.address,
    );
  });

  await t.test('a worker that stands still is given up after some seconds, and this machine goes on', async () => {
    ({ replicas } = await cluster([a.address, b.address]));
    const step = compile((x: tf.Tensor) => x.square().mean(), { replicas });
    step(tf.ones([4])).dispose();
    a.process.kill('SIGSTOP');
    const at = performance.now();
    assert.throws(() => step(tf.ones([4])), new RegExp(`worker ${a.address} is lost: it does not answer`));
    assert.ok(performance.now() - at < 20_000);
    assert.deepEqual(numbers(compile((x: tf.Tensor) => x.mul(2))(tf.ones([1]))), [2]);
    a.process.kill('SIGCONT');
  });
});

const reaches = (host: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = net.connect({ host, port, timeout: 1000 });
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });

test('addresses that are none, and what is no worker, are told', async () => {
  const port = await freePort('127.0.0.1');
  await assert.rejects(cluster([`localhost:${port}`]), /no worker listens at .*npm run worker -- --port/);
  await assert.rejects(cluster(['host1']), /named 'host:port', as in 'host1:2222', got 'host1'/);
  await assert.rejects(cluster(['localhost:1', 'localhost:1']), /named twice/);
  await assert.rejects(cluster(['localhost:1', '10.0.0.1:1']), /another machine for each worker/);
  await assert.rejects(cluster(['no-such-machine.invalid:2222']), /no machine is known by the name/);
  const page = http.createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await new Promise(resolve => page.once('listening', resolve));
  const { port: taken } = page.address() as net.AddressInfo;
  await assert.rejects(cluster([`localhost:${taken}`]), /is no worker .*give the port that npm run worker names/);
  page.close();
  page.closeAllConnections();
});

test('a worker of another version, and a server of somebody else, are told', async () => {
  for (const [version, words] of [
    ['2.20.0', /computes with TensorFlow 2\.20\.0, this machine with .*npm run setup/],
    ['none', /is a TensorFlow server but no worker of this course/],
  ] as const) {
    const port = await freePort('127.0.0.1');
    const [, end] = await program('strange-worker.ts', String(port), version);
    await assert.rejects(cluster([`localhost:${port}`]), words).finally(end);
  }
});

test('a slow way is told', async () => {
  const worker = await start();
  const [port, end] = await program('slow-way.ts', String(worker.port));
  const { notes, replicas } = await cluster([`localhost:${port}`]);
  assert.match(notes[0], /the way to localhost:\d+ is slow: \d+ ms there and back, .*docs\/cluster\.md/);
  const step = compile((x: tf.Tensor) => x.mean(), { replicas });
  assert.deepEqual(numbers(step(tf.ones([2]))), [1]);
  end();
});

/** Starts a program of this folder; resolves with the first line that it prints, and what ends it. */
async function program(name: string, ...argv: string[]): Promise<[line: string, end: () => void]> {
  const file = path.join('tests', 'cluster', name);
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...argv], { cwd: inProject(), stdio: [...stdio] });
  process.once('exit', () => child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (text: Buffer) => resolve(text.toString().trim()));
    child.once('exit', code => reject(new Error(`${name} ended with ${code}`)));
  });
  return [line, () => void child.kill('SIGKILL')];
}

test('opening a worker to others comes with a warning', async () => {
  const worker = await start(['--host', '0.0.0.0']);
  assert.match(worker.said(), /Attention: the worker has no password/);
  await assert.rejects(start([], worker.port), /port \d+ is taken; take another/);
});
