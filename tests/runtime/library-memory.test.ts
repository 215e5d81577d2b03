/** What loading TensorFlow leaves in memory: its own data, not the pages of its file that were needed once. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { inProject } from '../../scripts/setup/paths';

const SCRIPT = `
require('./lib/runtime');
const maps = require('fs').readFileSync('/proc/self/smaps', 'utf8').split(/(?=^[0-9a-f]+-[0-9a-f]+ )/m);
const library = maps.filter(map => map.split('\\n')[0].includes('libtensorflow'));
const kB = (field, map) => Number(new RegExp('^' + field + ':\\\\s+(\\\\d+)', 'm').exec(map)[1]);
const sum = field => library.reduce((total, map) => total + kB(field, map), 0) / 1024;
const before = { mapped: sum('Size'), resident: sum('Rss') };
const { tf } = require('./lib/runtime');
const value = tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).sum().dataSync()[0];
console.log(JSON.stringify({ ...before, value }));
`;

test('pages of the library that only loading needed are let go', { skip: process.platform !== 'linux' }, () => {
  const tsx = inProject('node_modules', 'tsx', 'dist', 'loader.mjs');
  const output = execFileSync(process.execPath, ['--import', tsx, '-e', SCRIPT], {
    cwd: inProject(),
    env: { ...process.env, LAB_DEVICE: 'cpu' },
    encoding: 'utf8',
  });
  const { mapped, resident, value } = JSON.parse(output.trim().split('\n').at(-1)!);
  assert.equal(value, 512);
  assert.ok(mapped > 300, `only ${mapped} MiB of the library are mapped: is it another one?`);
  assert.ok(resident < 0.25 * mapped, `${resident} of ${mapped} MiB are in memory`);
});
