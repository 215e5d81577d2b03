import assert from 'node:assert/strict';
import test from 'node:test';
import { contrast, liveChart, palette } from '../../lib/plot';
import { ink, paper, textOn, viridis } from '../../lib/plot/palette';
import { thin } from '../../lib/plot/thinning';
import { say, textTable, trend } from '../../lib/plot/words';
import { type DisplayOptions, KERNEL, type KernelBridge, type MimeBundle } from '../../lib/runtime/display';
import type { TrainingResult } from '../../lib/training';

/** Runs `work` with a kernel that records what is shown. */
async function recorded(work: () => Promise<void>): Promise<[MimeBundle, DisplayOptions][]> {
  const shown: [MimeBundle, DisplayOptions][] = [];
  const bridge: KernelBridge = {
    display: (data, options) => shown.push([data, options]),
    clearOutput() {},
    onInterrupt: () => () => {},
  };
  const place = globalThis as { [KERNEL]?: KernelBridge };
  place[KERNEL] = bridge;
  try {
    await work();
  } finally {
    delete place[KERNEL];
  }
  return shown;
}

test('a live chart updates one display in place and leaves a static picture with words', async () => {
  const shown = await recorded(async () => {
    const chart = liveChart('loss', 'accuracy');
    await chart.onStart?.({ epochs: 2, startStep: 0 });
    for (let step = 1; step <= 2000; step++) {
      await chart.onStep?.({ step, epoch: step > 1000 ? 1 : 0, metrics: { loss: 500 / step }, stepsPerSecond: 1 });
      if (step % 1000 === 0)
        await chart.onEpoch?.({ step, epoch: step / 1000 - 1, metrics: { loss: 1, accuracy: step / 4000 } });
    }
    await chart.onEnd?.({} as TrainingResult);
  });
  assert.ok(shown.length >= 2 && shown.length < 6, `${shown.length} displays for 2,000 quick steps`);
  assert.deepEqual(
    shown.map(([, o]) => o.update),
    shown.map((_, i) => i > 0),
  );
  assert.equal(new Set(shown.map(([, o]) => o.id)).size, 1);
  const last = shown[shown.length - 1][0];
  assert.match(
    last['text/plain'] as string,
    /^loss falls from 500 to 0\.25\d* and accuracy rises from 0\.25 to 0\.5, in 2 epochs\./,
  );
  assert.ok(last['image/svg+xml'] && last['application/vnd.vegalite.v5+json']);
  assert.ok(JSON.stringify(last).length < 100_000, 'long runs are thinned');
});

test('a single step far from all others stays in the chart and in its words; steps without a number are counted', async () => {
  const shown = await recorded(async () => {
    const chart = liveChart('loss');
    await chart.onStart?.({ epochs: 1, startStep: 0 });
    for (let step = 1; step <= 5000; step++) {
      const loss = step === 3210 ? 1e6 : step === 40 ? Number.NaN : 100 + 100 / step;
      await chart.onStep?.({ step, epoch: 0, metrics: { loss }, stepsPerSecond: 1 });
    }
    await chart.onEpoch?.({ step: 5000, epoch: 0, metrics: { loss: 1 } });
    await chart.onEnd?.({} as TrainingResult);
  });
  const last = shown[shown.length - 1][0];
  assert.match(last['text/plain'] as string, /with 1,000,000 at step 3,210, without a finite value in 1 steps/);
  assert.match(JSON.stringify(last['application/vnd.vegalite.v5+json']), /\b1000000\b/);
});

test('a run that stops before its first step leaves no chart', async () => {
  const shown = await recorded(async () => {
    const chart = liveChart();
    await chart.onStart?.({ epochs: 1, startStep: 0 });
    await chart.onEnd?.({} as TrainingResult);
  });
  assert.equal(shown.length, 0);
});

test('colours and text stand out on the paper of figures, and lines also on dark pages', () => {
  assert.ok(contrast(ink, paper) >= 4.5, `ink: ${contrast(ink, paper)}`);
  for (const background of [paper, '#111111'])
    for (const colour of palette) assert.ok(contrast(colour, background) >= 3, `${colour} on ${background}`);
  for (const colour of palette) assert.ok(contrast(textOn(colour), colour) >= 4.5, `words on ${colour}`);
  assert.deepEqual([viridis(-1), viridis(1), viridis(0.5)], ['#440154', '#fde725', '#23908b']);
});

test('numbers, trends and tables in words', () => {
  assert.deepEqual(
    [543.21, 60000, 0.000123, 0, -0.5, Number.NaN, 1e9].map(v => say(v)),
    ['543', '60,000', '1.23e-4', '0', '-0.5', 'not a number', '1e9'],
  );
  assert.equal(trend([1, 5, 2]), 'rises from 1 to 2, with a high of 5');
  assert.equal(trend([3, 3, 3]), 'stays at 3');
  assert.equal(trend([Number.NaN]), 'has no finite values');
  assert.deepEqual(thin([1, 2, 3, 4, 5, 6, 7], 3), [1, 4, 7]);
  assert.equal(textTable(['词', 'n'], [['潜变量', '1']]), '词      n\n──────  ─\n潜变量  1');
});
