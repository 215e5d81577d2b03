import assert from 'node:assert/strict';
import test from 'node:test';
import { JSDOM } from 'jsdom';
import { PNG } from 'pngjs';
import { filmStrip, imageGrid, latentGrid, latentMap } from '../../lib/plot';
import { tf } from '../../lib/runtime';

const pixel = (png: PNG, x: number, y: number) => [
  ...png.data.subarray((y * png.width + x) * 4, (y * png.width + x) * 4 + 4),
];

test('grey images become tiles of squares with transparent gaps', async () => {
  const images = tf.tensor4d([0, 1, 0.5, 0.25, 1, 1, 0, 0], [2, 2, 2, 1]);
  const figure = await imageGrid(images, { columns: 2, scale: 3, gap: 2 });
  const png = PNG.sync.read(figure.png as Buffer);
  assert.deepEqual([png.width, png.height], [14, 6]);
  assert.deepEqual(pixel(png, 2, 2), [0, 0, 0, 255]);
  assert.deepEqual(pixel(png, 3, 0), [255, 255, 255, 255]);
  assert.deepEqual(pixel(png, 0, 5), [128, 128, 128, 255]);
  assert.deepEqual(pixel(png, 5, 5), [64, 64, 64, 255]);
  assert.equal(pixel(png, 6, 0)[3], 0);
  assert.deepEqual(pixel(png, 8, 0), [255, 255, 255, 255]);
  assert.equal(images.isDisposed, false);
  images.dispose();
});

test('colour, byte and signed ranges', async () => {
  const shown = async (image: tf.Tensor) =>
    pixel(PNG.sync.read((await imageGrid(image, { scale: 1 })).png as Buffer), 0, 0);
  assert.deepEqual(await shown(tf.tensor4d([1, 0, 0.2], [1, 1, 1, 3])), [255, 0, 51, 255]);
  assert.deepEqual(await shown(tf.tensor4d([10, 255], [1, 1, 2, 1], 'int32')), [10, 10, 10, 255]);
  assert.deepEqual(await shown(tf.tensor4d([0, -1], [1, 1, 2, 1])), [128, 128, 128, 255]);
});

test('black and white are decided by the type of the values, and said', async () => {
  const shown = async (image: Parameters<typeof imageGrid>[0]) => {
    const { alt, png } = await imageGrid(image, { scale: 1 });
    return [
      pixel(PNG.sync.read(png as Buffer), 0, 0)[0],
      /Black is (\S+), white is (\S+)\./.exec(alt)?.slice(1).join(),
    ];
  };
  const dark = { height: 1, width: 2, channels: 1 as const };
  assert.deepEqual(await shown(tf.tensor4d([5, 8], [1, 1, 2, 1], 'int32')), [5, '0,255']);
  assert.deepEqual(await shown([{ ...dark, data: Uint8Array.of(3, 1) }]), [3, '0,255']);
  assert.deepEqual(await shown([{ ...dark, data: [3, 1] }]), [3, '0,255']);
  assert.deepEqual(await shown([{ ...dark, data: [1, 0] }]), [255, '0,1']);
  assert.deepEqual(await shown(tf.tensor4d([1, 0], [1, 1, 2, 1], 'bool')), [255, '0,1']);
  assert.deepEqual(await shown(tf.tensor4d([0, -1], [1, 1, 2, 1])), [128, '−1,1']);
  assert.deepEqual(await shown(tf.tensor4d([5, 10], [1, 1, 2, 1])), [128, '0,10']);
  const mixed = [tf.ones([1, 2, 1]), tf.ones([1, 2, 1], 'int32')];
  await assert.rejects(() => imageGrid(mixed), /values of one type, got floats and bytes; pass range/);
  await assert.rejects(() => imageGrid([{ ...dark, data: [1] }]), /height × width × channels.*1 × 2 × 1 and 1 values/);
});

test('values outside of the range and NaN are clipped, not wrapped', async () => {
  const { png } = await imageGrid(tf.tensor4d([1.7, -0.2, Number.NaN, 0.5], [1, 1, 4, 1]), { range: [0, 1], scale: 1 });
  const read = PNG.sync.read(png as Buffer);
  assert.deepEqual(
    [0, 1, 2].map(x => pixel(read, x, 0)[0]),
    [255, 0, 0],
  );
});

test('labels make an SVG around the same pixels; alt text names them', async () => {
  const make = () =>
    imageGrid(tf.tensor4d(new Array(8).fill(0.5), [2, 2, 2, 1]), {
      columns: 2,
      heads: ['t < 5', 't=0'],
      rows: ['x'],
      title: 'Digits',
    });
  const figure = await make();
  const { document } = new JSDOM(figure.svg as string, { contentType: 'image/svg+xml' }).window;
  assert.deepEqual([...document.querySelectorAll('text')].map(t => t.textContent).sort(), [
    'Digits',
    't < 5',
    't=0',
    'x',
  ]);
  const href = document.querySelector('image')?.getAttribute('href') ?? '';
  const png = PNG.sync.read(Buffer.from(href.split(',')[1], 'base64'));
  assert.deepEqual([png.width, pixel(png, 1, 1)[0]], [2, 128]);
  assert.match(
    figure.bundle['text/html'] as string,
    /alt="Digits: 2 grey images of 2×2 pixels in 1 row of 2; rows x; columns t &lt; 5, t=0\. Black is 0, white is 1\."/,
  );
  assert.equal((await make()).svg, figure.svg);
});

test('film strips need one picture a time', async () => {
  const strip = tf.zeros([3, 2, 2, 1]);
  assert.match((await filmStrip([strip, strip], [1000, 500, 0])).alt, /2 rows at 1000, 500, 0/);
  await assert.rejects(() => filmStrip([strip], [1000, 0]), /expected 2 pictures a strip, one for each time, got 3/);
  await assert.rejects(() => imageGrid(tf.zeros([2, 784])), /got \[2, 784\]; reshape first/);
  await assert.rejects(
    () => imageGrid(tf.zeros([2, 28, 28, 2])),
    /\[N, H, W, 1 \| 3\].*got \[2, 28, 28, 2\]; reshape first/,
  );
});

test('latent maps colour codes by label; the grid decodes from top left', async () => {
  const map = await latentMap(
    tf.tensor2d([
      [0, 1],
      [2, 3],
    ]),
    [7, 1],
  );
  assert.match(map.alt, /2 points in 2 groups; centres: 1 at \(2\.00, 3\.00\) and 7 at \(0\.00, 1\.00\)/);
  await assert.rejects(() => latentMap(tf.zeros([2, 3]), [1, 2]), /codes \[N, 2\]/);
  let seen: number[][] = [];
  const before = tf.memory().numTensors;
  const decode = (codes: number[][]) => {
    seen = codes;
    return tf.zeros<tf.Rank.R4>([codes.length, 2, 2, 1]);
  };
  await latentGrid(decode, { side: 3, reach: 2 });
  assert.deepEqual(
    [seen[0], seen[2], seen[8]],
    [
      [-2, 2],
      [2, 2],
      [2, -2],
    ],
  );
  assert.equal(tf.memory().numTensors, before);
});
