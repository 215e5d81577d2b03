/** Films of convolutions show what the layers of lib/nn compute, place by place, and need no kernel. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { changeBundle, inChinese } from '../../lib/i18n/bundle';
import { dictionaryOf } from '../../lib/i18n/load';
import { Conv2d, ConvTranspose2d } from '../../lib/nn';
import { type Figure, slide, slidingKernel, spread, spreadingKernel } from '../../lib/plot';
import { tf } from '../../lib/runtime';

const numbers = (n: number) => fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n });
const planes = (channels: number, side: number) =>
  fc.array(fc.array(numbers(side), { minLength: side, maxLength: side }), { minLength: channels, maxLength: channels });
const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++) assert.ok(Math.abs(a[i] - b[i]) < 1e-5, `${i}: ${a[i]} and ${b[i]}`);
};

test('slide = Conv2d, over channels, strides and paddings', () => {
  const inputs = fc
    .record({
      channels: fc.integer({ min: 1, max: 3 }),
      side: fc.integer({ min: 3, max: 7 }),
      k: fc.integer({ min: 1, max: 3 }),
    })
    .chain(({ channels, side, k }) =>
      fc.tuple(
        planes(channels, side),
        planes(channels, k),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 2 }),
      ),
    );
  fc.assert(
    fc.property(inputs, ([picture, kernel, stride, padding]) => {
      const layer = new Conv2d(picture.length, 1, kernel[0].length, { stride, padding, bias: false });
      const theirs = tf.tidy(() => {
        layer.weight.assign(
          tf
            .tensor3d(kernel as number[][][])
            .transpose([1, 2, 0])
            .expandDims(3),
        );
        return layer
          .forward(
            tf
              .tensor3d(picture as number[][][])
              .transpose([1, 2, 0])
              .expandDims(0),
          )
          .dataSync();
      });
      layer.dispose();
      close(slide(picture, kernel, { stride, padding }).flat(), theirs);
    }),
    { numRuns: 40, seed: 1 },
  );
});

test('spread = ConvTranspose2d', () => {
  const inputs = fc.tuple(planes(1, 4), planes(1, 3), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(inputs, ([[picture], [kernel], stride]) => {
      const layer = new ConvTranspose2d(1, 1, 3, { stride, bias: false });
      const theirs = tf.tidy(() => {
        layer.weight.assign(tf.tensor2d(kernel).reshape([3, 3, 1, 1]));
        return layer.forward(tf.tensor2d(picture).reshape([1, 4, 4, 1])).dataSync();
      });
      layer.dispose();
      close(spread(picture, kernel, stride).flat(), theirs);
    }),
    { numRuns: 20, seed: 1 },
  );
});

interface View {
  signal(name: string, value?: unknown): View;
  runAsync(): Promise<View>;
  toSVG(): Promise<string>;
  finalize(): void;
}
/** The picture at a place, as the slider would show it. */
async function at(figure: Figure, place: number): Promise<string> {
  const vega = require('vega');
  const spec = require('vega-lite').compile(figure.bundle['application/vnd.vegalite.v5+json']).spec;
  const view: View = await new vega.View(vega.parse(spec), { renderer: 'none' }).runAsync();
  await view.signal('p_place', place).runAsync();
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
test('wherever the window has been before, it shows the products of the place where it is', async () => {
  const plane = [0, 1, 2].map(r => [0, 1, 2].map(c => 3 * r + c + 1));
  const film = await slidingKernel(
    [plane],
    [
      [
        [1, 1],
        [1, 1],
      ],
    ],
  );
  const vega = require('vega');
  const spec = require('vega-lite').compile(film.bundle['application/vnd.vegalite.v5+json']).spec;
  const view = await new vega.View(vega.parse(spec), { renderer: 'none' }).runAsync();
  for (const place of [0, 1, 2, 3, 0, 3, 2, 1]) {
    const svg = await (await view.signal('p_place', place).runAsync()).toSVG();
    const shown = [...svg.matchAll(/cm: ([\d.]+); ym: ([\d.]+); product: (\d)/g)].map(found =>
      found.slice(1, 4).join(' '),
    );
    const [r, c] = [Math.floor(place / 2), place % 2];
    const right = [0, 1, 2, 3].map(i => {
      const [dr, dc] = [Math.floor(i / 2), i % 2];
      return `${dc + 0.5} ${dr + 0.5} ${plane[r + dr][c + dc]}`;
    });
    assert.deepEqual(shown.sort(), right.sort(), `place ${place}`);
  }
  view.finalize();
});

const filled = (svg: string) => svg.match(/fill="rgb|fill="#/g)?.length ?? 0;

test('at each place the film says the sum, and one more number has come out', async () => {
  const picture = [
    [0, 0.5, 1, 0],
    [1, 0.25, 0, 1],
    [0, 1, 0.5, 0.75],
    [1, 0, 1, 0],
  ];
  const kernel = [
    [1, -1],
    [2, 0],
  ];
  const out = slide([picture], [kernel]).flat();
  const film = await slidingKernel([picture], [kernel], { at: 0 });
  const [first, fifth] = [await at(film, 0), await at(film, 4)];
  for (const [svg, place] of [
    [first, 0],
    [fifth, 4],
  ] as const)
    assert.ok(svg.includes(`sum: ${out[place].toFixed(2).replace('-', '−')}`), `place ${place}: ${out[place]}`);
  assert.equal(filled(fifth) - filled(first), 4);
  const pooled = await slidingKernel(
    [picture],
    [
      [
        [1, 1],
        [1, 1],
      ],
    ],
    { stride: 2, take: 'largest', at: 1 },
  );
  assert.match(await at(pooled, 3), /largest: 1\.00/);
});

test('stamps add up until the last place shows the whole transposed convolution', async () => {
  const film = await spreadingKernel(
    [
      [1, 0.5],
      [0.25, 1],
    ],
    [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ],
    { stride: 2 },
  );
  assert.equal(filled(await at(film, 3)) - filled(await at(film, 0)), 25 - 9);
});

test('it says what is wrong with its inputs', () => {
  const two = [
    [1, 2],
    [3, 4],
  ];
  assert.throws(() => slide([two], [two, two]), /kernel with 1 planes/);
  assert.throws(() => slide([two], [[[1, 1, 1]]]), /no larger than the padded picture of 2×2, got 1×3/);
  assert.throws(() => slide([[[1, 2], [3]]], [two]), /rows of 2 numbers in the picture, got 1/);
  assert.throws(() => spread([[Number.NaN]], two), /got NaN; scale them first/);
});

test('on a Chinese page it is Chinese', async () => {
  const film = await slidingKernel(
    [
      [
        [1, 0, 0.5],
        [1, 0, 1],
        [0, 1, 0],
      ],
    ],
    [
      [
        [1, -1],
        [1, 0],
      ],
    ],
  );
  const chinese = changeBundle(film.bundle, inChinese(dictionaryOf(path.resolve(__dirname, '../..'), '', {})));
  const words = chinese['text/plain'] as string;
  assert.match(words, /窗口在 3×3 像素的图上移动/);
  assert.doesNotMatch(words, /window|slider/);
  assert.doesNotMatch(JSON.stringify(chinese), /"(picture|output|place |play )"|'sum/);
});
