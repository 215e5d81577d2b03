/** Parts of the site whose cells run: what counts as the same as in Node, the server, the list of lessons. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { allLessons } from '../../scripts/notebooks/notebook';
import { LONGEST_FIRST, RUNNING } from '../../scripts/site/lessons';
import { Rises } from '../../scripts/site/memory';
import { serve } from '../../scripts/site/serve';
import { differences, firstDifference, tooLarge } from '../../scripts/site/verify';
import { newFolder } from '../folder';

test('last digits may differ, words and digits before them may not', () => {
  assert.equal(firstDifference('loss 0.12345 after 1,000 steps', 'loss 0.12354 after 1,000 steps'), undefined);
  assert.equal(firstDifference('loss 0.125', 'loss 0.123'), '0.125, in Node 0.123');
  assert.equal(firstDifference('1,234.5', '1,235'), undefined);
  assert.equal(firstDifference('−0.5', '0.5'), '-0.5, in Node 0.5');
  assert.match(firstDifference('a\nb 1', 'a\nc 1')!, /'b #', in Node 'c #'/);
});

test('a page that shows less than Node, or more, is not the same', () => {
  assert.match(firstDifference('a\nb 1', 'a\nb 1\nc 2')!, /^'', in Node 'c #'$/);
  assert.match(firstDifference('', 'a 1')!, /^'', in Node 'a #'$/);
  assert.match(firstDifference('a\nb', 'a')!, /^'b', in Node ''$/);
  assert.match(firstDifference('a\n  b', 'a\nb')!, /'b', in Node 'b'/);
  assert.equal(firstDifference('a\nb  \n', 'a\nb'), undefined);
});

test('a tab that holds more than 1500 MB fails, and it is said how much', () => {
  const held = new Rises();
  for (const [cell, megabytes] of [
    ['setup', 700],
    ['judge', 900],
    ['setup', 800],
    ['judge', 1500],
  ] as const)
    held.note(cell, megabytes);
  assert.deepEqual(tooLarge('14-text-to-image', held), []);
  held.note('live', 1512.4);
  assert.deepEqual(tooLarge('14-text-to-image', held), [
    "14-text-to-image: the tab held 1512 MB, more than 1500: 'judge' +800, 'setup' +700, 'live' +12",
  ]);
});

test('a cell is compared by what is left of its outputs', () => {
  const said = (text: string) => ({ data: { 'text/plain': text } });
  const outputs = [
    { type: 'display_data', content: { ...said('soon gone'), transient: {} } },
    { type: 'clear_output', content: { wait: false } },
    { type: 'display_data', content: { ...said('step 1'), transient: { display_id: 'bar' } } },
    { type: 'stream', content: { name: 'stdout', text: 'took ' } },
    { type: 'stream', content: { name: 'stdout', text: '3.2 s' } },
    { type: 'update_display_data', content: { ...said('step 2'), transient: { display_id: 'bar' } } },
  ];
  const result = (id: string) => ({ id, failed: false, seconds: 1, outputs });
  const node = new Map([['b', 'step 2\ntook 9.9 s']]);
  assert.deepEqual(differences([result('a'), result('b')], node), []);
  assert.equal(differences([result('a'), result('b')], new Map([['b', 'step 2']])).length, 1);
  const where = (text: string) => ({ ...result('b'), outputs: [{ type: 'execute_result', content: said(text) }] });
  const computed = where('loss 0.5 · WebAssembly, 2 threads · 3 min');
  assert.deepEqual(
    differences([result('a'), computed], new Map([['b', 'loss 0.5 · WebAssembly, 1 thread · 9 s']])),
    [],
  );
});

test('the server gives files of its folder, once, and nothing else', async () => {
  const folder = newFolder('served');
  fs.writeFileSync(path.join(folder, 'index.html'), '<p>汉</p>');
  fs.writeFileSync(path.join(folder, '..', 'secret.txt'), 'no');
  const { address, close } = await serve(folder);
  try {
    const page = await fetch(`${address}/`);
    assert.equal(await page.text(), '<p>汉</p>');
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    const again = await fetch(`${address}/`, { headers: { 'if-none-match': page.headers.get('etag')! } });
    assert.equal(again.status, 304);
    for (const wrong of ['/none.html', '/..%2fsecret.txt', '/%2e%2e/secret.txt'])
      assert.equal((await fetch(address + wrong)).status, 404, wrong);
  } finally {
    close();
  }
});

test('only lessons that exist are said to run', () => {
  const names = allLessons().map(({ name }) => name);
  assert.deepEqual(
    Object.keys(RUNNING).filter(name => !names.includes(name)),
    [],
  );
});

test('npm test runs every lesson that has buttons, once, and docs/browser.md says how many they are', () => {
  const docs = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'browser.md'), 'utf8');
  const [, many] = /`npm test` runs all (\d+) lessons that have buttons whole in Chromium/.exec(docs) ?? [];
  assert.equal(many, String(Object.keys(RUNNING).length));
  assert.deepEqual([...LONGEST_FIRST].sort(), Object.keys(RUNNING).sort());
});
