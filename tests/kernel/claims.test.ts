/** Every claim of a cell leaves its line below the cell, with what was found and the bound; through the real kernel. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Front, type Reply } from './client';

const IMPORT = "import { claim, display, tf } from './lib'; import { interact, slider } from './lib/widgets';";

/** What stands below the cell: kind and text of each output, in order. */
const below = ({ outputs }: Reply): [type: string, text: string][] =>
  outputs.map(({ type, content }) => {
    const data = content.data as Record<string, string> | undefined;
    return [type, String(data?.['text/plain'] ?? content.text ?? content.evalue)];
  });

describe('claims', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start({ LAB_CLAIMS: 'strict' });
    assert.equal((await front.run(IMPORT)).status, 'ok');
  });
  after(() => front.stop());

  test('several in one cell are one list below its value, each with its figures', async () => {
    const reply = await front.run(
      "console.log('first');\nclaim('small', 3.14159e-8 < 1e-6);\nclaim('all of them', [0.1, 0.3, 0.2].every(v => v < 0.5) && 2 + 2 === 4);\n'value'",
    );
    assert.deepEqual(below(reply), [
      ['stream', 'first\n'],
      ['execute_result', "'value'"],
      [
        'display_data',
        '✓ small\n  found 3.14e-8, bound < 1e-6\n✓ all of them\n  found 0.3 (tightest of 3), bound < 0.5\n  found 4, bound = 4',
      ],
    ]);
  });

  test('what only chooses the things that are compared is no figure of the claim', async () => {
    const figures = async (condition: string): Promise<string> => {
      const reply = await front.run(`claim('x', ${condition})`);
      return String(below(reply).at(-1)?.[1])
        .replace(/^. x\n? */, '')
        .replaceAll(/\n */g, '; ');
    };
    const v = 'const v = [1, 2, 4]';
    await front.run(v);
    assert.equal(await figures('v.every((x, i) => i === 0 || x > v[i - 1])'), 'found 2 (tightest of 2), bound > 1');
    assert.equal(await figures('v.filter(x => x > 1).length >= 2'), 'found 2, bound ≥ 2');
    assert.equal(await figures('v.filter((x, i) => x > 1 && i === 1).length >= 1'), 'found 1, bound ≥ 1');
    assert.equal(await figures('v.find(x => x === 4)! > v.find(x => x === 2)!'), 'found 4, bound > 2');
    assert.equal(await figures('v.some(x => x > 3)'), ''); // the tightest of them failed: no part of what is claimed
    assert.equal(await figures('v[0] > 3 || v[2] > 3'), 'found 4, bound > 3');
    assert.equal(await figures('!(v[0] > 3)'), '');
    assert.equal(await figures("'b' < 'a' || v[2] > 3"), 'found 4, bound > 3'); // texts compare as well
    assert.equal(await figures("['c', 'a'].every(t => t < 'd')"), 'found "c" (tightest of 2), bound < "d"');
  });

  test('the last value of a cell is in the list and nowhere else; without a claim nothing is added', async () => {
    assert.deepEqual(below(await front.run("claim('one', tf.ones([2]).size === 2)")), [
      ['display_data', '✓ one\n  found 2, bound = 2'],
    ]);
    assert.deepEqual(below(await front.run('1 + 1')), [['execute_result', '2']]);
  });

  test('the bound is what is written out, on either side; a truth value alone has no figure', async () => {
    const code =
      "const accuracy = 0.912, before = 0.5; claim('left', 0.9 < accuracy); claim('two', accuracy > before); claim('bare', Boolean(accuracy)); claim('text', String([1, 2]) === '1,2')";
    assert.equal(
      below(await front.run(code))[0][1],
      '✓ left\n  found 0.912, bound > 0.9\n✓ two\n  found 0.912, bound > 0.5\n✓ bare\n✓ text\n  found "1,2", bound = "1,2"',
    );
  });

  test('one that fails leaves its line after those that held, then the error, where nobody sits there to read', async () => {
    const reply = await front.run(
      "claim('held', 1 < 2);\nawait null;\nclaim('not held', 2.5 < 1.5);\nclaim('never', 1 < 2)",
    );
    assert.deepEqual(below(reply), [
      ['display_data', '✓ held\n  found 1, bound < 2\n✗ not held\n  found 2.5, bound < 1.5'],
      [
        'error',
        'claim does not hold: not held. If you changed a number above, that is your finding; restore it to go on.',
      ],
    ]);
    assert.deepEqual(below(await front.run("claim('next cell', true)")), [['display_data', '✓ next cell']]);
  });

  test('conditions keep their value, their short cuts and their errors', async () => {
    const code = `let asked = 0; const ask = () => { asked++; return 1; };
claim('a', 1 > 2 || ask() === 1);
claim('b', !(NaN < 1) && !(NaN >= 1) && ('b' as string) > 'a' && 10n > 9n);
const refused = [() => claim('c', 2 > 3 && ask() > 0), () => claim('d', (undefined as any).x > 1)].map(f => { try { f(); return ''; } catch (error) { return (error as Error).message.slice(0, 30); } });
[asked, refused]`;
    assert.match(
      String((await front.run(code)).result),
      /\[ 1, \[ 'claim does not hold: c\. If you', 'Cannot read properties of unde' \] \]/,
    );
  });

  test('what runs after the cell has ended shows its claims where it shows the rest', async () => {
    await front.run("setTimeout(() => claim('late', 1 < 2), 50); 0");
    await new Promise(resolve => setTimeout(resolve, 400));
    const late = front.heard.filter(({ header }) => header.msg_type === 'display_data').at(-1);
    assert.match(JSON.stringify(late?.content), /✓ late/);
  });

  test('on a Chinese page the list is Chinese', async () => {
    await front.run("import { language } from './lib'; language('zh')");
    const reply = await front.run("claim({ en: 'it holds', zh: '成立' }, [1.5, 1].every(v => v <= 2)); 0");
    assert.equal(below(reply)[1][1], '✓ 成立\n  实测 1.5（2 个中最接近界限的），界限 ≤ 2');
  });
});
