/** Which kernels serve on which processor; the descriptions are of machines that exist. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProcessor, oneDnnSetting, parseCpuInfo, processor } from '../../lib/runtime/processor';

const cpuInfo = (model: string, flags: string) =>
  `processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: ${model}\nflags\t\t: fpu vme ${flags}\nbugs\t\t:\n\nprocessor\t: 1\n`;
const HASWELL = parseCpuInfo(cpuInfo('Intel(R) Core(TM) i5-4590 CPU @ 3.30GHz', 'sse4_2 avx fma avx2 bmi2'));
const SAPPHIRE = parseCpuInfo(cpuInfo('Intel(R) Xeon(R)', 'avx fma avx2 avx512f avx512_vnni avx512_bf16 amx_tile'));
const IVY_BRIDGE = parseCpuInfo(cpuInfo('Intel(R) Core(TM) i5-3470', 'sse4_2 avx'));
const GRAVITON = parseCpuInfo('processor\t: 0\nFeatures\t: fp asimd evtstrm sve\nCPU part\t: 0xd40\n');

test('features and model are read from /proc/cpuinfo, x86 and ARM', () => {
  assert.deepEqual(HASWELL, { model: 'Intel(R) Core(TM) i5-4590 CPU @ 3.30GHz', features: ['avx', 'avx2', 'fma'] });
  assert.deepEqual(GRAVITON, { model: '0xd40', features: ['sve', 'asimd'] });
  assert.deepEqual(parseCpuInfo('').features, []);
});

test('with AVX2 oneDNN serves; where nothing was measured TensorFlow decides', () => {
  assert.equal(oneDnnSetting(HASWELL, 'linux'), '1');
  assert.equal(oneDnnSetting(SAPPHIRE, 'linux'), '1');
  assert.equal(oneDnnSetting(IVY_BRIDGE, 'linux'), undefined);
  assert.equal(oneDnnSetting(GRAVITON, 'linux'), undefined);
  assert.equal(oneDnnSetting(HASWELL, 'darwin'), undefined);
});

test('the words name what decides', () => {
  assert.equal(describeProcessor(HASWELL, '1'), 'AVX2; kernels: oneDNN');
  assert.equal(describeProcessor(SAPPHIRE, '0'), "AVX2, AVX-512, VNNI, AMX; kernels: TensorFlow's own");
  assert.equal(describeProcessor(parseCpuInfo(''), ''), "features unknown; kernels: TensorFlow's choice");
});

test('this machine tells what it is', { skip: process.platform !== 'linux' }, () => {
  assert.ok(processor().model.length > 2);
  assert.ok(processor().features.length > 0);
});
