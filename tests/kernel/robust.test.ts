/** What a kernel meets in the wild: forged and broken messages, a burst of them, huge ones; and that nothing stays behind. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Message, Wire } from '../../lib/kernel/protocol/wire';
import { Front } from './client';

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const empty = { identities: [], parent: {}, metadata: {}, content: {}, buffers: [] };

/** The same numbers in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Sensible requests, from which the senseless ones are made. None ends the kernel. */
const SENSIBLE: [string, object][] = [
  ['kernel_info_request', {}],
  ['execute_request', { code: '1', silent: true, store_history: false, user_expressions: { a: '1' } }],
  ['complete_request', { code: 'Math.flo', cursor_pos: 8 }],
  ['inspect_request', { code: 'Math.floor', cursor_pos: 7, detail_level: 0 }],
  ['is_complete_request', { code: 'f(' }],
  ['history_request', { hist_access_type: 'range', session: 0, start: 1, stop: 3, raw: true, output: false }],
  ['history_request', { hist_access_type: 'search', pattern: '*', n: 2, unique: true }],
  ['comm_info_request', { target_name: 'jupyter.widget' }],
  ['comm_open', { comm_id: 'x', target_name: 'jupyter.widget.control', data: {} }],
  ['comm_msg', { comm_id: 'x', data: { method: 'request_states' } }],
  ['comm_close', { comm_id: 'x', data: {} }],
  ['interrupt_request', {}],
  ['input_reply', { value: 'x' }],
];
/** The compiler takes tens of milliseconds over each of these: one in ten messages is enough. */
const SLOW = new Set(['execute_request', 'complete_request', 'inspect_request']);
const STRANGE = [null, -1, 2 ** 53, 1e308, '', '\ud800', '\u0000', [], [[]], {}, true, 'x'.repeat(10_000), '__proto__'];

function mutated(dice: () => number): { channel: 'shell' | 'control' | 'stdin'; type: string; content: unknown } {
  const pick = <T>(list: readonly T[]) => list[Math.floor(dice() * list.length)];
  const [type, content] = pick(dice() < 0.1 ? SENSIBLE : SENSIBLE.filter(([name]) => !SLOW.has(name)));
  const channel = pick(['shell', 'shell', 'shell', 'control', 'stdin'] as const);
  return {
    channel,
    type: dice() < 0.05 ? pick([...SENSIBLE.map(([name]) => name), 'x']) : type,
    content: mangle(content, dice, 0.4),
  };
}

/** A copy in which some values are strange, some keys gone, some added, some moved a level down. */
function mangle(value: unknown, dice: () => number, rate: number): unknown {
  const strange = () => STRANGE[Math.floor(dice() * STRANGE.length)];
  if (value === null || typeof value !== 'object') return dice() < rate ? strange() : value;
  const entries = Object.entries(value)
    .filter(() => dice() > rate / 3)
    .map(([key, part]) => [key, dice() < rate / 4 ? { [key]: part } : mangle(part, dice, rate)]);
  if (dice() < rate / 3) entries.push([String(strange()), strange()]);
  return Object.fromEntries(entries);
}

describe('robustness', { timeout: 300_000 }, () => {
  test('forged, broken and unknown messages do no harm', async () => {
    const front = await Front.start();
    const forged = new Wire('another key');
    const header = front.wire.header('execute_request');
    const content = { code: "throw new Error('forged')" };
    await front.shell.send(forged.encode({ identities: [], header, parent: {}, metadata: {}, content, buffers: [] }));
    for (const frames of [[''], ['<IDS|MSG>'], ['<IDS|MSG>', '', '{', '{}', '{}', '{}'], ['x', 'y', 'z']])
      await front.shell.send(frames);
    void front.request('no_such_request', {});
    for (const type of ['complete_request', 'inspect_request', 'comm_msg', 'history_request']) {
      void front.request(type, { code: 7 });
    }
    assert.equal((await front.ask('execute_request', { code: 7 })).status, 'error');
    assert.equal((await front.run('1 + 1')).result, '2');
    assert.ok(!front.heard.some(({ content: heard }) => String(heard.evalue).includes('forged')));
    assert.equal(await front.stop(), 0);
  });

  test('10,000 messages of noise, and 10,000 valid ones whose content makes no sense', async t => {
    const front = await Front.start();
    for (let i = 0; i < 10_000; i++) {
      const good = front.wire.encode({ ...empty, header: front.wire.header('kernel_info_request') });
      const frame = Math.floor(Math.random() * good.length);
      const noise = randomBytes(1 + Math.floor(Math.random() * 40));
      await front.shell.send(good.map((part, at) => (at === frame ? noise : part)));
    }
    assert.equal((await front.run('2 + 2')).result, '4');

    const dice = seeded(1);
    for (let i = 0; i < 10_000; i++) {
      const { channel, type, content } = mutated(dice);
      const header = mangle({ ...front.wire.header(type) }, dice, 0.02) as Message['header'];
      await front[channel].send(front.wire.encode({ ...empty, header, content: content as Message['content'] }));
    }
    const begun = performance.now();
    assert.equal((await front.ask('kernel_info_request', {})).status, 'ok');
    await front.run('0', {}, 120_000); // perhaps aborted, as sent along with a cell that failed
    t.diagnostic(`10,000 mutated messages were done ${Math.round(performance.now() - begun)} ms after the last`);
    assert.equal((await front.run('3 + 3')).result, '6');
    assert.equal(await front.stop(), 0);
  });

  test('50 MB in, 50 MB out', async () => {
    const front = await Front.start();
    const reply = await front.run(`const big = ${JSON.stringify('x'.repeat(50_000_000))}; big.length`);
    assert.equal(reply.result, '50000000');
    const shown = await front.run(
      "(globalThis as any)[Symbol.for('latentlab.kernel')].display({ 'text/plain': big }, {})",
    );
    assert.equal((shown.outputs[0].content.data as Record<string, string>)['text/plain'].length, 50_000_000);
    await front.stop();
  });

  test('shutdown leaves no process, also while a cell is busy; a killed kernel takes its cells along', async () => {
    const front = await Front.start();
    const child = Number((await front.run('process.pid')).result);
    void front.run('while (true) {}').catch(() => {});
    await new Promise(resolve => setTimeout(resolve, 300));
    assert.equal(await front.stop(), 0);
    assert.equal(alive(child), false);

    const second = await Front.start();
    const orphan = Number((await second.run('process.pid')).result);
    void second.run('while (true) {}').catch(() => {});
    await new Promise(resolve => setTimeout(resolve, 300));
    second.process.kill('SIGKILL');
    for (let i = 0; i < 50 && alive(orphan); i++) await new Promise(resolve => setTimeout(resolve, 100));
    assert.equal(alive(orphan), false);
    await second.stop();
  });

  test("a cell that takes all of the compiler's memory fails and says so; the next ones run", async () => {
    const front = await Front.start();
    await front.run('const before = 1;');
    const child = (await front.run('process.pid')).result;
    const greedy = await front.run(`const many = [${'1,'.repeat(10_000_000)}]; many.length`, {}, 200_000);
    assert.equal(greedy.status, 'error');
    assert.match(String(greedy.content.evalue), /the compiler ended \(.*out of memory\); .* run the cells again/);
    assert.equal((await front.run('const after = 1 + 1; after')).result, '2');
    assert.match(String((await front.run('before')).content.evalue), /Cannot find name 'before'/);
    assert.equal((await front.run('process.pid')).result, child, 'the process of the cells lives on');
    assert.equal(await front.stop(), 0);
  });

  test('several kernels at once know nothing of each other', async () => {
    const fronts = await Promise.all([Front.start(), Front.start(), Front.start()]);
    await Promise.all(fronts.map((front, i) => front.run(`const own = ${i};`)));
    const results = await Promise.all(fronts.map(front => front.run('own')));
    assert.deepEqual(
      results.map(({ result }) => result),
      ['0', '1', '2'],
    );
    await Promise.all(fronts.map(front => front.stop()));
  });
});
