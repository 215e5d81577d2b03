/** Servers and clients of the Model Context Protocol: the same answers in one process and over stdio, and a clear error whatever fails. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { z } from 'zod';
import { courseServer, inShort, offer, ToolClient, ToolError } from '../../lib/tools';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

const KITCHEN = ['--import', 'tsx', inProject('scripts', 'kitchen.ts')];
const opened: ToolClient[] = [];
async function keep(client: Promise<ToolClient>): Promise<ToolClient> {
  opened.push(await client);
  return client;
}
after(() => Promise.all(opened.map(client => client.close())));

const near = () => keep(ToolClient.to(courseServer()));
let far: Promise<ToolClient> | undefined;
/** One process for all tests: it takes a second to start. */
const remote = () => {
  far ??= keep(ToolClient.start(process.execPath, KITCHEN, { cwd: inProject() }));
  return far;
};
const WAYS: [string, () => Promise<ToolClient>][] = [
  ['in this process', near],
  ['over stdio', remote],
];

const says = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail('it gave a result'),
    (error: unknown) => {
      assert.ok(error instanceof ToolError, `${error}`);
      return error.message;
    },
  );

/** A program in a folder of its own that speaks the protocol line by line, without the SDK. */
function program(body: string): { cwd: string; timeout: number } {
  const cwd = newFolder('server');
  const script = `
const reply = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
const greeting = params => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } });
const menu = { tools: [{ name: 'cook', inputSchema: { type: 'object' } }] };
const lines = require('node:readline').createInterface({ input: process.stdin });
lines.on('line', line => { const { id, method, params } = JSON.parse(line); ${body} });`;
  fs.writeFileSync(path.join(cwd, 'server.cjs'), script);
  return { cwd, timeout: 20_000 };
}
const POLITE = `if (method === 'initialize') return reply(id, greeting(params)); if (method === 'tools/list') return reply(id, menu);`;
const own = (body: string) => keep(ToolClient.start(process.execPath, ['server.cjs'], program(body)));

describe('the tools of the course', () => {
  for (const [way, client] of WAYS) {
    it(`${way}: the menu, and what each gives`, async () => {
      const tools = await client();
      const menu = await tools.menu();
      assert.deepEqual(menu.map(({ name }) => name).sort(), ['count_letters', 'run_typescript', 'sample_digit']);
      for (const { inputSchema, outputSchema, description } of menu) {
        assert.equal(inputSchema.additionalProperties, false);
        assert.ok(outputSchema && description);
      }
      const value = async (name: string, args: Record<string, unknown>) => (await tools.call(name, args)).value;
      assert.deepEqual(await value('count_letters', { text: 'Strawberry R', letter: 'r' }), { count: 4 });
      assert.deepEqual(await value('count_letters', { text: '好好学习 👩‍🔬 𝒳', letter: '好' }), { count: 2 });
      assert.deepEqual(
        await value('run_typescript', { code: 'const a: number[] = [1, 2]; console.log("hi", a); ({ a })' }),
        {
          value: { a: [1, 2] },
          printed: ['hi [1,2]'],
        },
      );
    });

    it(`${way}: wrong arguments are refused with the tool, the argument and what it takes`, async () => {
      const tools = await client();
      assert.match(
        await says(tools.call('count_letters', { text: 'a' })),
        /^count_letters: .*letter.*it takes \{ text: string, letter: string \}$/s,
      );
      assert.match(await says(tools.call('count_letters', { text: 'a', letter: 'ab' })), /one letter/);
      assert.match(await says(tools.call('count_letters', { text: 'a', letter: 'a', salt: 1 })), /salt/);
      assert.match(await says(tools.call('sample_digit', { digit: 10 })), /digit.*9.*seed\?: integer/s);
      assert.match(
        await says(tools.call('sushi')),
        /no tool sushi; there are count_letters, run_typescript, sample_digit/,
      );
    });

    it(`${way}: many calls at once, each with its own answer`, async () => {
      const tools = await client();
      const lengths = Array.from({ length: 40 }, (_, i) => i);
      const counts = await Promise.all(
        lengths.map(n => tools.call('count_letters', { text: 'a'.repeat(n), letter: 'a' })),
      );
      assert.deepEqual(
        counts.map(({ value }) => value),
        lengths.map(count => ({ count })),
      );
    });
  }

  it('bear any arguments: a result or a sentence, and the next call is answered', async () => {
    const tools = await near();
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.integer(),
      fc.string(),
      fc.constantFrom(undefined, Number.NaN, 1n, () => 1),
    );
    const args = fc.dictionary(fc.constantFrom('text', 'letter', 'code', 'milliseconds', 'x', '__proto__'), value, {
      maxKeys: 3,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('count_letters', 'run_typescript', 'sample_digit', 'no_such'),
        args,
        async (name, given) => {
          const said = await tools.call(name, { milliseconds: 100, ...given }).catch((error: Error) => error.message);
          assert.ok(typeof said !== 'string' || said.length > 20, `${said}`);
          assert.doesNotMatch(String(said), /undefined is not|Cannot read/);
          assert.deepEqual((await tools.call('count_letters', { text: 'egg', letter: 'g' })).value, { count: 2 });
        },
      ),
      { seed: 24, numRuns: 150 },
    );
  });

  it('draw the same digit for the same seed, here and there, and put it into a picture', async () => {
    const [here, there] = await Promise.all(
      [near(), remote()].map(async tools => (await tools).call('sample_digit', { digit: 3, seed: 5 })),
    );
    const { pixels } = here.value as { pixels: number[][] };
    assert.deepEqual([pixels.length, pixels[0].length], [28, 28]);
    assert.ok(pixels.flat().every(grey => Number.isInteger(grey) && grey >= 0 && grey <= 255));
    assert.ok(Math.max(...pixels.flat()) > 200, 'some ink');
    assert.deepEqual(here.pictures[0].subarray(1, 4).toString(), 'PNG');
    assert.deepEqual(there.value, here.value);
  });
});

describe('a connection', () => {
  it('notes every message in order, said in short', async () => {
    const tools = await near();
    await tools.call('count_letters', { text: 'a', letter: 'a' });
    const short = tools.passed.map((each, i) => `${each.from}: ${inShort(each, tools.passed.slice(0, i))}`);
    assert.deepEqual(short, [
      'client: initialize',
      'server: answer to initialize',
      'client: notifications/initialized',
      'client: tools/list',
      'server: answer to tools/list',
      'client: tools/call: count_letters',
      'server: answer to tools/call',
    ]);
  });

  it('refuses arguments that JSON cannot carry, and sends nothing', async () => {
    const tools = await near();
    await tools.menu();
    const sent = tools.passed.length;
    const ring: Record<string, unknown> = {};
    ring.ring = ring;
    for (const [text, said] of [
      [1n, /1n at \.text/],
      [Number.NaN, /NaN at \.text/],
      [() => 1, /function/],
      [new Map(), /Map/],
      [ring, /contains itself at \.text\.ring/],
      [Float32Array.of(1), /Float32Array/],
    ] as const)
      await assert.rejects(tools.call('count_letters', { text, letter: 'a' }), said);
    assert.equal(tools.passed.length, sent);
  });

  it('tells a time-out, stops the work, and goes on', async () => {
    const stopped: boolean[] = [];
    const server = new McpServer({ name: 'slow', version: '1.0.0' });
    offer(
      server,
      'stew',
      {
        description: 'Takes its time',
        takes: z.strictObject({ ms: z.number() }),
        gives: z.object({ done: z.boolean() }),
      },
      async ({ ms }, signal) => {
        await wait(ms, undefined, { signal }).catch(() => stopped.push(signal.aborted));
        return { value: { done: true } };
      },
    );
    const tools = await keep(ToolClient.to(server));
    assert.equal(
      await says(tools.call('stew', { ms: 60_000 }, { timeout: 30 })),
      'stew gave no answer within 30 ms; allow more with { timeout }',
    );
    const called = new AbortController();
    setTimeout(() => called.abort(new Error('no longer hungry')), 30);
    assert.match(
      await says(tools.call('stew', { ms: 60_000 }, { signal: called.signal })),
      /stew was called off: no longer hungry/,
    );
    await wait(20);
    assert.deepEqual(stopped, [true, true]);
    assert.deepEqual((await tools.call('stew', { ms: 1 })).value, { done: true });
  });

  it('tells what a tool threw, and a result that JSON cannot carry', async () => {
    const server = new McpServer({ name: 'odd', version: '1.0.0' });
    const results: unknown[] = [Number.NaN, 1n, new Date(0), Symbol('x'), [undefined]];
    offer(
      server,
      'odd',
      { description: 'Odd', takes: z.strictObject({ n: z.number() }), gives: z.object({ is: z.unknown() }) },
      ({ n }) => {
        if (n < 0) throw new Error('the pan is on fire');
        return { value: { is: results[n] } };
      },
    );
    const tools = await keep(ToolClient.to(server));
    assert.match(await says(tools.call('odd', { n: -1 })), /^odd: the pan is on fire; it takes \{ n: number \}$/);
    for (let n = 0; n < results.length; n++)
      assert.match(await says(tools.call('odd', { n })), /the result of odd: expected what JSON carries/);
  });
});

describe('a server in another process', () => {
  it('that dies in a call is told with its last words, and is not asked again', async () => {
    const tools = await own(`${POLITE} if (id !== undefined) { console.error('out of flour'); process.exit(3); }`);
    assert.match(
      await says(tools.call('cook')),
      /^the server ended while it worked on cook; its last words: out of flour; connect anew$/,
    );
    assert.match(await says(tools.call('cook')), /^the server is gone; its last words: out of flour; connect anew$/);
    await assert.rejects(tools.menu(), /the server is gone/);
  });

  it('that dies over its menu is told as well', async () => {
    const tools = await own(
      `if (method === 'initialize') return reply(id, greeting(params)); if (id !== undefined) process.exit(3);`,
    );
    assert.match(await says(tools.call('cook')), /^the server ended while it worked on its menu; connect anew$/);
  });

  it('that is killed, or never answers, is told', async () => {
    const tools = await own(POLITE);
    assert.match(await says(tools.call('cook', {}, { timeout: 50 })), /no answer within 50 ms/);
    const killed = says(tools.call('cook'));
    process.kill(tools.pid!, 'SIGKILL');
    assert.match(await killed, /the server ended while it worked on cook/);
  });

  it('that is not there, ends at once or speaks no protocol gives no connection', async () => {
    assert.match(await says(ToolClient.start('no-such-kitchen')), /^no connection to no-such-kitchen: .*ENOENT/);
    const { cwd } = program('');
    const gone = ToolClient.start(process.execPath, ['-e', 'console.error("closed today"); process.exit(1)'], { cwd });
    assert.match(await says(gone), /no connection to .*closed today; start it by hand/);
    const mute = ToolClient.start(process.execPath, ['-e', 'setInterval(() => console.log("hm"), 20)'], {
      cwd,
      timeout: 500,
    });
    assert.match(await says(mute), /no connection to .*timed out/);
  });

  it('that prints half a line swallows its answer, a whole line harms nothing', async () => {
    const tools = await own(
      `${POLITE} if (id !== undefined) { process.stdout.write(params.arguments.say); reply(id, { content: [{ type: 'text', text: 'soup' }] }); }`,
    );
    assert.equal((await tools.call('cook', { say: 'cooking\n' }, { timeout: 2000 })).text, 'soup');
    assert.match(await says(tools.call('cook', { say: 'cooking ' }, { timeout: 200 })), /no answer/);
    assert.equal((await tools.call('cook', { say: '' }, { timeout: 2000 })).text, 'soup');
  });

  it('ends with its client: closed, or killed', async () => {
    const tools = await ToolClient.start(process.execPath, KITCHEN, { cwd: inProject() });
    const pid = tools.pid!;
    await tools.close();
    assert.ok(await isGone(pid), 'closed, but it runs on');
    const script = `const { ToolClient } = require(${JSON.stringify(inProject('lib/tools/client.ts'))});
      ToolClient.start(process.execPath, ${JSON.stringify(KITCHEN)}, { cwd: ${JSON.stringify(inProject())} }).then(tools => { console.log(tools.pid); setInterval(() => {}, 1000); });`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
      cwd: inProject(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await parent.stdout.take(1).toArray()) as Buffer[];
    parent.kill('SIGKILL');
    assert.ok(await isGone(Number(line)), 'its client was killed, but it runs on');
  });
});

async function isGone(pid: number): Promise<boolean> {
  assert.ok(pid > 0);
  for (let i = 0; i < 200; i++, await wait(50)) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
  }
  return false;
}
