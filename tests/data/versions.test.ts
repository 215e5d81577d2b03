import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareVersions, cudaDrivers, fitOf, tensorflowBuilds } from '../../lib/data';

const version = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 4 });

describe('versions', () => {
  test('are ordered number by number, whatever they are', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const [x, y] = [a, b].map(parts => parts.join('.'));
        const weight = (parts: number[]) =>
          Array.from({ length: 4 }, (_, i) => parts[i] ?? 0).reduce((sum, n) => sum * 1000 + n, 0);
        assert.equal(Math.sign(compareVersions(x, y)), Math.sign(weight(a) - weight(b)));
        assert.equal(Math.sign(compareVersions(y, x)), -Math.sign(compareVersions(x, y)) + 0);
      }),
    );
  });

  test('with letters behind them count by their numbers', () => assert.equal(compareVersions('2.9.1+cpu', '2.9.1'), 0));
});

describe('the tables', () => {
  test('are those whose checksums stand in datasets/README.md', () => {
    const folder = path.join(__dirname, '../../datasets');
    const readme = fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
    for (const name of ['tensorflow-builds.csv', 'cuda-drivers.csv']) {
      const md5 = createHash('md5')
        .update(fs.readFileSync(path.join(folder, name)))
        .digest('hex');
      assert.ok(readme.includes(`| \`${name}\` | \`${md5}\` |`), `${name} ${md5}`);
    }
  });

  test('have every minor release of TensorFlow 2 once, newest first, and a driver for each CUDA since 11', () => {
    const builds = tensorflowBuilds();
    assert.deepEqual(
      builds.map(row => Number(row.tensorflow.split('.')[1])),
      Array.from({ length: 22 }, (_, i) => 21 - i),
    );
    const major = (cuda: string) => Number(cuda.split('.')[0]);
    for (const { cuda, tensorflow } of builds.filter(row => major(row.cuda) >= 11))
      assert.ok(
        cudaDrivers().some(row => Number(row.cuda) === major(cuda)),
        tensorflow,
      );
  });
});

describe('fitOf', () => {
  const of = (Python: string, cuda?: string, cudnn?: string, driver?: string, TensorFlow = '2.21.0') =>
    fitOf(
      Object.entries({ TensorFlow, Python, 'CUDA libraries': cuda, cuDNN: cudnn, 'NVIDIA driver': driver }).map(
        ([name, v]) => ({ name, version: v }),
      ),
    ).map(({ fits }) => fits);

  test('newer minor versions serve, another major version does not', () => {
    assert.deepEqual(of('3.11.7', '12.5.82', '9.3.0', '550.54.14'), [true, true, true, true]);
    assert.deepEqual(of('3.13.0', '12.9.79', '9.28.0.42', '525.60.13'), [true, true, true, true]);
    assert.deepEqual(of('3.14.0', '13.0.96', '8.9.7', '470.199.02'), [false, false, false, false]);
    assert.deepEqual(of('3.9.18', '12.4.127', '10.0.0', '525.60.12'), [false, false, false, false]);
  });

  test('what is not there is neither', () => assert.deepEqual(of('3.12'), [true, undefined, undefined, undefined]));

  test('an older TensorFlow has its own line', () =>
    assert.deepEqual(of('3.9', '11.8', '8.7', '450.80.02', '2.14.1'), [true, true, true, true]));

  test('a TensorFlow that the table does not have is named', () => {
    assert.throws(
      () => of('3.12', '12', '9', '600', '3.0.0'),
      /no line for TensorFlow 3\.0\.0 in datasets\/tensorflow-builds\.csv/,
    );
    assert.throws(() => fitOf([]), /no line for TensorFlow none/);
  });
});
