import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { DISPLAY, device, start } from '../../lib/runtime';

const folder = path.join(__dirname, 'programs');

function run(env: Record<string, string>, preload: string[] = []) {
  const argv = [
    ...preload.flatMap(file => ['--require', path.join(folder, file)]),
    '--import',
    'tsx',
    path.join(folder, 'small-training.ts'),
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  assert.equal(status, 0, stderr);
  return { ...JSON.parse(stdout.trim().split('\n').pop()!), stderr: stderr.trim() };
}

function trains(result: ReturnType<typeof run>): void {
  assert.ok(result.losses[9] < 0.6 * result.losses[0], `losses ${result.losses}`);
  assert.equal(result.repeats, true);
  assert.equal(result.restored, true);
  assert.deepEqual(result.range, [2, 4]);
}

test('the CPU: TensorFlow computes, compiled, and says nothing of its own', () => {
  const result = run({ LAB_DEVICE: 'cpu' });
  assert.equal(result.kind, 'cpu');
  assert.equal(result.compiled, 1);
  assert.match(result.description, /CPU, \d+ threads? · TensorFlow \d+\.\d+/);
  assert.equal(result.stderr, '');
  trains(result);
});

test('TF_CPP_MIN_LOG_LEVEL=0 brings the log back', () => {
  assert.match(
    run({ LAB_DEVICE: 'cpu', TF_CPP_MIN_LOG_LEVEL: '0' }).stderr,
    /oneDNN|CPU instructions|cpu_feature_guard/,
  );
});

test('wasm, where a convolution is trained with a borrowed gradient', () => {
  const result = run({ LAB_DEVICE: 'wasm' });
  assert.equal(result.kind, 'wasm');
  assert.equal(result.backend, 'wasm');
  assert.match(String(result.compiled), /only recorded where TensorFlow computes; see npm run doctor/);
  assert.equal(result.stderr, '');
  trains(result);
});

test('plain JavaScript', () => {
  const result = run({ LAB_DEVICE: 'js' });
  assert.equal(result.kind, 'js');
  assert.equal(result.stderr, '');
  trains(result);
});

test('without the addon, wasm computes, and one line says so', () => {
  const result = run({ LAB_DEVICE: '' }, ['without-addon.cjs']);
  assert.equal(result.kind, 'wasm');
  assert.match(result.stderr, /^.*no tfjs_binding\.node here.*WebAssembly.*npm run doctor.*$/);
  trains(result);
});

test('without addon and wasm, plain JavaScript computes', () => {
  const result = run({ LAB_DEVICE: '', TEST_WITHOUT_WASM: '1' }, ['without-addon.cjs']);
  assert.equal(result.kind, 'js');
  assert.match(result.stderr, /^.*plain JavaScript.*$/);
});

test('asking for CUDA where there is none says so in one line', { skip: device.kind === 'cuda' }, () => {
  const result = run({ LAB_DEVICE: 'cuda' });
  assert.equal(result.kind, 'cpu');
  assert.match(result.stderr, /^LAB_DEVICE=cuda.*no GPU.*$/);
});

test('an unknown device is refused', () => {
  assert.throws(() => run({ LAB_DEVICE: 'tpu' }), /LAB_DEVICE=tpu is no device; it may be cuda, cpu, wasm, js/);
});

test('start returns the device, which shows itself', async () => {
  const info = await start({ seed: 4 });
  const bundle = info[DISPLAY]() as Record<string, string>;
  assert.ok(bundle['text/plain'].startsWith(info.description));
  assert.match(bundle['text/html'], /Node/);
});
