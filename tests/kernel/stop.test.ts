/** The stop button, restart and shutdown: whatever a cell has started ends, the kernel and its variables stay. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newFolder } from '../folder';
import { Front, type Reply } from './client';

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** A package in which no loop looks at the stop button. */
const PACKAGE = `
exports.busy = () => { for (;;); };
exports.swallowing = () => { for (;;) { try { for (;;); } catch {} finally { for (let i = 0; i < 1e5; i++); } } };
exports.awaiting = async () => { for (;;) await null; };
exports.chained = function again() { return Promise.resolve().then(again); };
exports.ticking = function again() { process.nextTick(again); };
exports.microtasks = function again() { queueMicrotask(again); };
exports.local = new (require('node:async_hooks').AsyncLocalStorage)();
exports.hooked = () => exports.local.run(1, exports.awaiting);
exports.every = (ms, f) => { setInterval(f, ms); };
exports.later = (ms, f) => { setTimeout(f, ms); };
exports.again = (ms, f) => { const next = () => { f(); setTimeout(next, ms); }; next(); };
exports.immediates = f => { const next = () => { f(); setImmediate(next); }; next(); };
exports.promised = async (ms, f) => { for (;;) { f(); await require('node:timers/promises').setTimeout(ms); } };
exports.promisified = async (ms, f) => { const wait = require('node:util').promisify(setTimeout); for (;;) { f(); await wait(ms); } };
exports.iterated = async (ms, f) => { for await (const _ of require('node:timers/promises').setInterval(ms)) f(); };
let queue = [], timer;
exports.batched = (item, flush) => { queue.push(item); timer ??= setTimeout(() => { timer = undefined; flush(queue.splice(0)); }, 1000); };
`;
const MODULE = `
import { setTimeout as wait } from 'node:timers/promises';
export const awaiting = async () => { for (;;) await null; };
export const busy = () => { for (;;); };
export const sleeping = async f => { for (;;) { f(); await wait(10); } };
`;

describe('stop', { timeout: 300_000 }, () => {
  let folder: string;
  let front: Front;
  let runner: string | undefined;

  before(async () => {
    folder = newFolder('stop');
    for (const [name, type, code] of [
      ['endless', 'commonjs', PACKAGE],
      ['endless-module', 'module', MODULE],
    ]) {
      const home = path.join(folder, 'node_modules', name);
      fs.mkdirSync(home, { recursive: true });
      fs.writeFileSync(path.join(home, 'package.json'), JSON.stringify({ name, type, main: 'index.js' }));
      fs.writeFileSync(path.join(home, 'index.js'), code);
    }
    front = await started();
    runner = (await front.run('process.pid')).result;
  });
  after(async () => {
    await front.stop();
  });

  async function started(): Promise<Front> {
    const own = await Front.start({}, folder);
    const imports = `
      import * as children from 'node:child_process'; import * as workers from 'node:worker_threads';
      import * as timers from 'node:timers'; import * as promises from 'node:timers/promises';
      import * as endless from 'endless'; import * as module from 'endless-module';`;
    const first = await own.run(`// @ts-nocheck\n${imports}\nconst kept = 42; let count = 0;`);
    assert.equal(first.status, 'ok', JSON.stringify(first.content));
    return own;
  }

  /** Runs a cell, stops it when it has begun, and sees that all else is as before. */
  async function stops(code: string, seconds: number, own = front): Promise<Reply> {
    const cell = own.request('execute_request', { code: `// @ts-nocheck\nconsole.log('begun');\n${code}` });
    await own.until(({ parent, content }) => parent.msg_id === cell.id && String(content.text).includes('begun'));
    await sleep(250);
    const pressed = performance.now();
    await own.interrupt();
    const { content } = await cell.reply;
    const took = (performance.now() - pressed) / 1000;
    assert.equal(content.ename, 'KeyboardInterrupt', `${code}: ${JSON.stringify(content)}`);
    assert.ok(took < seconds, `${code} took ${took} s to stop`);
    assert.equal((await own.run('kept')).result, '42', code);
    if (own === front) assert.equal((await own.run('process.pid')).result, runner, `${code}: the same process`);
    return { ...own.collected(cell.id), status: 'error', content, seconds: took };
  }

  test('an endless loop of promises in a package ends in each of twenty runs', async () => {
    for (let i = 0; i < 20; i++) await stops(i % 2 ? 'await endless.awaiting()' : 'await endless.hooked()', 5);
  });

  for (const code of [
    'endless.busy()',
    'module.busy()',
    'endless.swallowing()',
    'await module.awaiting()',
    'await endless.chained()',
    'endless.ticking(); await new Promise(() => {});',
    'endless.microtasks(); await new Promise(() => {});',
    'setTimeout(endless.busy, 10); await new Promise(() => {});',
    'void endless.awaiting(); for (;;) await null;',
    'try { endless.busy(); } finally { await endless.awaiting(); }',
  ])
    test(`so does: ${code}`, () => stops(code, 5).then(() => {}));

  for (const code of [
    "children.execSync('sleep 60')",
    "children.execSync('sleep 60 | cat', { stdio: 'inherit', shell: '/bin/sh' })",
    "children.execFileSync('sleep', ['60'], { env: {} })",
    "children.spawnSync('sh', ['-c', 'trap \"\" INT TERM; sleep 60; sleep 60'])",
    "for (;;) try { children.execSync('sleep 60') } catch {}",
    "const { status } = children.spawnSync(process.execPath, ['-e', 'for (;;);'])",
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  ])
    test(`what a cell waits for without turning is stopped: ${code}`, () => stops(code, 5).then(() => {}));

  test('a cell that sends itself the signal of Ctrl-C is stopped, and all variables stay', async () => {
    for (const code of [
      "process.kill(process.pid, 'SIGINT'); await new Promise(() => {});",
      "process.kill(process.pid, 'SIGINT'); for (;;) await promises.setTimeout(1);",
      'children.execSync("kill -INT $PPID"); await promises.setTimeout(60_000);',
    ]) {
      const { content } = await front.run(`// @ts-nocheck\n${code}`);
      assert.equal(content.ename, 'KeyboardInterrupt', `${code}: ${JSON.stringify(content)}`);
      assert.equal((await front.run('kept')).result, '42', code);
    }
    const heard = `let heard = 0; const hear = () => { heard++; }; process.on('SIGINT', hear);
      process.kill(process.pid, 'SIGINT'); await promises.setTimeout(200); process.off('SIGINT', hear); heard`;
    assert.equal((await front.run(`// @ts-nocheck\n${heard}`)).result, '1', 'who listens takes it');
    assert.equal((await front.run('process.pid')).result, runner);
  });

  /** A shell command that writes down its number and stays. */
  const lasting = (name: string) => `echo $$ >> ${path.join(folder, name)}; exec sleep 600`;
  const numbers = (name: string) => {
    const file = path.join(folder, name);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
  };
  const alive = (name: string) => {
    const { stdout } = spawnSync('ps', ['-o', 'pid=,stat=', '-p', numbers(name).join(',')], { encoding: 'utf8' });
    return stdout.split('\n').filter(line => /\d/.test(line) && !/Z/.test(line)).length;
  };
  async function until(name: string, count: number): Promise<void> {
    for (let i = 0; i < 100 && (numbers(name).length < count || alive(name) !== count); i++) await sleep(50);
    assert.equal(alive(name), count, `${name}: ${numbers(name)}`);
  }

  /** In each way that Node and a shell have. Nine processes. */
  const family = (name: string) => {
    const command = JSON.stringify(lasting(name));
    const node = `require('child_process').spawn('sh', ['-c', ${command}], { stdio: 'ignore' }); setInterval(() => {}, 1000)`;
    fs.writeFileSync(path.join(folder, `${name}.cjs`), node);
    return `
      children.spawn('sh', ['-c', ${command}]);
      children.exec(${command});
      children.execFile('sh', ['-c', ${command}], () => {});
      children.spawn(${command}, { shell: true, stdio: 'ignore' }).unref();
      children.spawn('sh', ['-c', ${command}], { detached: true, stdio: 'ignore' }).unref();
      children.spawn('sh', ['-c', ${command}], { env: { PATH: process.env.PATH } });
      children.fork(${JSON.stringify(path.join(folder, `${name}.cjs`))});
      children.spawn('sh', ['-c', 'sh -c ' + ${JSON.stringify(`'${lasting(name)}'`)} + ' & exit 0']);
      children.spawn('setsid', ['sh', '-c', 'sh -c ' + ${JSON.stringify(`'${lasting(name)}'`)} + ' & exit 0'], { detached: true });`;
  };

  test('the first cell of a new kernel ends at once, though its compiler reads declarations; the next one runs', async () => {
    const own = await Front.start({}, folder);
    const cell = own.request('execute_request', { code: "import { tf } from './lib'; const begun = tf.version;" });
    await own.until(({ parent, header }) => parent.msg_id === cell.id && header.msg_type === 'execute_input');
    const pressed = performance.now();
    await own.interrupt();
    const { content } = await cell.reply;
    assert.ok(performance.now() - pressed < 1000, 'it waits for the compiler');
    assert.equal(content.evalue, 'stopped by the reader before it began');
    assert.equal((await own.run('const after = 1; after')).result, '1');
    assert.equal((await own.run('begun')).content.ename, 'CompileError', 'the stopped cell has made no name');
    await own.stop();
  });

  test('a stop ends every process that the cell has started; those of earlier cells stay', async () => {
    assert.equal((await front.run(`// @ts-nocheck\n${family('earlier')}`)).status, 'ok');
    await until('earlier', 9);
    const cell = front.request('execute_request', {
      code: `// @ts-nocheck\n${family('stopped')}\nawait new Promise(() => {});`,
    });
    await until('stopped', 9);
    await front.interrupt();
    assert.equal((await cell.reply).content.ename, 'KeyboardInterrupt');
    await until('stopped', 0); // a killed process may need a moment to be gone
    assert.equal(alive('earlier'), 9);
    await front.interrupt(); // nothing runs: nothing ends
    await sleep(300);
    assert.equal(alive('earlier'), 9);
    assert.equal((await front.run('kept')).result, '42');
  });

  test('also such as a cell starts while it is being stopped', async () => {
    await stops(
      `try { await new Promise(() => {}); } finally { children.spawn('sh', ['-c', ${JSON.stringify(lasting('last'))}]); }`,
      3,
    );
    await sleep(100);
    assert.equal(numbers('last').length && alive('last'), 0);
  });

  test('a cell that takes the stop itself keeps its processes', async () => {
    const handler =
      "(globalThis as any)[Symbol.for('latentlab.kernel')].onInterrupt(() => { over = true; return true; })";
    const code = `// @ts-nocheck\nlet over = false; const off = ${handler};
      children.spawn('sh', ['-c', ${JSON.stringify(lasting('taken'))}]);
      while (!over) await new Promise(r => setTimeout(r, 20)); off(); 'in good order'`;
    const cell = front.run(code);
    await until('taken', 1);
    await front.interrupt();
    const { content, result } = await cell;
    assert.equal(result, "'in good order'", JSON.stringify(content));
    assert.equal(alive('taken'), 1);
  });

  test('threads of a stopped cell end', async () => {
    await stops(
      `const shared = new Int32Array(new SharedArrayBuffer(4));
      new workers.Worker('const a = require("worker_threads").workerData; for (;;) a[0]++;', { eval: true, workerData: shared });
      await new Promise(() => {});`,
      3,
    );
    await sleep(300);
    const turns = await front.run(
      'const before = shared[0]; await new Promise(r => setTimeout(r, 100)); [before > 0, shared[0] - before]',
    );
    assert.equal(turns.result, '[ true, 0 ]');
  });

  for (const set of [
    'setInterval(turn, 10)',
    'setTimeout(turn, 400)',
    'globalThis.setInterval(turn, 10)',
    'globalThis.setTimeout(turn, 400)',
    'timers.setInterval(turn, 10)',
    'timers.default.setTimeout(turn, 400)',
    'endless.every(10, turn)',
    'endless.again(10, turn)',
    'endless.immediates(turn)',
    'endless.promised(10, turn)',
    'endless.promisified(10, turn)',
    'endless.iterated(10, turn)',
    'module.sleeping(turn)',
    'promises.setTimeout(400).then(() => promises.setTimeout(50)).then(turn)',
  ])
    test(`a stopped cell falls silent: ${set}`, async () => {
      const { text } = await stops(
        `const turn = () => { count++; console.log('turn'); };\n${set}; await new Promise(() => {});`,
        3,
      );
      const { result } = await front.run(
        'const then = count; await new Promise(r => setTimeout(r, 400)); count - then',
      );
      assert.equal(result, '0', text);
    });

  test("what a package still has to do for others is done, and what the stopped cell says by it isn't shown", async () => {
    const { outputs } = await stops(
      "const got = []; const flush = items => { got.push(...items); console.log('flushed'); };\nawait new Promise(r => setTimeout(r, 200)); endless.batched(1, flush); await new Promise(() => {});",
      3,
    );
    const reply = await front.run('endless.batched(2, flush); await new Promise(r => setTimeout(r, 1500)); got');
    assert.equal(reply.result, '[ 1, 2 ]');
    assert.ok(!outputs.some(({ content }) => String(content.text).includes('flushed')));
  });

  test('a cell that prints, asks and waits after others were stopped does so', async () => {
    const code = `// @ts-nocheck\nconst seen = []; for await (const i of promises.setInterval(5, 'tick')) { seen.push(i); if (seen.length > 2) break; }
      seen.push(await promises.setTimeout(5, 'waited'), children.execSync('echo printed').toString().trim());
      await new Promise(resolve => { const t = setInterval(() => { clearInterval(t); setImmediate(resolve); }, 5); }); seen.join()`;
    assert.equal((await front.run(code)).result, "'tick,tick,tick,waited,printed'");
  });

  test("processes end with the cells' process, whatever ends it", async () => {
    assert.equal((await front.run(`// @ts-nocheck\n${family('crashed')}`)).status, 'ok');
    await until('crashed', 9);
    assert.equal((await front.run('process.exit(3)')).content.ename, 'KernelRestarted');
    await until('crashed', 0);
    assert.deepEqual([alive('earlier'), alive('taken')], [0, 0]);
  });

  test('restart and shutdown leave nothing, nor does a kernel that is killed', async () => {
    for (const way of ['restart', 'busy', 'killed']) {
      const own = await started();
      assert.equal((await own.run(`// @ts-nocheck\n${family(way)}`)).status, 'ok');
      await until(way, 9);
      if (way === 'busy') void own.run('// @ts-nocheck\nendless.busy()').catch(() => {});
      if (way === 'busy') await sleep(300);
      if (way === 'killed') own.process.kill('SIGKILL');
      else await own.ask('shutdown_request', { restart: way === 'restart' }, own.control);
      if (way === 'killed') await until(way, 0);
      assert.equal(alive(way), 0, way);
      await own.stop();
    }
  });
});
