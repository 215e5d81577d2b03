import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { JSDOM } from 'jsdom';
import { METRICS_MIME, metricsOf, normalise, pictureOnce, withoutPaths } from '../../scripts/notebooks/normalise';
import {
  type Cell,
  type Notebook,
  notebookText,
  ROOT,
  readNotebook,
  selectLessons,
  writeNotebook,
} from '../../scripts/notebooks/notebook';
import { differences, syncNotebook } from '../../scripts/notebooks/sync';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, '..', 'fixtures');
const load = (folder = '') => readNotebook(path.join(FIXTURES, 'notebooks', folder, '00-sampler.ipynb'));
const codeCell = (change: Partial<Cell>): Cell => ({
  cell_type: 'code',
  id: 'a',
  metadata: {},
  source: '1',
  execution_count: 1,
  outputs: [],
  ...change,
});
const notebook = (...cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });

describe('notebook files', () => {
  it('are written back byte for byte', () => {
    const file = path.join(FIXTURES, 'notebooks', '00-sampler.ipynb');
    assert.equal(notebookText(readNotebook(file)), fs.readFileSync(file, 'utf8'));
  });

  it('are found by number, name and path, and a wrong word lists what there is', () => {
    for (const word of ['0', '00', '00-sampler', 'notebooks/00-sampler.ipynb']) {
      assert.deepEqual(
        selectLessons([word], FIXTURES).map(l => l.name),
        ['00-sampler'],
      );
    }
    assert.throws(() => selectLessons(['77'], FIXTURES), /no lesson '77'; there is 00-sampler/);
  });

  it('that are cut short are named', () => {
    const file = path.join(newFolder('files'), 'cut.ipynb');
    fs.writeFileSync(file, '{"cells": [');
    assert.throws(() => readNotebook(file), /cut\.ipynb cannot be read as a notebook/);
  });
});

describe('sync', () => {
  it('finds nothing to do where the languages agree', () => {
    assert.deepEqual(differences(load(), load('zh')), []);
    assert.equal(notebookText(syncNotebook(load(), load('zh')).notebook), notebookText(load('zh')));
  });

  it('copies code, outputs, tags, order and metrics, and leaves Chinese prose alone', () => {
    const english = load();
    const chart = english.cells.find(cell => cell.id === 'vega-chart')!;
    chart.source = 'changed';
    chart.outputs = [{ output_type: 'stream', name: 'stdout', text: 'new\n' }];
    english.cells.find(cell => cell.id === 'title')!.metadata = { tags: ['covers:V3'] };
    english.cells.reverse();
    english.metadata.metrics = [{ name: 'loss', value: 1, unit: 'nats', band: [0, 2], reference: '' }];
    const before = load('zh');
    assert.ok(differences(english, before).length >= 4);
    const { notebook: synced, untranslated, dropped } = syncNotebook(english, before);
    assert.deepEqual(differences(english, synced), []);
    assert.deepEqual([untranslated, dropped], [[], []]);
    assert.equal(
      synced.cells.find(cell => cell.id === 'title')!.source,
      before.cells.find(cell => cell.id === 'title')!.source,
    );
  });

  it('tells which texts are not translated and which are left over', () => {
    const english = load();
    english.cells.find(cell => cell.id === 'formula')!.id = 'formula-new';
    const { untranslated, dropped } = syncNotebook(english, load('zh'));
    assert.deepEqual([untranslated, dropped], [['formula-new'], ['formula']]);
  });
});

describe('a notebook that was run', () => {
  it('loses times, widgets, and overwritten lines', () => {
    const cell = codeCell({
      metadata: { execution: { 'iopub.status.busy': '2024-01-01T00:00:00Z' }, tags: ['quick'] },
      outputs: [
        { output_type: 'stream', name: 'stdout', text: 'step 1\rstep 2\r' },
        { output_type: 'stream', name: 'stdout', text: 'step 3\ndone\n' },
        {
          output_type: 'display_data',
          data: { 'application/vnd.jupyter.widget-view+json': {}, 'text/plain': 'x' },
          metadata: {},
        },
      ],
    });
    const result = normalise(notebook(cell)).cells[0];
    assert.deepEqual(result.metadata, { tags: ['quick'] });
    assert.deepEqual(result.outputs, [{ output_type: 'stream', name: 'stdout', text: 'step 3\ndone\n' }]);
  });

  it('folds cells whose code would give an answer away', () => {
    const cell = normalise(notebook(codeCell({ metadata: { tags: ['hide-input'] } }))).cells[0];
    assert.deepEqual(cell.metadata, { tags: ['hide-input'], jupyter: { source_hidden: true } });
    const prediction = normalise(notebook(codeCell({ source: "predict({ question: 'So?' })", metadata: {} }))).cells[0];
    assert.deepEqual(prediction.metadata, cell.metadata);
  });

  it('loses the paths of this machine', () => {
    assert.equal(withoutPaths(`at ${ROOT}/lib/nn/layers.ts:3 and ${os.homedir()}/x`), 'at lib/nn/layers.ts:3 and ~/x');
  });

  it('loses the PNG that the plotly extension adds beside an SVG, and keeps one that stands alone', () => {
    const plotly = { 'application/vnd.plotly.v1+json': {}, 'image/png': 'aGk=', 'text/plain': 'alt' };
    const show = (data: Record<string, object | string>) =>
      Object.keys(
        normalise(notebook(codeCell({ outputs: [{ output_type: 'display_data', data: data as never, metadata: {} }] })))
          .cells[0].outputs![0].data!,
      );
    assert.ok(show(plotly).includes('image/png'));
    assert.ok(!show({ ...plotly, 'image/svg+xml': '<svg/>' }).includes('image/png'));
  });

  it('keeps a picture once: in its HTML, an SVG there as text', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>50 % of #1 &amp; "more" 中</title></svg>';
    const old = {
      'image/svg+xml': svg,
      'text/html': `<img alt="a" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`,
      'text/plain': 'a',
    };
    const once = pictureOnce(old);
    assert.deepEqual(Object.keys(once), ['text/html', 'text/plain']);
    const { src } = new JSDOM(once['text/html'] as string).window.document.querySelector('img')!;
    assert.equal(decodeURIComponent(src.slice(src.indexOf(',') + 1)), svg);
    assert.deepEqual(pictureOnce(once), once);
    const two = { 'image/png': 'aGk=\n', 'text/html': '<img alt="a" src="data:image/png;base64,aGk=">' };
    assert.deepEqual(Object.keys(pictureOnce(two)), ['text/html']);
    const other = { 'image/png': 'aGk=', 'text/html': '<img alt="a" src="data:image/png;base64,YQ==">' };
    assert.deepEqual(pictureOnce(other), other);
  });

  it('hands its metrics card to the metadata, and refuses a card without a band', () => {
    const metric = { name: 'test_elbo_nats', value: 101.5, unit: 'nats', band: [90, 102], reference: 'about 104' };
    const card = (bundle: object) =>
      notebook(
        codeCell({
          outputs: [{ output_type: 'display_data', data: { [METRICS_MIME]: bundle as never }, metadata: {} }],
        }),
      );
    assert.deepEqual(normalise(card([{ ...metric, seed: 1 }])).metadata.metrics, [metric]);
    assert.deepEqual(metricsOf(card({ metrics: [metric] })), [metric]);
    assert.throws(() => metricsOf(card([{ name: 'x', value: 1 }])), /expected a metric/);
  });

  it('is saved without a trace of a second write', () => {
    const folder = newFolder('files');
    writeNotebook(path.join(folder, 'a.ipynb'), load());
    assert.deepEqual(fs.readdirSync(folder), ['a.ipynb']);
  });
});
