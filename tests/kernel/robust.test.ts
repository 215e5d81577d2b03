/** What a kernel meets in the wild: forged and broken messages, a burst of them, huge ones; and that nothing stays behind. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { Wire } from '../../lib/kernel/protocol/wire';
import { Front } from './client';

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
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

  test('10,000 messages of noise', async () => {
    const front = await Front.start();
    for (let i = 0; i < 10_000; i++) {
      const good = front.wire.encode({
        identities: [],
        header: front.wire.header('kernel_info_request'),
        parent: {},
        metadata: {},
        content: {},
        buffers: [],
      });
      const frame = Math.floor(Math.random() * good.length);
      const noise = randomBytes(1 + Math.floor(Math.random() * 40));
      await front.shell.send(good.map((part, at) => (at === frame ? noise : part)));
    }
    assert.equal((await front.run('2 + 2')).result, '4');
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
