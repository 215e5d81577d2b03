/** The layers of a machine are found where they lie; everything here is made up in a folder. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { findStack, onPath, sitePackages, versionOf } from '../../lib/runtime/stack';
import { newFolder } from '../folder';

const GPU = { name: 'NVIDIA GeForce RTX 4070', driver: '550.54.14', memoryMiB: 12282 };

/** An environment with these distributions, as pip and uv leave them. */
function environment(config: string, ...distributions: string[]): string {
  const venv = newFolder('venv');
  fs.writeFileSync(path.join(venv, 'pyvenv.cfg'), config);
  for (const name of distributions)
    fs.mkdirSync(path.join(venv, 'lib/python3.12/site-packages', `${name}.dist-info`), { recursive: true });
  return venv;
}

function program(folder: string, name: string, says: string): void {
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
}

const versions = (options: Parameters<typeof findStack>[0]) =>
  Object.fromEntries(findStack(options).map(({ name, version, place }) => [name, version && `${version} ${place}`]));

describe('the stack', () => {
  test('of a machine with a card: libraries of packages, a toolkit on the PATH, TensorRT of the system', () => {
    const [tools, libraries] = [newFolder('tools'), newFolder('libraries')];
    program(tools, 'nvcc', 'Cuda compilation tools, release 13.0, V13.0.88');
    program(tools, 'micromamba', '2.3.1');
    fs.writeFileSync(path.join(libraries, 'libnvinfer.so.10.9.0'), '');
    fs.writeFileSync(path.join(libraries, 'libnvinfer.so.10'), '');
    const venv = environment(
      'home = /usr/bin\nversion = 3.12.4\n',
      'tensorflow-2.21.0',
      'nvidia_cuda_runtime_cu12-12.9.79',
      'nvidia_cudnn_cu12-9.28.0.42',
      'tensorflow_io-0.37.1',
    );
    const env = { PATH: `${tools}${path.delimiter}/bin`, LD_LIBRARY_PATH: libraries, CUDA_HOME: '/nowhere' };
    assert.deepEqual(versions({ venv, gpus: [GPU], env }), {
      'NVIDIA driver': '550.54.14 system',
      'CUDA toolkit': '13.0 PATH',
      'CUDA libraries': '12.9.79 .venv',
      cuDNN: '9.28.0.42 .venv',
      TensorRT: '10.9.0 system',
      TensorFlow: '2.21.0 .venv',
      PyTorch: undefined,
      Python: '3.12.4 .venv',
      Node: `${process.versions.node} PATH`,
      conda: '2.3.1 PATH',
    });
  });

  test('of an empty folder: every gap says what would fill it', () => {
    const layers = findStack({ venv: newFolder('nothing'), gpus: [], env: { PATH: '' } });
    const missing = layers.filter(({ version }) => version === undefined).map(({ name }) => name);
    for (const name of ['NVIDIA driver', 'TensorFlow', 'PyTorch', 'Python', 'conda'])
      assert.ok(missing.includes(name), name);
    assert.ok(layers.every(({ filledBy }) => filledBy.length > 10));
  });

  test('of an environment that uv made, and of a CPU’s TensorFlow', () => {
    const venv = environment('implementation = CPython\nversion_info = 3.11.7\n', 'tensorflow_cpu-2.21.0');
    const found = versions({ venv, gpus: [], env: { PATH: '' } });
    assert.deepEqual([found.Python, found.TensorFlow], ['3.11.7 .venv', '2.21.0 .venv']);
  });

  test('a program that fails has no version, and a folder of its name is no program', () => {
    const tools = newFolder('broken');
    fs.writeFileSync(path.join(tools, 'nvcc'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    fs.mkdirSync(path.join(tools, 'conda'));
    const found = versions({ venv: newFolder('none'), gpus: [], env: { PATH: tools } });
    assert.deepEqual([found['CUDA toolkit'], found.conda], [undefined, undefined]);
  });
});

test('onPath lists every program of a name, in the order of the PATH, and none that may not run', () => {
  const [one, two, three] = [newFolder('one 一'), newFolder('two'), newFolder('three')];
  for (const folder of [one, three]) program(folder, 'spoon', folder);
  fs.writeFileSync(path.join(two, 'spoon'), 'no program', { mode: 0o644 });
  const env = { PATH: [one, two, '', three, '/no/such/folder'].join(path.delimiter) };
  assert.deepEqual(onPath('spoon', env), [path.join(one, 'spoon'), path.join(three, 'spoon')]);
  assert.deepEqual(onPath('fork', env), []);
});

test('a version is that of the whole name', () => {
  const packages = sitePackages(environment('', 'torch-2.9.1+cpu', 'torchvision-0.24.0', 'nvidia_cudnn_cu13-9.1.0'));
  assert.equal(versionOf(packages, 'torch'), '2.9.1+cpu');
  assert.equal(versionOf(packages, 'nvidia_cudnn(?:_cu\\d+)?'), '9.1.0');
  assert.equal(versionOf(packages, 'vision'), undefined);
});
