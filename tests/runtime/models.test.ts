import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Module } from '../../lib/nn';
import { OF_BLOCKS, testSteps } from './equal-steps';
import { TRAINEES } from './model-steps';

testSteps(Object.keys(TRAINEES).filter(name => !OF_BLOCKS.includes(name)));

/** Files of lib/models in which nothing is trained: data, mathematics, pipelines of other files' nets. */
const UNTRAINED =
  'atlas atlas-language atlas-model atlas-pictures decoder digits emoji grpo index language-model linear llama-files lora-files mmdit-files original-names painters stable-diffusion-folder stable-diffusion-xl pair-solver portions pretrained rollouts sampling tang stable-diffusion stable-diffusion-settings weight-files'.split(
    ' ',
  );

test('every net of lib/models is among them', () => {
  const nets = Object.values(TRAINEES).flatMap(make => make().modules);
  const covered = nets.flatMap(net => [net, ...net.namedModules().map(([, inner]) => inner)]);
  const folder = path.join(__dirname, '..', '..', 'lib', 'models');
  for (const file of readdirSync(folder)) {
    const name = path.basename(file, '.ts');
    if (UNTRAINED.includes(name)) continue;
    const classes = Object.values(require(path.join(folder, file)) as Record<string, unknown>).filter(
      (each): each is new () => Module => typeof each === 'function' && each.prototype instanceof Module,
    );
    assert.ok(classes.length > 0, `${file} has no net: if it trains nothing, add it to UNTRAINED`);
    const missing = classes.filter(each => !covered.some(module => module instanceof each));
    assert.deepEqual(
      missing.map(each => each.name),
      [],
      `${file}: no step in model-steps.ts`,
    );
  }
});
