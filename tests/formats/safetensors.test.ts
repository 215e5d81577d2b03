import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fromTensor, type NdArray, readSafetensors, toTensor, writeSafetensors } from '../../lib/formats';
import { halfToNumber, numberToHalf } from '../../lib/formats/dtypes';
import { tf } from '../../lib/runtime';
import { newFolder } from '../folder';
import { runPython } from './python';

const folder = newFolder('safetensors');
const at = (name: string) => path.join(folder, name);

const samples: Record<string, NdArray> = {
  'layer.0.weight': { dtype: 'float32', shape: [2, 2], data: Float32Array.from([1, -2, 0.5, 1e-38]) },
  'layer.0.half': { dtype: 'float16', shape: [2], data: Float32Array.from([0.333251953125, -65504]) },
  'layer.1.double': { dtype: 'float64', shape: [1], data: Float64Array.from([Math.E]) },
  step: { dtype: 'int64', shape: [], data: BigInt64Array.from([-9007199254740993n]) },
  ids: { dtype: 'int32', shape: [3], data: Int32Array.from([1, -1, 0]) },
  pixels: { dtype: 'uint8', shape: [1, 3], data: Uint8Array.from([0, 128, 255]) },
  mask: { dtype: 'bool', shape: [3], data: Uint8Array.from([1, 0, 1]) },
  变量: { dtype: 'float32', shape: [0], data: new Float32Array(0) },
};
const reference = `
import numpy as np, sys
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
arrays = {
  'layer.0.weight': np.array([[1, -2], [0.5, 1e-38]], 'float32'), 'layer.0.half': np.array([1/3, -65504], 'float16'),
  'layer.1.double': np.array([np.e]), 'step': np.array(-9007199254740993, 'int64'), 'ids': np.array([1, -1, 0], 'int32'),
  'pixels': np.array([[0, 128, 255]], 'uint8'), 'mask': np.array([True, False, True]), '变量': np.zeros(0, 'float32'),
}
`;

test('goes both ways with the safetensors package, and gives the very same bytes', () => {
  writeSafetensors(at('ours.safetensors'), samples);
  writeSafetensors(at('noted.safetensors'), samples, { seed: '42', note: '手写数字' });
  const wrong = runPython(
    `${reference}
loaded = load_file(sys.argv[1] + '/ours.safetensors')
if sorted(loaded) != sorted(arrays): print(sorted(loaded))
for name, a in arrays.items():
    b = loaded[name]
    if a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes(): print(name, 'differs')
with safe_open(sys.argv[1] + '/noted.safetensors', 'np') as f:
    if f.metadata() != {'seed': '42', 'note': '手写数字'}: print(f.metadata())
save_file(arrays, sys.argv[1] + '/theirs.safetensors', metadata={'made': 'by Python'})
save_file(arrays, sys.argv[1] + '/plain.safetensors')
`,
    folder,
  );
  assert.equal(wrong, '');
  assert.deepEqual(readSafetensors(at('theirs.safetensors')), { tensors: samples, metadata: { made: 'by Python' } });
  assert.deepEqual(fs.readFileSync(at('ours.safetensors')), fs.readFileSync(at('plain.safetensors')));
});

test('bfloat16 from ml_dtypes is read without loss and written rounded to the nearest', () => {
  const values = Array.from({ length: 2000 }, (_, i) => Math.sin(i * 7.1) * 10 ** ((i % 60) - 30));
  const printed = runPython(
    `
import numpy as np, sys, json, ml_dtypes
from safetensors.numpy import save_file
x = np.array(json.loads(sys.argv[2]), 'float32').astype(ml_dtypes.bfloat16)
save_file({'x': x}, sys.argv[1] + '/brain.safetensors')
print(json.dumps(x.astype('float32').tolist()))
`,
    folder,
    JSON.stringify(values),
  );
  const expected = Float32Array.from(JSON.parse(printed) as number[]);
  assert.deepEqual(readSafetensors(at('brain.safetensors')).tensors.x.data, expected);
  const x: NdArray = { dtype: 'bfloat16', shape: [values.length], data: Float32Array.from(values) };
  writeSafetensors(at('ours-brain.safetensors'), { x });
  assert.deepEqual(fs.readFileSync(at('ours-brain.safetensors')), fs.readFileSync(at('brain.safetensors')));
});

test('all 65,536 halves survive the trip; rounding agrees with NumPy, ties and subnormals included', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfToNumber(bits);
    if (!Number.isNaN(value)) assert.equal(numberToHalf(value), bits);
  }
  const grid = [
    1e-8,
    2 ** -25,
    2 ** -24,
    1.5 * 2 ** -24,
    2.5 * 2 ** -24,
    6.1e-5,
    1 / 3,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    2049,
    2051,
  ];
  const values = [
    ...grid,
    65504,
    65519,
    65520,
    1e9,
    ...Array.from({ length: 3000 }, (_, i) => Math.exp(Math.sin(i) * 12)),
  ];
  const printed = runPython(
    'import numpy as np, sys, json; print(np.array(json.loads(sys.argv[1])).astype("float16").view("uint16").tolist())',
    JSON.stringify(values),
  );
  assert.deepEqual(values.map(numberToHalf), JSON.parse(printed));
});

test('cut short, with gaps, of unknown type, or no safetensors at all: refused with the reason', () => {
  writeSafetensors(at('whole.safetensors'), samples);
  const bytes = fs.readFileSync(at('whole.safetensors'));
  for (const length of [0, 7, 8, 100, bytes.length - 1]) {
    fs.writeFileSync(at('cut.safetensors'), bytes.subarray(0, length));
    assert.throws(() => readSafetensors(at('cut.safetensors')), /cut short|too few/, `length ${length}`);
  }
  fs.writeFileSync(at('long.safetensors'), Buffer.concat([bytes, Buffer.from('x')]));
  assert.throws(() => readSafetensors(at('long.safetensors')), /1 bytes after the last tensor/);
  fs.writeFileSync(at('text.safetensors'), 'these are no weights');
  assert.throws(() => readSafetensors(at('text.safetensors')), /not a safetensors file/);
  const write = (header: object, body = '') => {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeUInt32LE(text.length);
    fs.writeFileSync(at('odd.safetensors'), Buffer.concat([length, text, Buffer.from(body)]));
    return () => readSafetensors(at('odd.safetensors'));
  };
  assert.throws(write({ a: { dtype: 'F8_E4M3', shape: [1], data_offsets: [0, 1] } }, 'x'), /F8_E4M3 is not supported/);
  assert.throws(write({ a: { dtype: 'U8', shape: [1], data_offsets: [1, 2] } }, 'xx'), /gap or an overlap/);
  assert.throws(
    write({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 2] } }, 'xx'),
    /needs 4 bytes, the header says 2/,
  );
});

test('names that no reader would find again are refused, and any other comes back', () => {
  const w: NdArray = { dtype: 'float32', shape: [1], data: Float32Array.from([1]) };
  const file = at('names.safetensors');
  const write = (...names: string[]) => writeSafetensors(file, Object.fromEntries(names.map(name => [name, w])));
  assert.throws(() => write('__metadata__'), /"__metadata__" must be no tensor/);
  assert.throws(() => write('half \ud83d'), /holds half of a character/);
  assert.throws(() => writeSafetensors(file, { w }, { note: '\ude00' }), /holds half of a character/);
  const names = ['', '__proto__', 'constructor', '名 😀', 'a\u0000b'];
  write(...names);
  assert.deepEqual(Object.keys(readSafetensors(file).tensors).sort(), [...names].sort());
});

test('tensors to stored arrays and back', () => {
  tf.tidy(() => {
    const x = tf.tensor2d([
      [1.5, 2],
      [3, 4],
    ]);
    assert.deepEqual(toTensor(fromTensor(x)).arraySync(), x.arraySync());
    const mask = tf.tensor1d([true, false], 'bool');
    assert.equal(toTensor(fromTensor(mask)).dtype, 'bool');
    assert.deepEqual(toTensor(samples['layer.1.double']).dataSync(), Float32Array.from([Math.E]));
    assert.throws(() => toTensor(samples.step), /does not fit/);
  });
});
