import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type NdArray, readNpy, readNpz, writeNpy, writeNpz } from '../../lib/formats';
import { newFolder } from '../folder';
import { runPython } from './python';

const folder = newFolder('numpy');
const at = (name: string) => path.join(folder, name);

const samples: Record<string, NdArray> = {
  float32: { dtype: 'float32', shape: [2, 3], data: Float32Array.from([0.1, -2, 3e38, 1e-40, Number.NaN, Infinity]) },
  float64: { dtype: 'float64', shape: [3], data: Float64Array.from([Math.PI, -0, 5e-324]) },
  float16: { dtype: 'float16', shape: [5], data: Float32Array.from([0.5, -1.25, 65504, 2 ** -24, -0]) },
  int64: { dtype: 'int64', shape: [2, 1], data: BigInt64Array.from([-(2n ** 63n), 2n ** 53n + 1n]) },
  uint64: { dtype: 'uint64', shape: [1], data: BigUint64Array.from([2n ** 64n - 1n]) },
  int32: { dtype: 'int32', shape: [], data: Int32Array.from([-7]) },
  int16: { dtype: 'int16', shape: [1, 2], data: Int16Array.from([-300, 300]) },
  uint8: { dtype: 'uint8', shape: [0, 4], data: new Uint8Array(0) },
  bool: { dtype: 'bool', shape: [2, 2], data: Uint8Array.from([1, 0, 0, 1]) },
};

/** In Python: the same arrays, as name → array. */
const reference = `
import numpy as np, sys, json
inf = float('inf'); nan = float('nan')
arrays = {
  'float32': np.array([[0.1, -2, 3e38], [1e-40, nan, inf]], 'float32'), 'float64': np.array([np.pi, -0.0, 5e-324]),
  'float16': np.array([0.5, -1.25, 65504, 2.0**-24, -0.0], 'float16'), 'int64': np.array([[-2**63], [2**53+1]], 'int64'),
  'uint64': np.array([2**64-1], 'uint64'), 'int32': np.array(-7, 'int32'), 'int16': np.array([[-300, 300]], 'int16'),
  'uint8': np.zeros((0, 4), 'uint8'), 'bool': np.array([[True, False], [False, True]]),
}
same = lambda a, b: a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
`;

test('what we write, NumPy reads: every dtype, bit for bit, and the header is the one NumPy writes', () => {
  for (const [name, array] of Object.entries(samples)) writeNpy(at(`ours-${name}.npy`), array);
  const wrong = runPython(
    `${reference}
import os
for name, a in arrays.items():
    np.save(sys.argv[1] + '/theirs.npy', a)
    ours = open(f'{sys.argv[1]}/ours-{name}.npy', 'rb').read()
    if not same(np.load(f'{sys.argv[1]}/ours-{name}.npy'), a): print(name, 'differs')
    if name != 'float32' and ours != open(sys.argv[1] + '/theirs.npy', 'rb').read(): print(name, 'bytes differ')
`,
    folder,
  );
  assert.equal(wrong, '');
});

test('what NumPy writes, we read: every dtype, Fortran order, big-endian, header versions 1 to 3', () => {
  runPython(
    `${reference}
for name, a in arrays.items(): np.save(f'{sys.argv[1]}/{name}.npy', a)
np.save(sys.argv[1] + '/fortran.npy', np.asfortranarray(np.arange(24, dtype='int32').reshape(2, 3, 4)))
np.save(sys.argv[1] + '/big.npy', np.arange(6, dtype='>f8').reshape(2, 3))
for version in (2, 3):
    with open(f'{sys.argv[1]}/version{version}.npy', 'wb') as f:
        np.lib.format.write_array(f, np.arange(3, dtype='float32'), version=(version, 0))
`,
    folder,
  );
  for (const [name, array] of Object.entries(samples)) assert.deepEqual(readNpy(at(`${name}.npy`)), array);
  const counting = Int32Array.from({ length: 24 }, (_, i) => i);
  assert.deepEqual(readNpy(at('fortran.npy')), { dtype: 'int32', shape: [2, 3, 4], data: counting });
  assert.deepEqual([...readNpy(at('big.npy')).data], [0, 1, 2, 3, 4, 5]);
  for (const version of [2, 3]) assert.deepEqual([...readNpy(at(`version${version}.npy`)).data], [0, 1, 2]);
});

test('npz goes both ways, stored and deflated', () => {
  writeNpz(at('ours.npz'), samples);
  writeNpz(at('ours-small.npz'), samples, { compress: true });
  const wrong = runPython(
    `${reference}
for file in ('ours.npz', 'ours-small.npz'):
    with np.load(sys.argv[1] + '/' + file) as z:
        if sorted(z.files) != sorted(arrays): print(file, z.files)
        for name, a in arrays.items():
            if not same(z[name], a): print(file, name)
np.savez(sys.argv[1] + '/theirs.npz', **arrays)
np.savez_compressed(sys.argv[1] + '/theirs-small.npz', **arrays)
`,
    folder,
  );
  assert.equal(wrong, '');
  assert.deepEqual(readNpz(at('theirs.npz')), samples);
  assert.deepEqual(readNpz(at('theirs-small.npz')), samples);
  assert.deepEqual(readNpz(at('ours-small.npz')), samples);
});

test('errors name what is wrong and the way out', () => {
  runPython(
    `
import numpy as np, sys
np.save(sys.argv[1] + '/text.npy', np.array(['a']))
np.save(sys.argv[1] + '/object.npy', np.array([None], object), allow_pickle=True)
np.save(sys.argv[1] + '/complex.npy', np.array([1j]))
`,
    folder,
  );
  for (const name of ['text', 'object', 'complex'])
    assert.throws(() => readNpy(at(`${name}.npy`)), /not supported.*astype/);
  assert.throws(() => readNpy(at('missing.npy')), /no \.npy file at .*missing/);
  fs.writeFileSync(at('noise.npy'), 'hello there, this is text');
  assert.throws(() => readNpy(at('noise.npy')), /not a \.npy file/);
  writeNpy(at('whole.npy'), samples.float32);
  const bytes = fs.readFileSync(at('whole.npy'));
  for (const length of [0, 5, 9, 60, bytes.length - 1]) {
    fs.writeFileSync(at('cut.npy'), bytes.subarray(0, length));
    assert.throws(() => readNpy(at('cut.npy')), /cut short|not a \.npy/, `length ${length}`);
  }
  const brain: NdArray = { dtype: 'bfloat16', shape: [1], data: new Float32Array(1) };
  assert.throws(() => writeNpy(at('x.npy'), brain), /NumPy has no bfloat16/);
  assert.throws(() => writeNpy(at('x.npy'), { ...samples.float32, shape: [7] }), /needs 7 elements, got 6/);
});

test('a damaged npz is refused, wherever it is cut or changed, with the names of file and entry', () => {
  for (const compress of [true, false]) {
    writeNpz(at('whole.npz'), { a: samples.float64, b: samples.int16 }, { compress });
    const bytes = fs.readFileSync(at('whole.npz'));
    for (let length = 0; length < bytes.length; length += 7) {
      fs.writeFileSync(at('cut.npz'), bytes.subarray(0, length));
      assert.throws(() => readNpz(at('cut.npz')), /cut\.npz: .*cut short or damaged/);
    }
    const flipped = Buffer.from(bytes);
    flipped[bytes.indexOf('a.npy') + 40] ^= 1;
    fs.writeFileSync(at('flipped.npz'), flipped);
    assert.throws(() => readNpz(at('flipped.npz')), /flipped\.npz: a\.npy: .*damaged/);
  }
});

test('npz: zip64, notes, folders and a file before it as Python writes them; an encrypted entry is refused', () => {
  runPython(
    `
import io, sys, zipfile
import numpy as np
def npy(x):
    out = io.BytesIO()
    np.save(out, x)
    return out.getvalue()
def write(name, limit, start=b''):
    zipfile.ZIP64_LIMIT = limit  # so small that everything becomes zip64
    with open(f'{sys.argv[1]}/{name}.npz', 'wb') as f:
        f.write(start)
        with zipfile.ZipFile(f, 'w', zipfile.ZIP_DEFLATED) as z:
            z.comment = b'a note'
            z.writestr('folder/', '')
            z.writestr('folder/x.npy', npy(np.arange(300, dtype='int32')))
            z.writestr('读我.txt', 'read me')
            z.writestr('empty.npy', npy(np.zeros((0, 2))))
write('large', 5)
write('behind', 2**31, b'#!a program that unpacks itself')
`,
    folder,
  );
  const counting = Int32Array.from({ length: 300 }, (_, i) => i);
  for (const name of ['large', 'behind']) {
    const arrays = readNpz(at(`${name}.npz`));
    assert.deepEqual(Object.keys(arrays), ['folder/x', 'empty']);
    assert.deepEqual(arrays['folder/x'].data, counting);
    assert.deepEqual(arrays.empty.shape, [0, 2]);
  }
  writeNpz(at('secret.npz'), { a: samples.float64 });
  const bytes = fs.readFileSync(at('secret.npz'));
  for (const signature of ['PK\x03\x04', 'PK\x01\x02'])
    bytes[bytes.indexOf(signature, 0, 'latin1') + (signature[2] === '\x03' ? 6 : 8)] |= 1;
  fs.writeFileSync(at('secret.npz'), bytes);
  assert.throws(() => readNpz(at('secret.npz')), /secret\.npz: a\.npy: .*[Pp]assword/);
});

test('sizes that are none, names that no archive keeps, numbers that a half cannot hold, folders', () => {
  writeNpy(at('sizes.npy'), samples.float32);
  const bytes = fs.readFileSync(at('sizes.npy')).toString('latin1');
  for (const shape of ['(3 4)', '(2,,3)', '(L,)', '(,)', '(3,4 5)', '(2LL,)', '(,2)']) {
    const changed = bytes.replace(/'shape': \([^)]*\), }( *)/, (all, spaces) =>
      `'shape': ${shape}, }${spaces}`.padEnd(all.length).slice(0, all.length),
    );
    fs.writeFileSync(at('sizes.npy'), changed, 'latin1');
    assert.throws(() => readNpy(at('sizes.npy')), /the header is not NumPy's/, shape);
  }
  for (const name of ['../up', '/root', 'a/../../b'])
    assert.throws(
      () => writeNpz(at('names.npz'), { [name]: samples.int16 }),
      /must be a name that zip archives keep/,
      name,
    );
  const large: NdArray = { dtype: 'float16', shape: [2], data: Float32Array.from([1, -65520]) };
  assert.throws(() => writeNpy(at('large.npy'), large), /float16 holds numbers up to 65504, got -65520/);
  assert.throws(() => writeNpz(at('large.npz'), { large }), /float16 holds/);
  const infinite = Float32Array.from([Number.POSITIVE_INFINITY, 65519]);
  writeNpy(at('large.npy'), { ...large, data: infinite });
  assert.deepEqual([...readNpy(at('large.npy')).data], [Number.POSITIVE_INFINITY, 65504]);
  fs.writeFileSync(
    at('flags.npy'),
    bytes.replace('<f4', '|b1').replace(/.{8}$/s, '\x00\x01\x02\xff\x00\x07\x01\x80'),
    'latin1',
  );
  assert.ok([...readNpy(at('flags.npy')).data].every(value => value === 0 || value === 1));
  assert.throws(() => readNpy(folder), /is a folder, expected a \.npy file/);
  assert.throws(() => readNpz(folder), /is a folder, expected a \.npz file/);
});

test('equal arrays give equal npz files, and their names may be any', () => {
  const odd = { 'a/b': samples.int16, __proto__x: samples.int32, 名字: samples.bool };
  for (const name of ['one.npz', 'two.npz']) writeNpz(at(name), odd, { compress: true });
  assert.deepEqual(fs.readFileSync(at('one.npz')), fs.readFileSync(at('two.npz')));
  assert.deepEqual(readNpz(at('one.npz')), odd);
  assert.equal(
    runPython('import numpy as np, sys; print(sorted(np.load(sys.argv[1])))', at('one.npz')),
    "['__proto__x', 'a/b', '名字']",
  );
});

test('a write that fails leaves the old file and no debris', () => {
  writeNpy(at('keep.npy'), samples.float64);
  const before = fs.readFileSync(at('keep.npy'));
  assert.throws(() => writeNpy(at('keep.npy'), { ...samples.float64, data: new Float32Array(3) }));
  assert.deepEqual(fs.readFileSync(at('keep.npy')), before);
  assert.ok(!fs.readdirSync(folder).some(name => name.endsWith('.part')));
});
