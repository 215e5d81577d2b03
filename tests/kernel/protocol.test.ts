/** Jupyter's protocol: outputs and their order, interrupts, questions, help, life and death. Through the real kernel. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newFolder } from '../folder';
import { Front } from './client';

const BRIDGE = "const bridge = (globalThis as any)[Symbol.for('latentlab.kernel')];";
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('protocol', { timeout: 300_000 }, () => {
  let front: Front;
  const folder = newFolder('notebook');
  before(async () => {
    front = await Front.start({}, folder);
  });
  after(() => front.stop());

  test('streams and displays keep their order; bursts are gathered', async () => {
    await front.run(BRIDGE);
    const { outputs } = await front.run(
      "console.log('a'); bridge.display({ 'text/plain': 'b' }, { id: 'x' }); console.error('c'); bridge.display({ 'text/plain': 'd' }, { id: 'x', update: true });",
    );
    assert.deepEqual(
      outputs.map(({ type }) => type),
      ['stream', 'display_data', 'stream', 'update_display_data'],
    );
    assert.deepEqual(outputs[1].content.transient, { display_id: 'x' });
    const burst = await front.run('for (let i = 0; i < 100_000; i++) console.log(i);');
    assert.equal(burst.text.split('\n').length, 100_001);
    assert.ok(burst.outputs.length < 300, `${burst.outputs.length} messages`);
  });

  test('what is printed before a computation is there while it computes', async () => {
    const running = front.run(
      "console.log('first'); console.log('second'); const until = Date.now() + 1500; while (Date.now() < until) {}",
    );
    // both lines may come in one message, if the first had not left yet
    const line = await front.until(({ content }) => String(content.text).endsWith('second\n'));
    const ended = front.heard
      .slice(front.heard.indexOf(line))
      .some(({ content }) => content.execution_state === 'idle');
    assert.equal(ended, false);
    await running;
  });

  const stuck = {
    'a busy loop': 'while (true) {}',
    'a busy loop after an await': 'await sleep(1); while (true) {}',
    'an awaited loop': 'while (true) await sleep(5);',
    'a loop that catches everything': 'while (true) { try { await sleep(5); } catch {} }',
    'a promise that never settles': 'await new Promise(() => {});',
    'a busy loop out of our reach': "vm.runInThisContext('while (true) {}');",
  };
  for (const [name, code] of Object.entries(stuck)) {
    test(`interrupt: ${name}`, async () => {
      await front.run(
        "import vm from 'node:vm'; const sleep = (ms: number) => new Promise(r => setTimeout(r, ms)); let kept = 1;",
      );
      const running = front.run(code);
      await sleep(400);
      const asked = performance.now();
      await front.interrupt();
      const reply = await running;
      const seconds = (performance.now() - asked) / 1000;
      assert.equal(reply.content.ename, 'KeyboardInterrupt');
      assert.ok(seconds < 2, `${seconds} s`);
      assert.equal((await front.run('kept')).result, '1');
    });
  }

  test('nothing keeps running behind an interrupt', async () => {
    const running = front.run('let turns = 0; while (true) { await sleep(1); turns++; }');
    await sleep(300);
    await front.interrupt();
    await running;
    assert.equal((await front.run('const seen = turns; await sleep(100); turns === seen')).result, 'true');
  });

  const behind = {
    'an interval': 'setInterval(() => { ticks++; }, 5);',
    'timers that set the next': 'const tick = () => { ticks++; setTimeout(tick, 5); }; tick();',
    'loops nobody awaits':
      'const loop = async () => { for (;;) { await sleep(5); ticks++; } }; void loop(); void loop();',
  };
  for (const [name, code] of Object.entries(behind)) {
    test(`an interrupt also ends ${name}`, async () => {
      const running = front.run(`let ticks = 0; ${code} await new Promise(() => {});`);
      await sleep(300);
      await front.interrupt();
      assert.equal((await running).content.ename, 'KeyboardInterrupt');
      const counts = await front.run('const ticked = ticks; await sleep(100); [ticked > 0, ticks - ticked]');
      assert.equal(counts.result, '[ true, 0 ]');
    });
  }

  test('a handler takes the interrupt: the cell goes on', async () => {
    const running = front.run(
      "let stop = false; const off = bridge.onInterrupt(() => (stop = true)); console.log('listening'); while (!stop) await sleep(5); off(); 'ended in good order'",
    );
    await front.until(({ content }) => String(content.text).includes('listening'));
    await front.interrupt();
    assert.equal((await running).result, "'ended in good order'");
  });

  test('other requests are answered while a cell runs', async () => {
    const running = front.run('await sleep(700); 1');
    await sleep(100);
    const started = performance.now();
    assert.equal((await front.ask('kernel_info_request', {})).status, 'ok');
    assert.ok(performance.now() - started < 400);
    await running;
  });

  test('after an error, cells sent along are aborted; a cell sent after the reply runs', async () => {
    const failing = front.request('execute_request', { code: "throw new Error('x')", stop_on_error: true });
    const along = front.request('execute_request', { code: '1' });
    assert.equal((await failing.reply).content.status, 'error');
    assert.equal((await along.reply).content.status, 'aborted');
    assert.equal((await front.run('3')).result, '3');
  });

  test('input asks the reader, and says so where nobody can answer', async () => {
    front.onInput = prompt => (prompt === 'your guess?' ? '42' : '');
    assert.equal((await front.run("await input('your guess?')")).result, "'42'");
    const refused = await front.run("await input('your guess?')", { allow_stdin: false });
    assert.match(String(refused.content.evalue), /allow_stdin is false/);
  });

  test('user_expressions, silent cells and history', async () => {
    const { content } = await front.run('const five = 5;', { user_expressions: { six: 'five + 1' } });
    assert.deepEqual(content.user_expressions, { six: { status: 'ok', data: { 'text/plain': '6' }, metadata: {} } });
    assert.deepEqual((await front.run('five', { silent: true })).outputs, []);
    const { history } = await front.ask('history_request', {
      hist_access_type: 'tail',
      n: 1,
      output: false,
      raw: true,
    });
    assert.equal((history as unknown[][])[0][2], 'const five = 5;');
  });

  test('completion: members, names of earlier cells, right range, with types', async () => {
    const code = 'const s = "𝒳"; s.toUpp';
    const reply = await front.ask('complete_request', { code, cursor_pos: [...code].length });
    assert.deepEqual(reply.matches, ['toUpperCase']);
    assert.deepEqual([reply.cursor_start, reply.cursor_end], [[...code].length - 5, [...code].length]);
    const [type] = (reply.metadata as { _jupyter_types_experimental: { type: string; signature: string }[] })
      ._jupyter_types_experimental;
    assert.deepEqual([type.type, type.signature], ['method', 'String.toUpperCase(): string']);
    assert.ok(
      ((await front.ask('complete_request', { code: 'fiv', cursor_pos: 3 })).matches as string[]).includes('five'),
    );
    const files = await front.ask('complete_request', { code: "import {} from './lib/ker", cursor_pos: 24 });
    assert.ok((files.matches as string[]).includes('kernel'), String(files.matches));
    const names = await front.ask('complete_request', { code: "import { tf, sli } from './lib'", cursor_pos: 16 });
    assert.deepEqual((names.matches as string[]).slice(0, 2), ['slide', 'slider']);
  });

  test('completion of paths: files beside the notebook, in imports and in any text', async () => {
    const matches = async (code: string) => {
      const reply = await front.ask('complete_request', { code, cursor_pos: code.length });
      return [reply.matches, code.slice(reply.cursor_start as number, reply.cursor_end as number)];
    };
    fs.mkdirSync(path.join(folder, 'data'));
    for (const name of ['points.csv', 'notes.txt', '.hidden', path.join('data', 'digits.bin'), 'helper.ts', 'p.json'])
      fs.writeFileSync(path.join(folder, name), '');
    assert.deepEqual(await matches("fs.readFileSync('po"), [['points.csv'], 'po']);
    assert.deepEqual(await matches("fs.readFileSync('./"), [
      ['data/', 'helper.ts', 'notes.txt', 'p.json', 'points.csv'],
      '',
    ]);
    assert.deepEqual(await matches('const file = `data/di'), [['digits.bin'], 'di']);
    assert.deepEqual(await matches("import { x } from './hel"), [['helper'], 'hel']);
    assert.deepEqual(await matches("import p from './p.js"), [['p.json'], 'p.js']);
    assert.deepEqual((await matches("'plain words"))[0], []);
  });

  test('inspection: signature and documentation', async () => {
    await front.run('/** Adds one. */\nfunction addOne(x: number): number { return x + 1; }');
    const reply = await front.ask('inspect_request', { code: 'addOne(1)', cursor_pos: 4, detail_level: 0 });
    const data = reply.data as Record<string, string>;
    assert.match(data['text/markdown'], /addOne\(x: number\): number[\s\S]*Adds one\./);
    assert.equal((await front.ask('inspect_request', { code: '   ', cursor_pos: 1, detail_level: 0 })).found, false);
  });

  test('is_complete', async () => {
    const status = async (code: string) => (await front.ask('is_complete_request', { code })).status;
    for (const code of ['1', 'await f()', 'if (x) {\n}']) assert.equal(await status(code), 'complete', code);
    for (const code of ['function f() {', 'const s = `abc', '[1,', '/* open', 'x = '])
      assert.equal(await status(code), 'incomplete', code);
    for (const code of ['const const = 1;', '1 +* 2)']) assert.equal(await status(code), 'invalid', code);
  });

  test('process.exit is reported, and the next cell runs in a new process', async () => {
    const reply = await front.run('process.exit(3)');
    assert.equal(reply.content.ename, 'KernelRestarted');
    assert.match(String(reply.content.evalue), /ended with code 3/);
    assert.match(String((await front.run('five')).content.evalue), /Cannot find name 'five'/);
    assert.equal((await front.run('1 + 1')).result, '2');
  });
});
