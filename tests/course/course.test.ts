import assert from 'node:assert/strict';
import test from 'node:test';
import { JSDOM } from 'jsdom';
import {
  claim,
  exercise,
  METRICS_MIME,
  type Metric,
  metricsCard,
  predict,
  pythonBeside,
  quiz,
  seeds,
  todo,
} from '../../lib/course';
import { language } from '../../lib/i18n';
import { DISPLAY, type Displayable, type MimeBundle } from '../../lib/runtime/display';

const bundle = (value: Displayable): MimeBundle => value[DISPLAY]() as MimeBundle;

test('an exercise tells right, wrong and unsolved apart, and never throws', async () => {
  const hint = { en: 'divide by the evidence', zh: '除以证据' };
  const near = (mine: number | undefined) => exercise('posterior', is => is.near('P', mine, 0.18 / 0.42, { hint }));
  assert.equal((await near(0.18 / 0.42)).state, 'right');
  const wrong = await near(0.18);
  assert.equal(wrong.state, 'wrong');
  assert.match(String(wrong), /P is 0\.18, which is too small\.\nHint:\ndivide by the evidence$/);
  assert.doesNotMatch(String(wrong), /0\.428|0\.429/, 'the answer stays hidden');
  assert.equal((await near(undefined)).state, 'unsolved');
  assert.equal((await exercise('x', () => todo())).state, 'unsolved');
  assert.match(await inChinese(async () => String(await near(0.18))), /除以证据$/);
  assert.match(
    String(
      await exercise('x', () => {
        throw new TypeError('f is not a function');
      }),
    ),
    /stopped with an error: TypeError: f is not/,
  );
  assert.match(bundle(wrong)['text/html'] as string, /✗[\s\S]*<details><summary>Hint/);
});

/** What `work` gives on a Chinese page. */
async function inChinese<T>(work: () => T): Promise<Awaited<T>> {
  language('zh');
  try {
    return await work();
  } finally {
    language('en');
  }
}

test('an exercise that is not begun shows the hint of its first question, whatever the missing value goes through', async () => {
  const hint = 'divide';
  const f = (..._given: number[]): number => todo();
  const g = (_x: number): [mean: number, spread: number] => todo();
  const h = async (): Promise<number[]> => todo();
  const line = (_line: string): string => todo();
  const checks: Parameters<typeof exercise>[1][] = [
    is => is.near('f', f(1), 1, { hint }),
    is => {
      is.shape('the missing tensor', undefined, [1]); // the hint stands at the second question
      is.near('its value', undefined, 1, { hint });
    },
    is => is.equal('read', JSON.parse(line('{}')), { a: 1 }, { hint }),
    is => is.near('f + 1', f(1) + 1, 2, { hint }),
    is => is.near('f of f', f(f(1)), 2, { hint }),
    is => {
      const [mean, spread] = g(1);
      is.near('mean', mean, 1, { hint });
      is.near('spread', spread, 1, { hint: 'not this one' });
    },
    async is => is.near('h', await h(), [1, 2], { hint }),
    async is =>
      is.near(
        'a sum',
        (await h()).map(x => x + 1).reduce((a, b) => a + b),
        3,
        { hint },
      ),
    is => is.equal('f', f(1), 3, { hint }),
    is => is.equal('in an object', { mean: f(1) }, { mean: 3 }, { hint }),
    is => is.shape('f', { shape: [f(1)] }, [2], { hint }),
    is => is.holds(f(1) > 0, 'f is positive', { hint }),
    is => is.holds(Math.abs(f(2) - 1) < 1e-6, 'f is 1', { hint }),
  ];
  for (const check of checks) {
    const verdict = await exercise('x', check);
    assert.deepEqual([verdict.state, verdict.hint], ['unsolved', hint], String(check));
  }
  const solved = await exercise('after', is => is.near('f', 2, 2, { hint }));
  assert.equal(solved.state, 'right', 'an unsolved exercise does not weigh on the next');
});

test('checks of arrays, shapes, values and conditions', async () => {
  const said = async (check: Parameters<typeof exercise>[1]) => String(await exercise('x', check));
  assert.match(await said(is => is.near('p', [0.5, 0.6], [0.5, 0.5])), /p\[1\] is 0\.6, which is too large/);
  assert.match(await said(is => is.near('p', [0.5], [0.5, 0.5])), /should have 2 numbers, yours has 1/);
  assert.match(await said(is => is.near('p', Number.NaN, 1)), /no finite number/);
  assert.match(
    await said(is => is.shape('z', { shape: [32, 64] }, [32, 128])),
    /shape \[32, 128\], yours has \[32, 64\]/,
  );
  assert.match(await said(is => is.equal('word', 'a', 'b')), /word is "a", which is not right/);
  assert.match(await said(is => is.holds(false, 'rows must sum to 1')), /✗ rows must sum to 1/);
  assert.match(await said(is => is.near('p', 1 + 1e-9, 1)), /✓ Right/);
});

test('a quiz opens without a script, in the language of the page, and escapes what it shows', async () => {
  const shown = quiz([
    {
      question: { en: 'Is `a < b`?', zh: '是吗？' },
      choices: ['yes', { en: 'no', zh: '否' }],
      answer: 1,
      why: 'because',
    },
  ]);
  const html = bundle(shown)['text/html'] as string;
  const { document } = new JSDOM(html).window;
  assert.equal(document.querySelectorAll('details').length, 2);
  assert.equal(document.querySelectorAll('script, style, input').length, 0);
  assert.equal(document.querySelector('code')?.textContent, 'a < b');
  assert.doesNotMatch(html, /是吗|否/);
  assert.match(document.querySelectorAll('details')[1].textContent ?? '', /B\. no✓ Rightbecause/);
  assert.match(bundle(shown)['text/plain'] as string, /A\) yes\n {3}B\) no\n[\s\S]*B\. because/);
  const chinese = await inChinese(() => bundle(shown)['text/html'] as string);
  assert.match(chinese, /是吗？[\s\S]*B\. 否/);
  assert.doesNotMatch(chinese, /Is <code>/);
  assert.throws(
    () => quiz([{ question: 'q', choices: ['a'], answer: 1, why: '' }]),
    /answer 1 is none of the choices 0 to 0/,
  );
});

test('each wrong choice of a quiz opens to a reason of its own', () => {
  const asked = { question: 'q', choices: ['a', 'b', 'c'], answer: 1, why: 'so', wrong: ['not a', 'not `c`'] };
  const shown = bundle(quiz([asked]));
  const { document } = new JSDOM(shown['text/html'] as string).window;
  assert.deepEqual(
    [...document.querySelectorAll('details > p')].map(p => p.textContent),
    ['✗ Nonot a', '✓ Rightso', '✗ Nonot c'],
  );
  assert.match(shown['text/plain'] as string, /B\. so\n {3}A\) not a\n {3}C\) not `c`$/);
  assert.throws(() => quiz([{ ...asked, wrong: ['one'] }]), /a reason for each of 2 wrong choices, got 1/);
});

test('a prediction shows its choices, never its answer, and asks for an answer among them', () => {
  const asked = { question: 'q', choices: ['a', 'b `c`'], answer: 1, why: 'the reason' };
  const shown = bundle(predict(asked));
  const { document } = new JSDOM(shown['text/html'] as string).window;
  const lines = [...document.querySelectorAll('details.lab-choice')];
  assert.deepEqual(
    lines.map(line => line.querySelector('summary')?.textContent),
    ['A. a', 'B. b c'],
  );
  assert.equal(lines[0].querySelector('p')?.textContent, lines[1].querySelector('p')?.textContent, 'no hint');
  for (const said of Object.values(shown)) assert.doesNotMatch(String(said), /the reason|Right/);
  assert.equal(shown['text/plain'], 'Predict first\n\nq\n   A) a\n   B) b `c`');
  assert.throws(() => predict({ ...asked, answer: 2 }), /expected two choices or more and an answer among them.*got 2/);
  assert.throws(() => predict({ ...asked, choices: ['a'], answer: 0 }), /got 1 choices and answer 0/);
});

const bound: Metric = {
  name: 'test_elbo_nats',
  value: 101.26,
  unit: 'nats per digit',
  band: [90, 105],
  quickBand: [100, 250],
  reference: 'about 104 (784-500-20, 10 epochs)',
};

/** Runs `work` in quick mode or not, silently. */
function mode<T>(quick: boolean, work: () => T): T {
  const [before, log] = [process.env.LAB_QUICK, console.log];
  process.env.LAB_QUICK = quick ? '1' : '0';
  console.log = () => {};
  try {
    return work();
  } finally {
    console.log = log;
    if (before === undefined) delete process.env.LAB_QUICK;
    else process.env.LAB_QUICK = before;
  }
}

test('a metrics card shows what was reached and stores it', () => {
  const card = mode(false, () => metricsCard([bound], { seed: 42, device: 'CPU', seconds: 312.4 }));
  const shown = bundle(card);
  assert.deepEqual(shown[METRICS_MIME], [
    { name: 'test_elbo_nats', value: 101.26, unit: 'nats per digit', band: [90, 105], reference: bound.reference },
  ]);
  assert.match(
    shown['text/plain'] as string,
    /101\.26 +nats per digit +90 to 105 +✓ +about 104[\s\S]*seed 42 · CPU · 312 s/,
  );
  assert.match(shown['text/html'] as string, /<td style="text-align: left">101\.26<\/td>/);
});

test('bands are asserted: the full one in a full run, the quick one in a quick run', () => {
  const far = { ...bound, value: 180 };
  const at = (quick: boolean, metric: Metric) => mode(quick, () => metricsCard([metric], { seed: 1 }));
  assert.throws(() => at(false, far), /test_elbo_nats = 180, expected 90 to 105/);
  assert.ok(at(true, far));
  assert.throws(() => at(true, { ...bound, value: 300 }), /expected 100 to 250/);
  assert.throws(
    () => at(true, { ...bound, quickBand: undefined, value: Number.NaN }),
    /= not a number, expected finite/,
  );
  assert.throws(() => at(false, { ...bound, band: [-Infinity, 100] }), /expected ≤ 100/);
});

test('claims hold, or say what to do; trained claims wait for a full run', () => {
  assert.match(bundle(claim({ en: 'yes', zh: '是' }, true))['text/plain'] as string, /^✓ yes$/);
  assert.throws(() => mode(false, () => claim('sum is 1', false, { trained: true })), /claim does not hold: sum is 1/);
  assert.throws(() => mode(true, () => claim('sum is 1', false)), /claim does not hold/);
  assert.equal(mode(true, () => claim('x', false, { trained: true })).state, 'not checked');
});

test('TypeScript beside Python keeps the lines and drops the common indentation', () => {
  const { 'text/html': html, 'text/plain': text } = bundle(
    pythonBeside(`\n    if (a < b) {\n      f();\n    }\n  `, 'if a < b:\n    f()'),
  ) as Record<string, string>;
  assert.match(html, /<pre style="white-space: pre"><code>if \(a &lt; b\) \{\n {2}f\(\);\n\}<\/code><\/pre>/);
  const hanging = bundle(pythonBeside('a();\n      b();', 'x'))['text/plain'] as string;
  assert.match(hanging, /TypeScript\n {4}a\(\);\n {4}b\(\);\n/);
  assert.match(text, /Python\n {4}if a < b:\n {8}f\(\)/);
});

test('a spread over seeds tells mean, standard deviation and a band, and refuses one run', async () => {
  const asked: number[] = [];
  const spread = await seeds(4, seed => {
    asked.push(seed);
    return [1, 2, 3, 4][seed - 1];
  });
  assert.deepEqual(asked, [1, 2, 3, 4]);
  assert.equal(spread.mean, 2.5);
  assert.ok(Math.abs(spread.sd - Math.sqrt(5 / 3)) < 1e-12);
  assert.deepEqual(
    spread.band().map(v => v.toFixed(6)),
    [2.5 - 3 * spread.sd, 2.5 + 3 * spread.sd].map(v => v.toFixed(6)),
  );
  assert.equal(String(spread), '2.5 ± 1.3 (n = 4)');
  await assert.rejects(
    seeds(1, () => 1),
    /two finite numbers or more, got \[1\]/,
  );
  const card = metricsCard([{ name: 'm', value: 2, band: spread.band(), spread }], { seed: 1 });
  assert.match(String(card), /2 \(2\.5 ± 1\.3 \(n = 4\)\)/);
  assert.deepEqual(
    (bundle(card)[METRICS_MIME] as { sd: number; seeds: number }[]).map(({ sd, seeds: n }) => [sd, n]),
    [[spread.sd, 4]],
  );
});
