/** Lesson 24 asks the real model in a full run only. Where its file is, the same cell runs here, and gives the calls that are saved. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { SMOLLM2 } from '../../lib/models';
import { readNotebook, selectLessons } from '../../scripts/notebooks/notebook';
import { runSomeCells, type Swap, swapped } from '../../scripts/notebooks/some-cells';

const skip = fs.existsSync(SMOLLM2) ? false : 'SmolLM2 is not here: npm run fetch -- smollm2';
const NEEDED = ['start', 'const none = 0; type Json = Record<string, unknown>;', 'start-process', 'real-model'];

test('lesson 24: SmolLM2 orders from the kitchen, in the words that the lesson shows', { skip }, async () => {
  const [{ files }] = selectLessons(['24']);
  const asking: Swap[] = [
    ['budget(fs.existsSync(SMOLLM2), false)', 'fs.existsSync(SMOLLM2)'],
    ['smol ? questions : []', 'smol ? [questions[0], questions[3]] : []'], // two of its six questions
  ];
  const rows = (await runSomeCells(files.en, NEEDED, 'rows', sources => swapped(sources, asking))) as Record<
    string,
    string
  >[];
  assert.equal(rows.length, 2);
  const saved = readNotebook(files.en).cells.find(({ id }) => id === 'real-model')?.outputs ?? [];
  const shown = saved.map(({ data }) => String(data?.['text/plain'])).join('\n');
  for (const row of rows) {
    assert.match(row['SmolLM2 writes'], /^\w+\(.*\)$/, row.question);
    assert.notEqual(row['the kitchen gives'], 'no call', row.question);
    assert.ok(
      shown.includes(row['SmolLM2 writes']),
      `${row.question}: now ${row['SmolLM2 writes']}, saved is\n${shown}`,
    );
  }
});
