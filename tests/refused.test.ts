/** The tables of refusals are whole: every function with numbers or shapes to go wrong stands in one of them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** Files of lib whose exports are asked for, the table that must name them, and what has neither a setting nor two shapes. */
const TABLES: [files: string[], table: string, free: string[]][] = [
  [
    ['nn/functions', 'nn/attention', 'nn/init', 'nn/layers', 'nn/norm', 'nn/optimisers', 'nn/ema'],
    'nn/refusals.test.ts',
    [
      'silu',
      'gelu',
      'geluTanh',
      'stopGradient',
      'Layer',
      'Sequential',
      'Optimiser',
      'mergeHeads',
      'attentionMaps',
      'zeros',
      'variable',
      'globalNorm',
      'valuesAndGradients',
    ],
  ],
  [
    ['diffusion/schedule', 'diffusion/prediction', 'diffusion/guidance', 'diffusion/samplers', 'diffusion/windows'],
    'diffusion/refusals.test.ts',
    ['fromBeta', 'expectTime', 'conditioned', 'partOf'],
  ],
  [
    [
      'probability/bayes',
      'probability/distributions',
      'probability/divergences',
      'probability/importance',
      'probability/linear-gaussian',
      'probability/multivariate',
      'probability/numeric',
    ],
    'probability/refusals.test.ts',
    [
      'updates',
      'checkProbabilities',
      'BIT',
      'entropy',
      'klDivergence',
      'klNormal',
      'klMultivariate',
      'logSumExp',
      'sum',
      'estimateOf',
      'normalCdf',
    ],
  ],
  [
    [
      'models/vae',
      'models/autoencoder',
      'models/autoencoder-kl',
      'models/gpt',
      'models/llama',
      'models/rnn',
      'models/bert',
      'models/t5',
      'models/decoder',
      'models/sampling',
      'models/vit',
      'models/clip',
      'models/unet',
      'models/dit',
      'models/conditional-unet',
      'models/resnet',
      'models/dcgan',
      'models/linear',
      'models/classifier',
    ],
    'models/refusals.test.ts',
    [
      'ClipTextModel',
      'Recurrent',
      'ropeFrequencies',
      'distanceBucket',
      'PrincipalComponents',
      'uShape',
      'downHalf',
      'steered',
      'blocksOf',
      'shapeOfBlocks',
      'DownBlock',
      'MidBlock',
      'UpBlock',
      'discriminatorLoss',
      'generatorLoss',
      'saturatingGeneratorLoss',
    ],
  ],
  [['training/policy'], 'training/policy.test.ts', []],
  [['models/rollouts', 'models/grpo', 'models/pair-solver'], 'models/grpo.test.ts', ['verdictOf']],
];

for (const [files, table, free] of TABLES) {
  test(`${table} names every function and class of ${files.length} files`, () => {
    const text = fs.readFileSync(path.join(__dirname, table), 'utf8');
    const missing = files.flatMap(file => {
      const exported = require(path.join(__dirname, '../lib', file)) as Record<string, unknown>;
      const functions = Object.keys(exported).filter(name => typeof exported[name] === 'function');
      return functions.filter(name => !free.includes(name) && !new RegExp(`\\b${name}\\b`).test(text));
    });
    assert.deepEqual(missing, [], 'add what is wrong for them to the table, or name them as free');
  });
}
