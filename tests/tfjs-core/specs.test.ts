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

/** Both sets of kernels are tried, whichever this processor would get; see lib/runtime/processor.ts. */
type Kernels = 'oneDNN' | 'own';

/** TensorFlow's own kernel refuses the same call in other words. */
const OWN_WORDS = ['depthwiseConv2d gradients test-tensorflow {} throws error on dilations > 1'];

function runSpecs(subject: 'addon' | 'runtime', kernels: Kernels): Result {
  const script = path.join(__dirname, 'run-specs.ts');
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, subject], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LAB_DEVICE: process.env.LAB_DEVICE ?? 'cpu',
      TF_ENABLE_ONEDNN_OPTS: kernels === 'oneDNN' ? '1' : '0',
    },
    maxBuffer: 64 << 20,
  });
  const last = stdout.trimEnd().split('\n').pop() ?? '';
  assert.ok(
    last.startsWith('{'),
    `the specs did not run to their end:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
  );
  return JSON.parse(last);
}

for (const kernels of ['oneDNN', 'own'] as const) {
  const known = kernels === 'own' ? [...KNOWN, ...OWN_WORDS] : KNOWN;

  test(`the addon passes tfjs-core\u2019s specs, all but one, with ${kernels} kernels`, t => {
    const { passed, failures, leftOut } = runSpecs('addon', kernels);
    t.diagnostic(
      `note: tfjs-core's specs on the addon, ${kernels}: ${passed} pass, ${failures.length} fail, ${leftOut} do not apply`,
    );
    assert.deepEqual(
      failures.filter(({ name }) => !known.includes(name)),
      [],
    );
    assert.ok(passed >= 3876, `${passed} specs passed, expected 3,876 or more`);
  });

  test(`lib/runtime\u2019s tf differs from that in the words of three errors only, with ${kernels} kernels`, t => {
    const { passed, failures } = runSpecs('runtime', kernels);
    t.diagnostic(`note: tfjs-core's specs on lib/runtime, ${kernels}: ${passed} pass, ${failures.length} fail`);
    assert.deepEqual(
      failures.filter(({ name }) => ![...known, ...OTHER_WORDS].includes(name)),
      [],
    );
    assert.ok(passed >= 3873, `${passed} specs passed, expected 3,873 or more`);
  });
}
