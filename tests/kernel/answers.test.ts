/** A cell is always answered, whatever it shows, prints or throws, and its variables survive. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { plainBundle, plainJson } from '../../lib/kernel/runner/plain';
import { inspectSafely, readThrown } from '../../lib/kernel/runner/thrown';
import { cut, TextJoiner, wellFormedJson } from '../../lib/kernel/text';
import { Front, type Reply } from './client';

const ANYTHING = /(?:)/;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const BRIDGE = "const bridge = (globalThis as any)[Symbol.for('latentlab.kernel')];";

describe('in a kernel', { timeout: 240_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
    assert.equal((await front.run(`${BRIDGE}\nconst kept = 42;`)).status, 'ok');
  });
  after(async () => {
    await front.stop();
  });

  const stillThere = async () => assert.equal((await front.run('kept')).result, '42');
  async function fails(code: string, expected: RegExp): Promise<Reply> {
    const reply = await front.run(`// @ts-nocheck\n${code}`);
    assert.equal(reply.status, 'error', `${code}: ${JSON.stringify(reply.content)}`);
    assert.match(String(reply.content.evalue), expected, code);
    assert.ok(
      (reply.content.traceback as string[]).every(line => typeof line === 'string'),
      code,
    );
    return reply;
  }

  test('what JSON cannot hold is an error of the cell that shows it', async () => {
    const show = (content: string) => `bridge.display({ 'application/json': ${content} }, {})`;
    await fails(show('{ n: 5n }'), /application\/json cannot be written as JSON: .*BigInt/);
    await fails(
      `const round = { a: 1 }; round.self = round; ${show('round')}`,
      /nested more than 400 levels|holds itself/,
    );
    await fails(`let deep = []; for (let i = 0; i < 5000; i++) deep = [deep]; ${show('deep')}`, /more than 400 levels/);
    await fails(show('{ toJSON() { throw new Error("no") } }'), /cannot be written as JSON: no/);
    await fails(show('() => 1'), /must be JSON, got a function/);
    await fails(show("Symbol('s')"), /must be JSON, got a symbol/);
    await fails("bridge.display({ 'text/html': 5 }, {})", /text\/html must be text, got a number/);
    await fails("bridge.display({ 'text/plain': 'a' }, { metadata: { n: 1n } })", /metadata of this output.*BigInt/);
    await fails("bridge.display({ 'text/plain': 'a' }, { id: {} })", /id of an output must be text/);
    await fails('bridge.display(5, {})', /expected a bundle/);
    await fails("({ [Symbol.for('Jupyter.display')]: () => ({ 'application/json': 1n }) })", /BigInt/);
    await fails("({ [Symbol.for('Jupyter.display')]: () => null })", /expected a bundle/);
    await stillThere();
  });

  test('so are messages to the page', async () => {
    await fails("bridge.openComm('t', { data: { n: 1n } })", /data of this message to the page.*BigInt/);
    await fails(
      "const comm = bridge.openComm('t', { data: {} }); const c = { d: 1 }; c.c = c; comm.send({ data: c })",
      /holds itself/,
    );
    await fails(
      "bridge.openComm('t', { data: {} }).send({ data: {}, buffers: ['text'] })",
      /buffer 0 must hold bytes, got a string/,
    );
    await fails("bridge.openComm('t', { data: {}, metadata: { f: 1n } })", /BigInt/);
    await fails('bridge.openComm(5, { data: {} })', /name of a target/);
    await stillThere();
  });

  test('text that is too long for a page is an error, and the cell is answered', async () => {
    await fails("console.log('\\u0001'.repeat(1e8))", /longer than 200 million characters/);
    await fails("bridge.display({ 'text/plain': 'x'.repeat(3e8) }, {})", /text\/plain is longer than 200 million/);
    await fails("bridge.display({ 'application/json': Array(21e6).fill(1.25) }, {})", /more than 20 million values/);
    await stillThere();
  });

  const THROWN: Record<string, string> = {
    'a cause that is itself': "const e = new Error('x'); e.cause = e; throw e",
    'causes in a ring': "const a = new Error('x'), b = new Error('b', { cause: a }); a.cause = b; throw a",
    'a stack that is a number': "throw { message: 'x', stack: 5 }",
    'a name that is no text': "const e = new Error('x'); e.name = Symbol('n'); throw e",
    'a message that is no text': "const e = new Error('x'); e.message = { x: 1n }; throw e",
    'throwing getters':
      "throw Object.defineProperties(new Error('x'), { stack: { get() { throw 1 } }, name: { get() { throw 2 } }, cause: { get() { throw 3 } } })",
    'a proxy that refuses everything':
      "throw new Proxy(new Error('x'), { get() { throw 1 }, has() { throw 2 }, getPrototypeOf() { throw 3 }, ownKeys() { throw 4 } })",
    'a revoked proxy': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
    'a throwing way to print': "throw { [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('x') } }",
    'an aggregate that holds itself': "const e = new AggregateError([], 'x'); e.errors.push(e, 5, null); throw e",
    'errors that are no list': "const e = new AggregateError([], 'x'); e.errors = 7; throw e",
    undefined: 'throw undefined',
    'a symbol': "throw Symbol('x')",
    'an object without prototype': "throw Object.assign(Object.create(null), { message: 'x', stack: '' })",
    'a message of a hundred million characters': "throw new Error('x'.repeat(1e8))",
    'a half surrogate': "throw new Error('x \\ud83d')",
  };

  for (const [name, code] of Object.entries(THROWN)) {
    test(`thrown, in a timer, rejected, asked for: ${name}`, async () => {
      await fails(code, ANYTHING);
      const run = `(() => { ${code} })()`;
      await fails(`setTimeout(() => ${run}, 1); await new Promise(r => setTimeout(r, 30))`, ANYTHING);
      await fails(`Promise.resolve().then(() => ${run}); await new Promise(r => setTimeout(r, 30))`, ANYTHING);
      const asked = await front.run('1', { user_expressions: { a: run, b: 'kept' } });
      const { a, b } = asked.content.user_expressions as Record<string, Record<string, unknown>>;
      assert.deepEqual([asked.status, a.status, b.status], ['ok', 'error', 'ok']);
      await stillThere();
    });
  }

  test('late errors of any kind reach the page and harm nothing', async () => {
    const late = Object.values(THROWN).map((code, i) => `setTimeout(() => { ${code} }, ${50 + i});`);
    const { status } = await front.run(`// @ts-nocheck\n${late.map(line => `{ ${line} }`).join('\n')}`);
    assert.equal(status, 'ok');
    await new Promise(resolve => setTimeout(resolve, 1500));
    await stillThere();
  });

  test('an expression that never settles ends with the stop button', async () => {
    for (const endless of [
      'new Promise(() => {})',
      '(async () => { for (;;) await null })()',
      '(() => { for (;;); })()',
    ]) {
      const reply = front.run('1', { user_expressions: { endless, after: 'kept' } });
      await new Promise(resolve => setTimeout(resolve, 400));
      await front.interrupt();
      const { endless: stopped } = (await reply).content.user_expressions as Record<string, Record<string, unknown>>;
      assert.equal(stopped.ename, 'KeyboardInterrupt', endless);
      await stillThere();
    }
  });

  test('whoever takes all listeners off the process, or the process away, takes only what is theirs', async () => {
    const late = "setTimeout(() => { throw new Error('late') }, 1); await new Promise(r => setTimeout(r, 30));";
    await front.run(
      "// @ts-nocheck\nlet told = 0; process.on('custom', () => told++); process.once('custom', () => told++);",
    );
    for (const code of [
      "process.removeAllListeners('uncaughtException')",
      "process.removeAllListeners('message')",
      "for (const one of process.listeners('uncaughtException')) process.removeListener('uncaughtException', one)",
      "for (const one of process.rawListeners('message')) process.off('message', one)",
      'for (const name of process.eventNames()) process.removeAllListeners(name)',
      'process.removeAllListeners()',
      'globalThis.process = { env: {}, browser: true, nextTick() {} }',
      'globalThis.process = undefined',
      'try { delete globalThis.process } catch {}',
    ]) {
      assert.equal((await front.run(`// @ts-nocheck\n${code};\n1`, {}, 10_000)).result, '1', code);
      await fails(late, /^late$/);
      await stillThere();
    }
    assert.equal(
      (await front.run("// @ts-nocheck\nprocess.emit('custom'); told")).result,
      '0',
      "the reader's own are gone",
    );
  });

  test('halves of characters that follow each other join, as text and as bytes', async () => {
    const written = async (code: string) => (await front.run(`// @ts-nocheck\n${code}`)).text;
    assert.equal(await written("for (const unit of 'a😀b'.split('')) process.stdout.write(unit)"), 'a😀b');
    assert.equal(
      await written(
        "const s = '😀'; process.stdout.write(s[0]); process.stderr.write('e'); process.stdout.write(s[1])",
      ),
      'e😀',
    );
    assert.equal(
      await written("for (const byte of Buffer.from('中€😀')) process.stdout.write(Buffer.from([byte]))"),
      '中€😀',
    );
    assert.equal(await written("process.stdout.write('e4b8ad', 'hex'); process.stdout.write('w6k=', 'base64')"), '中é');
    assert.equal(await written("process.stdout.write('\\ud83d'); process.stdout.write('x')"), '\ufffdx');
    assert.equal(await written("process.stdout.write('end \\ud83d')"), 'end \ufffd');
    assert.equal(await written('process.stdout.write(new Uint8Array([0xe4]))'), '\ufffd');
    const called = await front.run(
      "await new Promise<void>(done => process.stdout.write('x', 'utf8', () => done())); 'called'",
    );
    assert.equal(called.result, "'called'");
  });

  test('everything sent is well-formed', async () => {
    const half = '\\ud83d';
    const { outputs } = await front.run(
      `// @ts-nocheck\nbridge.display({ 'text/plain': '${half}', 'application/json': { '${half}': ['${half}'] } }, {});\nconsole.log('${half}');\n'x'.repeat(19_990) + '😀'.repeat(20)`,
    );
    const thrown = await front.run(`throw new Error('${half}')`);
    const strings: string[] = [];
    const all = JSON.stringify([outputs, thrown.content, thrown.outputs], (key, value) => {
      strings.push(key, ...(typeof value === 'string' ? [value] : []));
      return value;
    });
    assert.deepEqual(
      strings.filter(text => LONE.test(text)),
      [],
    );
    assert.match(all, /\ufffd/);
  });
});

describe('the parts, with generated inputs', () => {
  test('whatever is thrown can be read and printed', () => {
    const hostile = fc.constantFrom<unknown>(
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
      {
        get message() {
          throw new Error('no');
        },
      },
      Object.create(null),
      {
        [Symbol.for('nodejs.util.inspect.custom')]: () => {
          throw new Error('no');
        },
      },
      Symbol('s'),
      5n,
    );
    const part = fc.oneof(fc.anything({ withBigInt: true, withNullPrototype: true }), hostile);
    const objects = fc.record(
      { message: part, stack: part, name: part, cause: part, errors: part },
      { requiredKeys: [] },
    );
    const errors = objects.map(fields => {
      const error = new Error('e');
      void error.stack; // made before its name is spoilt
      for (const [key, value] of Object.entries(fields)) Object.defineProperty(error, key, { value });
      return error;
    });
    fc.assert(
      fc.property(fc.oneof(part, objects, errors), value => {
        const { name, message, stack, errors: parts } = readThrown(value);
        assert.deepEqual([typeof name, typeof message, typeof stack], ['string', 'string', 'string']);
        assert.ok(Array.isArray(parts) && message.length < 20_100);
        assert.equal(typeof inspectSafely(value), 'string');
      }),
      { numRuns: 500 },
    );
  });

  test('pieces joined are the text, however it was cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(40)), fc.boolean(), (text, cuts, asBytes) => {
        const whole: string | Buffer = asBytes ? Buffer.from(text) : text;
        const joiner = new TextJoiner();
        let joined = '';
        let from = 0;
        for (const length of [...cuts, Number.POSITIVE_INFINITY]) {
          joined += joiner.push(
            typeof whole === 'string' ? whole.slice(from, from + length) : whole.subarray(from, from + length),
          );
          from += length;
        }
        assert.equal(joined + joiner.end(), text);
      }),
    );
  });

  test('a cut never splits a character, JSON keeps all but half characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (text, length) => {
        const beginning = cut(text, length);
        assert.ok(text.startsWith(beginning) && beginning.length >= Math.min(text.length, length) - 1);
        assert.ok(!/[\ud800-\udbff]$/.test(beginning));
        assert.equal(JSON.parse(wellFormedJson(JSON.stringify(text))), text);
      }),
    );
    assert.equal(JSON.parse(wellFormedJson(JSON.stringify('\ud83d|\\ud83d|\udc00'))), '\ufffd|\\ud83d|\ufffd');
  });

  test('a bundle is plain JSON afterwards, or refused with a sentence', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, maxDepth: 4 }), value => {
        try {
          const plain = plainJson('x', value);
          assert.deepEqual(JSON.parse(JSON.stringify(plain)), plain);
          assert.doesNotThrow(() => plainBundle({ 'application/json': value, 'text/plain': 'x' }));
        } catch (error) {
          assert.ok(error instanceof TypeError && /^x /.test(error.message), String(error));
        }
      }),
    );
  });
});
