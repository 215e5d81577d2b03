/** How a kernel lives and ends: who may leave, what stays, what it says of itself; and what the reader can switch. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kernelSpec } from '../../scripts/setup/jupyter';
import { newFolder } from '../folder';
import { Front } from './client';

const ROOT = path.resolve(__dirname, '..', '..');
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pids: number[], seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 10 && pids.some(alive); i++) await sleep(100);
  assert.deepEqual(pids.filter(alive), []);
}

describe('life', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start(kernelSpec().env);
  });
  after(() => front.stop());

  test('kernel info is true: versions, help links, no feature that is not there', async () => {
    const info = await front.ask('kernel_info_request', {});
    const version = (file: string) => JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8')).version as string;
    const language = info.language_info as Record<string, unknown>;
    assert.equal(info.implementation_version, version('package.json'));
    assert.equal(language.version, version('node_modules/typescript/package.json'));
    assert.match(String(info.banner), new RegExp(`Node ${process.versions.node}`));
    assert.deepEqual([info.protocol_version, info.debugger, info.supported_features], ['5.3', false, []]);
    for (const { url } of info.help_links as { url: string }[]) assert.match(url, /^https:\/\//);
  });

  test('the setting that lets memory go is for the kernel, not for the cells', async () => {
    const [setting] = Object.keys(kernelSpec().env);
    assert.equal((await front.run(`process.env.${setting} === undefined`)).result, 'true');
  });

  test('the control channel is answered at once while a cell computes', async () => {
    const running = front.run('const end = Date.now() + 1500; while (Date.now() < end) {}');
    await sleep(700);
    const begun = performance.now();
    assert.equal((await front.ask('kernel_info_request', {}, front.control)).status, 'ok');
    assert.ok(performance.now() - begun < 500);
    await running;
  });

  test('a front end that vanishes during a cell leaves the kernel to the next one', async () => {
    const first = await front.another();
    const cell =
      "let steps = 0; for (; steps < 30; steps++) { console.log('step', steps); await new Promise(r => setTimeout(r, 50)); }";
    first.request('execute_request', { code: cell });
    await first.until(({ content }) => String(content.text).includes('step 3'));
    first.closeSockets();
    const second = await front.another();
    assert.equal((await second.run('steps')).result, '30'); // waits for the cell, which ran to its end
    second.closeSockets();
  });

  test('a question whose reader is gone can be interrupted by the next one', async () => {
    const first = await front.another();
    first.request('execute_request', {
      code: "console.log('asking'); await input('anyone there?')",
      allow_stdin: true,
    });
    await first.until(({ content }) => String(content.text).includes('asking'));
    await sleep(300);
    first.closeSockets();
    const second = await front.another();
    await second.interrupt();
    await second.until(
      ({ content, parent }) => content.execution_state === 'idle' && parent.msg_type === 'execute_request',
    );
    assert.ok(second.heard.some(({ content }) => content.ename === 'KeyboardInterrupt'));
    assert.equal((await second.run('1 + 1')).result, '2');
    second.closeSockets();
  });

  test('frames in the lib: by relative path, in its own TypeScript lines', async () => {
    const reply = await front.run("import { Linear, tf } from './lib';\nnew Linear(4, 2).forward(tf.ones([3, 5]))");
    const text = (reply.content.traceback as string[]).join('\n').replace(COLOUR, '');
    const [, file, line] = /at [\w. ]*\((lib\/[\w/.-]+\.ts):(\d+):\d+\)/.exec(text) ?? [];
    assert.ok(file, text);
    assert.ok(fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n').length >= Number(line));
    assert.match(text, /cell \[\d+\], line 2\n[\s\S]*→ 2 \| new Linear/);
    assert.doesNotMatch(text, new RegExp(`${ROOT}|lib/kernel|node:internal`));
  });

  test('history is there in the next session: tail, range and search; huge cells are not kept', async () => {
    const file = path.join(newFolder('history'), 'history.jsonl');
    const before = await Front.start({ LAB_HISTORY: file });
    await before.run('const apple = 1;');
    await before.run(`'${'x'.repeat(100_000)}'.length`);
    await before.run('const pear = 2;');
    await before.stop();
    const next = await Front.start({ LAB_HISTORY: file });
    const sources = async (request: object) =>
      ((await next.ask('history_request', { raw: true, output: false, ...request })).history as string[][]).map(
        ([, , s]) => s,
      );
    assert.deepEqual(await sources({ hist_access_type: 'tail', n: 5 }), ['const apple = 1;', 'const pear = 2;']);
    assert.deepEqual(await sources({ hist_access_type: 'search', pattern: '*pear*' }), ['const pear = 2;']);
    assert.deepEqual(await sources({ hist_access_type: 'range', session: -1, start: 1, stop: 2 }), [
      'const apple = 1;',
    ]);
    await next.stop();
  });

  test('LAB_TYPES=off runs cells in spite of type errors', async () => {
    const lax = await Front.start({ LAB_TYPES: 'off' });
    assert.equal((await lax.run("const n: number = 'five'; n")).result, "'five'");
    assert.equal((await lax.run('n +')).content.ename, 'CompileError');
    await lax.stop();
  });

  test('a kernel ends, with its cells, soon after the program that started it was killed', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const own = await Front.start({ JPY_PARENT_PID: String(parent.pid) });
    const runner = Number((await own.run('process.pid')).result);
    void own.run('while (true) {}').catch(() => {});
    parent.kill('SIGKILL');
    await untilGone([own.process.pid!, runner], 15);
    await own.stop();
  });

  test('SIGTERM ends it too, and leaves no process', async () => {
    const own = await Front.start();
    const runner = Number((await own.run('process.pid')).result);
    own.process.kill('SIGTERM');
    await untilGone([own.process.pid!, runner], 15);
    await own.stop();
  });
});
