/** What a page of the site does without a browser: addresses with code, notebook files, text cells, the choice of a device. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals } from '../../lib/kernel/page/arriving';
import { fastest, readKept } from '../../scripts/site/page/device';
import { secondsHere } from '../../scripts/site/page/estimate';
import { blocksOf, inlineOf } from '../../scripts/site/page/markdown';
import {
  fileName,
  foreignLanguage,
  NoNotebook,
  outputsOf,
  readNotebookFile,
  withWork,
} from '../../scripts/site/page/notebook-file';
import { inPlaces } from '../../scripts/site/page/places';
import { linkTo, readLink, withoutCode } from '../../scripts/site/page/share';
import { WORDS } from '../../scripts/site/page/words';

const PAGE = 'https://example.org/zh/03-bayes.html?quick#cell-old';

describe('an address with changed code', () => {
  it('brings back every character of every cell, and the page asked for', () => {
    const edits = new Map([
      ['rain-square', 'const p = 0.3; // 下雨 & + / = # ? 🌧\nconsole.log("p" + p);'],
      ['other.cell', ''],
    ]);
    const address = linkTo(PAGE, { cell: 'rain-square', edits });
    assert.ok(address.startsWith('https://example.org/zh/03-bayes.html?quick#cell=rain-square&'));
    assert.deepEqual(readLink(address), { cell: 'rain-square', edits });
  });

  it('is none where a page is addressed as usual', () => {
    assert.equal(readLink(PAGE), undefined);
    assert.equal(readLink('https://example.org/03-bayes.html'), undefined);
  });

  it('is refused where it is cut off, or unpacks to more than a cell can be', () => {
    const address = linkTo(PAGE, { cell: 'a', edits: new Map([['a', 'const answer = 42; // and a few words more']]) });
    assert.throws(() => readLink(address.slice(0, -9)), /damaged or too long/);
    const bomb = linkTo(PAGE, { cell: 'a', edits: new Map([['a', 'x'.repeat(1_000_001)]]) });
    assert.ok(bomb.length < 10_000);
    assert.throws(() => readLink(bomb), /damaged or too long/);
  });

  it('loses the code of a cell that its reader has changed, and keeps the others', () => {
    const edits = new Map([
      ['a', '1'],
      ['b', '2'],
    ]);
    const left = withoutCode(linkTo(PAGE, { cell: 'a', edits }), 'a');
    assert.deepEqual(readLink(left), { cell: 'a', edits: new Map([['b', '2']]) });
    assert.equal(withoutCode(left, 'a'), left);
    assert.equal(withoutCode(PAGE, 'a'), PAGE);
  });
});

describe('a notebook file', () => {
  it('keeps of the messages what is seen in the end', () => {
    const outputs = outputsOf([
      { type: 'stream', content: { name: 'stdout', text: 'gone' } },
      { type: 'clear_output', content: { wait: false } },
      { type: 'stream', content: { name: 'stdout', text: 'a' } },
      { type: 'stream', content: { name: 'stdout', text: 'b' } },
      {
        type: 'display_data',
        content: { data: { 'text/plain': '0 %' }, metadata: {}, transient: { display_id: 'bar' } },
      },
      { type: 'display_data', content: { data: { 'text/plain': 'still' }, metadata: {}, transient: {} } },
      { type: 'update_display_data', content: { data: { 'text/plain': '100 %' }, transient: { display_id: 'bar' } } },
    ]);
    assert.deepEqual(outputs, [
      { output_type: 'stream', name: 'stdout', text: 'ab' },
      { output_type: 'display_data', data: { 'text/plain': '100 %' }, metadata: {} },
      { output_type: 'display_data', data: { 'text/plain': 'still' }, metadata: {} },
    ]);
  });

  it('has the code of the reader, and comes back from its own text', () => {
    const lesson = readNotebookFile(
      JSON.stringify({
        nbformat: 4,
        cells: [
          { cell_type: 'markdown', metadata: {}, source: ['# One\n', 'two'] },
          { cell_type: 'code', metadata: { tags: ['answer'] }, source: '1 + 1', outputs: [{ output_type: 'error' }] },
        ],
      }),
    );
    assert.equal(lesson.cells[0].source, '# One\ntwo');
    assert.deepEqual(lesson.cells[1].outputs, []); // of another program's run
    const { id } = lesson.cells[1];
    const messages = [{ type: 'execute_result', content: { data: { 'text/plain': '4' }, metadata: {} } }];
    const worked = withWork(lesson, new Map([[id, { source: '2 + 2', messages }]]));
    const again = readNotebookFile(JSON.stringify(worked));
    assert.deepEqual(
      again.cells.map(({ source }) => source),
      ['# One\ntwo', '2 + 2'],
    );
    assert.deepEqual(worked.cells[1].outputs, [
      { output_type: 'execute_result', data: { 'text/plain': '4' }, metadata: {} },
    ]);
    assert.deepEqual(again.cells[1].metadata.tags, ['answer']);
  });

  it('is read whatever stands where its format wants something else; pictures of its texts stay with it', () => {
    const { cells, metadata } = readNotebookFile(
      '{"nbformat": 4, "metadata": null, "cells": [{"metadata": null, "source": null}, {"cell_type": "x", "metadata": {"tags": 3}},' +
        ' {"cell_type": "markdown", "source": "a", "attachments": {"p.png": {}}}]}',
    );
    assert.deepEqual(
      cells.map(({ cell_type, source, metadata, attachments }) => [cell_type, source, metadata, attachments]),
      [
        ['code', '', {}, undefined],
        ['code', '', {}, undefined],
        ['markdown', 'a', {}, { 'p.png': {} }],
      ],
    );
    assert.deepEqual(metadata, {});
  });

  it('tells another language than the page runs, and keeps its name', () => {
    const languageOf = (metadata: object) =>
      foreignLanguage(readNotebookFile(JSON.stringify({ nbformat: 4, cells: [], metadata })));
    assert.equal(languageOf({ language_info: { name: 'python' } }), 'python');
    assert.equal(languageOf({ kernelspec: { language: 'R' } }), 'R');
    for (const own of [{}, { kernelspec: null }, { kernelspec: { language: 'typescript' } }])
      assert.equal(languageOf(own), undefined);
    assert.deepEqual(
      [undefined, '我的.ipynb', 'b.json', 'c'].map(name => fileName(name)),
      ['notebook.ipynb', '我的.ipynb', 'b.ipynb', 'c.ipynb'],
    );
  });

  it('is refused where it is something else', () => {
    assert.throws(() => readNotebookFile('hello'), /not JSON/);
    assert.throws(() => readNotebookFile('{"nbformat": 3, "worksheets": []}'), /format 4/);
    assert.throws(() => readNotebookFile('null'), /format 4/);
    assert.throws(() => readNotebookFile('{"nbformat": 4, "cells": [null]}'), /format 4/);
    for (const text of ['hello', '{}'])
      assert.throws(
        () => readNotebookFile(text),
        error => error instanceof NoNotebook && /^[^a-z]*[一-龥]/.test(WORDS.zh[error.reason]), // a page says it in its language
      );
  });
});

it('text cells have headings, lists, code and links, and HTML in them stays text', () => {
  assert.deepEqual(blocksOf('# Title\nbelow\n\n- one\n- two\n\n1. first\n\n```ts\n# no title\n```\nlast <b>word</b>'), [
    { kind: 'h1', text: 'Title' },
    { kind: 'p', text: 'below' },
    { kind: 'ul', items: ['one', 'two'] },
    { kind: 'ol', items: ['first'] },
    { kind: 'pre', text: '# no title' },
    { kind: 'p', text: 'last <b>word</b>' },
  ]);
  assert.deepEqual(inlineOf('a `b*c*` **d** [e](https://x.org) [f](javascript:alert)'), [
    { kind: 'text', text: 'a ' },
    { kind: 'code', text: 'b*c*' },
    { kind: 'text', text: ' ' },
    { kind: 'strong', text: 'd' },
    { kind: 'text', text: ' ' },
    { kind: 'a', text: 'e', to: 'https://x.org' },
    { kind: 'text', text: ' [f](javascript:alert)' },
  ]);
});

it('the fastest device computes, WebAssembly where none was measured; what cannot be read is no choice', () => {
  assert.equal(fastest({ webgl: 4, wasm: 39 }), 'webgl');
  assert.equal(fastest({ webgl: 400, wasm: 39 }), 'wasm');
  assert.equal(fastest({ wasm: 39 }), 'wasm');
  assert.equal(fastest({}), 'wasm');
  assert.deepEqual(readKept('{"chosen":"webgl","times":{"webgl":4}}'), { chosen: 'webgl', times: { webgl: 4 } });
  for (const text of [undefined, '', '{"chosen":"quantum"}', 'null', '[]']) assert.equal(readKept(text), undefined);
});

it('errors name cells by their places in the page, or as they are where a cell is gone', () => {
  const place = (count: number) => ({ 7: 1, 12: 3 })[count] ?? 0;
  const traceback = ['TypeError', 'cell [7], line 2', '单元格 [12]，第 1 行', 'cell [9], line 1', '→ 1 | x[7]'];
  assert.deepEqual(inPlaces({ ename: 'TypeError', traceback }, place), {
    ename: 'TypeError',
    traceback: ['TypeError', 'cell [1], line 2', '单元格 [3]，第 1 行', 'cell [9], line 1', '→ 1 | x[7]'],
  });
});

describe('what a page says of time and of what is coming', () => {
  const reference = { seconds: 60, step: 10, short: false };

  it('is longer where the step is longer, and has no more digits than an estimate has', () => {
    assert.equal(secondsHere(reference, 25), 150);
    assert.match(
      WORDS.en.takesHere(150, 'wasm', 25, reference),
      /^about 3 minutes on this device: .* 25 ms here \(wasm\), and 10 ms where the lesson took 60 seconds$/,
    );
    assert.match(WORDS.en.takesHere(2, 'webgpu', 0.31, reference), /^about 10 seconds .* 0\.31 ms/);
    assert.match(WORDS.zh.takesHere(3141, 'wasm', 524, reference), /^在这台设备上约 50 分钟.*需 524 毫秒.*用时 60 秒/);
  });

  it('counts a file in both languages, or says only how large it is', () => {
    assert.equal(WORDS.en.arriving('data/a', 9.91e6, 4.13e6), 'fetching a: 4.1 of 9.9 MB');
    assert.equal(WORDS.zh.arriving('data/a', 9.91e6, 4.13e6), '正在下载 a：4.1 / 9.9 MB');
    assert.equal(WORDS.en.arriving('data/a', 9.91e6), 'fetching a, 9.9 MB');
    assert.equal(WORDS.zh.arriving('data/a', 9.91e6), '正在下载 a，共 9.9 MB');
  });

  it('speaks of a file that takes its time, counts its own bytes and no other’s, and is quiet when it is there', async () => {
    const worker = new EventTarget();
    const seen: unknown[][] = [];
    const arrivals = new Arrivals((...about) => seen.push(about), worker);
    const comes = (address: string, bytes: number) =>
      worker.dispatchEvent(new MessageEvent('message', { data: { kind: 'arriving', address, bytes } }));
    arrivals.wait('data/quick', 2e6);
    arrivals.wait('', 0);
    arrivals.wait('data/a b', 3e6);
    comes('https://x.org/run/files/data/a%20b.gz?1234', 1e6);
    await new Promise(resolve => setTimeout(resolve, 400));
    comes('https://x.org/run/files/data/other.gz?1234', 2e6);
    comes('https://x.org/run/files/data/a%20b.gz?1234', 9e6); // the host has unpacked it on the way
    arrivals.end();
    comes('https://x.org/run/files/data/a%20b.gz?1234', 2e6);
    assert.deepEqual(seen, [
      ['data/a b', 3e6, 1e6],
      ['data/a b', 3e6, 3e6],
      ['', 0],
    ]);
  });
});
