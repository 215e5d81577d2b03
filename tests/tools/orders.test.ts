/** Orders in a JSON file: read or refused with their place, and obeyed one after the other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import fc from 'fast-check';
import { courseServer, obey, readOrders, ToolClient } from '../../lib/tools';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

const folder = newFolder('orders');
const file = path.join(folder, 'orders.json');
const write = (text: string): string => {
  fs.writeFileSync(file, text);
  return file;
};

it('orders are read', () => {
  const { orders } = readOrders(
    write(
      '{ "orders": [{ "tool": "count_letters", "arguments": { "text": "egg", "letter": "g" } }, { "tool": "x" }] }',
    ),
  );
  assert.deepEqual(orders, [
    { tool: 'count_letters', arguments: { text: 'egg', letter: 'g' } },
    { tool: 'x', arguments: {} },
  ]);
});

const REFUSED: [string, RegExp][] = [
  ['', /orders\.json is no JSON/],
  ['{ "orders": [\n 1,,2] }', /orders\.json is no JSON/],
  ['{ "orders": [] } // none', /is no JSON/],
  ['[]', /at the top: .*expected object/],
  ['{}', /at orders: .*expected array/],
  ['{ "orders": [] }', /at orders: /],
  ['{ "orders": [{ "tool": "a" }, { "tool": 7 }] }', /at orders\[1\]\.tool: .*expected string/],
  ['{ "orders": [{ "tool": "a", "aruments": {} }] }', /at orders\[0\]: .*aruments/],
  ['{ "orders": [{ "tool": "a", "save": "../a.png" }] }', /at orders\[0\]\.save: expected a plain name/],
  ['{ "orders": [{ "tool": "a", "save": "/a.png" }] }', /save: expected a plain name/],
];
for (const [text, said] of REFUSED) it(`refused: ${text}`, () => assert.throws(() => readOrders(write(text)), said));

it('of any JSON: orders, or a sentence that names the file', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.jsonValue().map(orders => JSON.stringify({ orders: [orders] })),
      ),
      text => {
        try {
          assert.ok(readOrders(write(text)).orders.length > 0);
        } catch (error) {
          assert.match((error as Error).message, /^orders\.json( holds no orders at | is no JSON)/);
        }
      },
    ),
    { seed: 24, numRuns: 300 },
  );
});

it('a failure is told and counted, and the next order is done', async () => {
  const client = await ToolClient.to(courseServer());
  const lines: string[] = [];
  const orders = readOrders(
    write(
      JSON.stringify({
        orders: [
          { tool: 'sushi' },
          { tool: 'count_letters', arguments: { text: 'egg', letter: 'g' } },
          { tool: 'count_letters', arguments: { text: 'egg', letter: 'g' }, save: 'egg.png' },
          { tool: 'sample_digit', arguments: { digit: 1 }, save: 'one.png' },
        ],
      }),
    ),
  );
  assert.equal(await obey(orders, client, folder, line => lines.push(line)), 2);
  await client.close();
  assert.match(lines[0], /^✗ there is no tool sushi/);
  assert.equal(lines[1], '✓ count_letters: {"count":2}');
  assert.match(lines[2], /^✗ count_letters gives no picture to save as egg\.png/);
  assert.equal(lines[3], '✓ sample_digit: one.png');
  assert.equal(fs.readFileSync(path.join(folder, 'one.png')).subarray(1, 4).toString(), 'PNG');
});

it('the command obeys a file, says what failed by its exit code, and asks for one file only', () => {
  const run = (...argv: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'scripts/kitchen.ts', ...argv], {
      cwd: inProject(),
      encoding: 'utf8',
    });
  const good = run(write('{ "orders": [{ "tool": "run_typescript", "arguments": { "code": "6 * 7" } }] }'));
  assert.deepEqual([good.status, good.stdout], [0, '✓ run_typescript: {"value":42,"printed":[]}\n']);
  const bad = run(write('{ "orders": [{ "tool": "sushi" }] }'));
  assert.deepEqual([bad.status, /✗ there is no tool sushi/.test(bad.stdout)], [1, true]);
  assert.match(run('a.json', 'b.json').stderr, /expected one JSON file/);
});
