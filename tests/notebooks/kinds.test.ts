/**
 * What holds for every lesson, kind by kind, where no other test looks: claims leave their line (1), ten animations run without a
 * kernel (4), sentences with a cause have an experiment (3), exercises climb to a fault to be found and are known to the test that solves them (5), pictures have words (8).
 * Elsewhere: predictions (2) in format.test.ts, ../kernel/predict.test.ts and ../export/predictions.test.ts, numbers in the text (3)
 * in numbers.test.ts, checks and cheats (5) in run.test.ts, Python (6) in ../python/pairs.test.ts, bands (7) in bands.test.ts,
 * what a run was made from (7) in fingerprint.test.ts, minutes (8) in reading.test.ts.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import ts from 'typescript';
import causes from '../../scripts/notebooks/causes.json';
import { pythonInVenv } from '../../scripts/notebooks/command';
import { parse } from '../../scripts/notebooks/exercises';
import { allLessons, type Cell, type Output, readNotebook, tagsOf } from '../../scripts/notebooks/notebook';

const lessons = allLessons().filter(({ name }) => /^\d/.test(name));
const shownBy = (cell: Cell, mime: string) => (cell.outputs ?? []).map(({ data }) => data?.[mime] ?? '');
const wordsOf = (cell: Cell) =>
  (cell.outputs ?? []).map(({ data, text }: Output) => data?.['text/plain'] ?? text ?? '');

/** Calls of `name` that a cell makes in any case: how many there are, and the sentences that stand there as plain text. */
function callsOf(source: string, name: string): { count: number; says: string[] } {
  const found = { count: 0, says: [] as string[] };
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) return;
    if (ts.isCallExpression(node) && node.expression.getText() === name) {
      found.count++;
      const [first] = node.arguments;
      if (first && ts.isStringLiteralLike(first)) found.says.push(first.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(source));
  return found;
}

/** What is missing below a cell with claims: lines, or a sentence of its own. */
function claimsMissing(cell: Cell): string[] {
  const { count, says } = callsOf(cell.source, 'claim');
  const lines = wordsOf(cell)
    .flatMap(text => String(text).split('\n'))
    .filter(line => /^[✓✗○] /.test(line));
  const few = lines.length < count ? [`${cell.id}: ${count} claims, ${lines.length} lines`] : [];
  return [...few, ...says.filter(say => !lines.some(line => line.slice(2) === say)).map(say => `${cell.id}: ${say}`)];
}

describe('kind 1: claims', () => {
  const cell = (source: string, text: string): Cell => ({
    cell_type: 'code',
    id: 'c',
    metadata: {},
    source,
    outputs: [{ output_type: 'display_data', data: { 'text/plain': text } }],
  });

  it('without their line are found', () => {
    assert.deepEqual(claimsMissing(cell("claim('a', 1 < 2); claim('b', true)", '✓ a\n  found 1, bound < 2\n✓ b')), []);
    assert.deepEqual(claimsMissing(cell("claim('a', 1 < 2); claim('b', true)", '✓ a')), [
      'c: 2 claims, 1 lines',
      'c: b',
    ]);
  });

  for (const { name, files } of lessons)
    it(`${name}: every claim has left its line`, () => {
      const cells = readNotebook(files.en).cells.filter(
        each => each.cell_type === 'code' && !tagsOf(each).includes('raises-exception'),
      );
      assert.deepEqual(cells.flatMap(claimsMissing), []);
    });
});

/** What moves, and the cells that it may be found in. */
const MOVING: Record<string, string[]> = {
  'gradient descent over contours, momentum and Adam beside it': ['05-how-a-network-learns/paths'],
  'a kernel sliding over a picture': ['06-convolution/film'],
  'softmax under temperature': ['02-functions/temperature'],
  'Bayes as people who stay or leave': ['03-bayes/people'],
  'forward and reverse KL while fitting': ['04-entropy-kl/fit-film'],
  'the ELBO touching log p': ['09-elbo/vi-result'],
  'the reparameterised cloud': ['10-training-a-vae/cloud'],
  interpolation: ['10-training-a-vae/interpolation-film'],
  'the densities of a GAN': ['11-gan/moving-film'],
  'noise rising': ['12-diffusion/two-strips'],
  'noise falling': ['00-welcome/film-moving'],
};

/** What a sentence with a cause rests on: cells with an experiment, or a word that says why it needs none. */
const CAUSES = causes as Record<string, Record<string, string[] | string>>;
const BECAUSE = /\b(?:because|(?:that|this|which) is why|the reason|due to|thanks to|makes? the difference)\b/i;
const NO_EXPERIMENT = /^(?:definition|conjecture|arithmetic|choice|published)\b/;
const HEDGED = /conjecture|not (?:shown|tested|measured)|our reading/;

/** Texts of a lesson with such a sentence; those of titles and summaries repeat what stands between them. */
const withCause = (cells: Cell[]): Cell[] =>
  cells.filter(
    ({ cell_type, id, source }) =>
      cell_type === 'markdown' &&
      !/^(?:title|summary)$|-answer$/.test(id) &&
      BECAUSE.test(source.replace(/<!--[\s\S]*?-->/g, '')),
  );

/** What is wrong with the grounds of one sentence. */
function groundsMissing(cell: Cell, grounds: string[] | string | undefined, cells: Cell[]): string[] {
  if (grounds === undefined)
    return [`${cell.id}: name the experiment of its sentence in scripts/notebooks/causes.json`];
  if (typeof grounds === 'string') {
    if (!NO_EXPERIMENT.test(grounds)) return [`${cell.id}: '${grounds}' is no reason to go without an experiment`];
    return grounds === 'conjecture' && !HEDGED.test(cell.source)
      ? [`${cell.id}: does not say that it is conjecture`]
      : [];
  }
  return grounds.flatMap(place => {
    const [, lesson, id] = /^(?:(\d\d)\/)?(.*)$/.exec(place) as RegExpExecArray;
    const all = lesson
      ? readNotebook(lessons.find(({ name }) => name.startsWith(`${lesson}-`))!.files.en).cells
      : cells;
    const proof = all.find(each => each.id === id && each.cell_type === 'code');
    const shows =
      proof &&
      (callsOf(proof.source, 'claim').count > 0 ||
        /\b(?:table|histogram|heatmap|scatter|imageGrid|\w+(?:Chart|Plot|Figure|Film|Explorer))\(/.test(proof.source));
    return shows ? [] : [`${cell.id}: no cell '${place}' that claims or shows something`];
  });
}

describe('kind 3: causes', () => {
  const text = (source: string): Cell => ({ cell_type: 'markdown', id: 't', metadata: {}, source });
  const proof: Cell = { cell_type: 'code', id: 'proof', metadata: {}, source: "claim('a', 1 < 2)", outputs: [] };

  it('without an experiment are found', () => {
    assert.deepEqual(withCause([text('It falls because it is wet.'), text('It falls.')]).length, 1);
    assert.match(groundsMissing(text('x'), undefined, [proof])[0], /name the experiment/);
    assert.match(groundsMissing(text('x'), ['prof'], [proof])[0], /no cell 'prof'/);
    assert.match(groundsMissing(text('It is so.'), 'conjecture', [proof])[0], /does not say that it is conjecture/);
    assert.match(groundsMissing(text('x'), 'obvious', [proof])[0], /is no reason/);
    assert.deepEqual(groundsMissing(text('x'), ['proof'], [proof]), []);
  });

  for (const { name, files } of lessons)
    it(`${name}: every sentence with a cause names its experiment`, () => {
      const { cells } = readNotebook(files.en);
      const named = CAUSES[name] ?? {};
      const found = withCause(cells);
      assert.deepEqual(
        found.flatMap(cell => groundsMissing(cell, named[cell.id], cells)),
        [],
      );
      const idle = Object.keys(named).filter(id => !found.some(cell => cell.id === id));
      assert.deepEqual(idle, [], 'listed, but without such a sentence');
    });
});

describe('kind 4: animations', () => {
  /** A slider and a box 'play' inside the chart, which stands still at first. */
  const plays = (spec: unknown): boolean => {
    const params = (spec as { params?: { name: string; bind?: { input?: string }; value?: unknown }[] }).params ?? [];
    const slider = params.some(({ bind }) => bind?.input === 'range');
    return (
      slider && params.some(({ name, bind, value }) => /_plays$/.test(name) && bind?.input === 'checkbox' && !value)
    );
  };
  const live = 'application/vnd.vegalite.v5+json';

  for (const [what, places] of Object.entries(MOVING))
    it(`${what}: plays without a kernel, in both languages`, () => {
      for (const place of places) {
        const [lesson, id] = place.split('/');
        for (const file of Object.values(lessons.find(({ name }) => name === lesson)!.files)) {
          const cell = readNotebook(file).cells.find(each => each.id === id);
          assert.ok(cell && shownBy(cell, live).some(plays), `${file}: ${id}`);
        }
      }
    });
});

/** Lessons without a fault to be found, and without an open exercise; lists that only get shorter. */
const NO_FAULT: string[] = [];
const NO_OPEN: string[] = [];

describe('kind 5: exercises', () => {
  for (const { name, files } of lessons)
    it(`${name}: whatever is asked is tagged, so that its solution is tried`, () => {
      const asks = readNotebook(files.en).cells.filter(
        cell => cell.cell_type === 'code' && callsOf(cell.source, 'exercise').count > 0,
      );
      assert.deepEqual(
        asks.filter(cell => !tagsOf(cell).includes('exercise')).map(cell => cell.id),
        [],
      );
    });

  it('have a fault to be found in every lesson but those on the list', () => {
    const without = lessons.filter(({ files }) => {
      const texts = readNotebook(files.en).cells.filter(cell => cell.cell_type === 'markdown');
      return !texts.some(({ source }) => /\bfind the fault\b|\bMend it\b/i.test(source.replace(/^- .*$/gm, '')));
    });
    assert.deepEqual(
      without.map(({ name }) => name),
      NO_FAULT,
    );
  });

  it('end with an open one: one without a check, in every lesson', () => {
    const open = /\*\*(?:\d+\. )?Open\b|\*Open\.\*|\(open\)|without a check/;
    const without = lessons.filter(
      ({ files }) => !readNotebook(files.en).cells.some(({ source }) => open.test(source)),
    );
    assert.deepEqual(
      without.map(({ name }) => name),
      NO_OPEN,
    );
  });
});

describe('kind 6: Python in a table', () => {
  it('lesson 01: the rows of NumPy give the shapes that stand beside them', () => {
    const cell = readNotebook(lessons[1].files.en).cells.find(({ id }) => id === 'tools')!;
    const rows = wordsOf(cell)
      .flatMap(text => String(text).split('\n').slice(2))
      .map(line => line.trim().split(/ {2,}/))
      .filter(([part, python]) => python && !python.includes('cv2') && part !== 'video');
    assert.equal(rows.length, 4, 'rows of NumPy');
    const asked = rows.map(([, python]) => `list((${python}).shape)`).join(', ');
    const before = 'import numpy as np; a = np.ones((2, 3)); b = np.ones((3, 4)); x = np.zeros((8, 8, 3))';
    const said = execFileSync(pythonInVenv(), ['-c', `${before}; print([${asked}])`], { encoding: 'utf8' });
    assert.deepEqual(
      JSON.parse(said),
      rows.map(row => JSON.parse(row.at(-1)!)),
    );
  });
});

describe('kind 8: pictures', () => {
  /** Pictures of a page that say nothing to those who cannot see them. */
  const silent = (html: string) =>
    [...html.matchAll(/<img\b[^>]*>|<svg\b[^>]*>/g)]
      .map(([tag]) => tag)
      .filter(tag => !/\balt="[^"]*\S[^"]*"|aria-label="[^"]*\S|aria-hidden="true"|role="presentation"/.test(tag));

  it('without words are found', () => {
    assert.deepEqual(silent('<img src="a"><img alt="a cat"><svg aria-label="b">'), ['<img src="a">']);
  });

  for (const { name, files } of lessons)
    it(`${name}: all have words, in both languages`, () => {
      for (const file of Object.values(files))
        for (const cell of readNotebook(file).cells)
          for (const html of shownBy(cell, 'text/html'))
            assert.deepEqual(silent(String(html)), [], `${file}: ${cell.id}`);
    });
});
