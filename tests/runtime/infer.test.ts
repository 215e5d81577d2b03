/** Runs without numbers where TensorFlow isn't: its figures for the models of the atlas and for steps, its refusals, and nothing is left or lost. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { ATLAS, survey } from '../../lib/models';
import { dryRefusals, drySteps } from './programs/dry-steps';

/** Every third model, so that all families are there and the test stays short. */
const CHOSEN = ATLAS.filter((_, i) => i % 3 === 0);

test('without TensorFlow’s library a dry run counts what TensorFlow counts, and leaves weights and engine as they were', () => {
  const program = path.join(__dirname, 'programs', 'dry-runs.ts');
  const argv = ['--import', 'tsx', program, JSON.stringify(CHOSEN.map(({ name }) => name))];
  const env = { ...process.env, LAB_DEVICE: 'wasm' };
  const told = JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8', env }));
  assert.deepEqual(
    told.surveys,
    CHOSEN.map(model => survey(model)),
  );
  assert.deepEqual(told.steps, drySteps());
  assert.deepEqual(told.refusals, dryRefusals());
  for (const [name, why] of Object.entries(told.refusals as Record<string, string>))
    assert.match(why, /depends on values|string|reads a value/, name);
  assert.equal(told.left, 0);
  assert.deepEqual(told.outputs, [[2, 5]]);
  assert.deepEqual(told.again, told.first);
  assert.equal(told.backend, 'wasm');
});
