/** tfjs-core's own specs pass on the addon that set-up compiled, and on the kernels that lib/runtime puts in their place. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

interface Result {
  passed: number;
  failed: number;
  leftOut: number;
  failures: { name: string; message: string }[];
}

/** TensorFlow itself rounds large int32 wrongly. */
const KNOWN = ['round test-tensorflow {} int32'];
/** lib/runtime's gather leaves the checks to TensorFlow, which words them otherwise. */
const OTHER_WORDS = [
  'gather test-tensorflow {} throws when batch dims greater than axis',
  'gather test-tensorflow {} throws when batch dims greater than indices rank',
  'gather test-tensorflow {} throws when index is out of bound',
];

function runSpecs(subject: 'addon' | 'runtime'): Result {
  const script = path.join(__dirname, 'run-specs.ts');
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, subject], {
    encoding: 'utf8',
    env: { ...process.env, LAB_DEVICE: process.env.LAB_DEVICE ?? 'cpu' },
    maxBuffer: 64 << 20,
  });
  const last = stdout.trimEnd().split('\n').pop() ?? '';
  assert.ok(
    last.startsWith('{'),
    `the specs did not run to their end:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
  );
  return JSON.parse(last);
}

test('the addon passes 3,876 of tfjs-core\u2019s specs or more', t => {
  const { passed, failures, leftOut } = runSpecs('addon');
  t.diagnostic(
    `note: tfjs-core's specs on the addon: ${passed} pass, ${failures.length} fail, ${leftOut} do not apply`,
  );
  assert.deepEqual(
    failures.filter(({ name }) => !KNOWN.includes(name)),
    [],
  );
  assert.ok(passed >= 3876, `${passed} specs passed, expected 3,876 or more`);
});

test('lib/runtime\u2019s tf differs from that in the words of three errors only', t => {
  const { passed, failures } = runSpecs('runtime');
  t.diagnostic(`note: tfjs-core's specs on lib/runtime: ${passed} pass, ${failures.length} fail`);
  assert.deepEqual(
    failures.filter(({ name }) => ![...KNOWN, ...OTHER_WORDS].includes(name)),
    [],
  );
  assert.ok(passed >= 3873, `${passed} specs passed, expected 3,873 or more`);
});
