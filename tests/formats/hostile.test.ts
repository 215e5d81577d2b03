/** Damaged, hostile and merely unusual files: read as they are, or refused with the file's name and a reason. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type NdArray,
  openSafetensors,
  readNpy,
  readNpz,
  readSafetensors,
  writeNpy,
  writeNpz,
  writeSafetensors,
} from '../../lib/formats';
import { BatchNorm2d, loadModule, Sequential, saveModule } from '../../lib/nn';
import { newFolder } from '../folder';
import { runPython } from './python';

const folder = newFolder('hostile');
const at = (name: string) => path.join(folder, name);

/** A safetensors file of this header (as text or as bytes) and body. */
function write(header: string | Uint8Array, body: Uint8Array = new Uint8Array(0), name = 'made.safetensors'): string {
  const bytes = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  fs.writeFileSync(at(name), Buffer.concat([length, bytes, body]));
  return at(name);
}
const entry = (dtype: unknown, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });

/** Whether Python's safetensors takes the file. */
const pythonReads = (file: string): boolean =>
  runPython(
    `
import sys
from safetensors import safe_open
try:
    with safe_open(sys.argv[1], 'np') as f:
        for name in f.keys(): f.get_tensor(name)
    print('yes')
except Exception as error: print('no')`,
    file,
  ) === 'yes';

test('what is valid is read: empty tensors in any order, padding, and Python agrees', () => {
  const body = Buffer.from([1, 2, 3]);
  const full = { b: entry('U8', [3], [0, 3]) };
  const nothing = (offset: number) => entry('F32', [0, 7], [offset, offset]);
  for (const header of [
    { z: nothing(3), ...full },
    { ...full, a: nothing(0) },
    { ...full, a: nothing(0), m: nothing(0), z: nothing(3) },
    { __metadata__: { note: '"quoted" {braces}: [b]' }, ...full },
  ]) {
    const file = write(`${JSON.stringify(header)}   `, body);
    assert.deepEqual(Array.from(readSafetensors(file).tensors.b.data as Uint8Array), [1, 2, 3]);
    assert.ok(pythonReads(file), JSON.stringify(header));
  }
});

test('every fault of a header is said with the file and the tensor, never as a fault of this program', () => {
  const faults: [unknown, RegExp][] = [
    [{ a: entry('U8', [-1], [0, 0]) }, /"a": expected a shape of whole numbers from 0 up, got \[-1\]/],
    [{ a: entry('U8', [1.5], [0, 1]) }, /"a": expected a shape/],
    [{ a: entry('U8', '3', [0, 3]) }, /"a": expected a shape .* got "3"/],
    [{ a: entry('U8', ['3'], [0, 3]) }, /"a": expected a shape/],
    [{ a: entry('U8', [2 ** 40, 2 ** 40], [0, 3]) }, /more numbers than can be counted/],
    [{ a: entry('U8', [3], [3, 0]) }, /expected data_offsets \[begin, end\]/],
    [{ a: entry('U8', [3], [-3, 0]) }, /expected data_offsets/],
    [{ a: entry('U8', [3], '03') }, /expected data_offsets/],
    [{ a: entry(7, [3], [0, 3]) }, /expected a dtype such as "F32", got 7/],
    [{ a: entry('toString', [3], [0, 3]) }, /dtype toString is not supported/],
    [{ a: null }, /"a": expected a dtype/],
    [{ a: [] }, /"a": expected a dtype/],
    [{ __metadata__: { step: 5 } }, /__metadata__ must hold texts only, got {"step":5}/],
    [{ __metadata__: 'text' }, /__metadata__ must hold texts only/],
    [[], /must begin with {/],
    [5, /must begin with {/],
  ];
  for (const [header, expected] of faults) {
    const file = write(JSON.stringify(header), Buffer.from([1, 2, 3]));
    assert.throws(
      () => readSafetensors(file),
      (error: Error) => {
        assert.equal(error.constructor, Error, JSON.stringify(header));
        assert.match(error.message, expected);
        assert.ok(error.message.startsWith(file), error.message);
        return true;
      },
    );
  }
  const twice =
    '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
  assert.throws(() => readSafetensors(write(twice, Buffer.from([1]))), /names "a" twice/);
  assert.throws(() => readSafetensors(write(Buffer.from('7b22ff223a317d', 'hex'))), /no UTF-8 text/);
  assert.throws(() => writeSafetensors(at('x'), {}, { step: 5 as never }), /must hold texts only/);
  const open = openSafetensors(write('{}'));
  assert.throws(() => open.read('toString'), /made\.safetensors: no tensor "toString"/);
  open.close();
});

/** Reads, and lets nothing through but the array or an Error that names the file. */
function readsOrSays(read: () => unknown, file: string): void {
  try {
    read();
  } catch (error) {
    assert.equal((error as Error).constructor, Error, String((error as Error).stack));
    assert.ok((error as Error).message.includes(path.basename(file)), (error as Error).message);
  }
}

const mutations = fc.array(fc.record({ at: fc.nat(4000), to: fc.integer({ min: 0, max: 255 }) }), {
  minLength: 1,
  maxLength: 6,
});
const arrays: Record<string, NdArray> = {
  half: { dtype: 'float16', shape: [2, 3], data: new Float32Array(6).fill(0.5) },
  ids: { dtype: 'int64', shape: [2], data: BigInt64Array.from([1n, -2n]) },
  x: { dtype: 'float32', shape: [3, 1, 2], data: new Float32Array(6).map((_, i) => i) },
};

for (const [kind, make, read] of [
  ['safetensors', (file: string) => writeSafetensors(file, arrays, { a: 'b' }), readSafetensors],
  ['npz', (file: string) => writeNpz(file, arrays, { compress: true }), readNpz],
  ['npy', (file: string) => writeNpy(file, arrays.x), readNpy],
] as const) {
  test(`${kind}: bytes changed, cut or added anywhere`, () => {
    make(at(`whole.${kind}`));
    const whole = fs.readFileSync(at(`whole.${kind}`));
    const file = at(`broken.${kind}`);
    fc.assert(
      fc.property(mutations, fc.option(fc.nat(whole.length)), (changes, length) => {
        const bytes = Buffer.from(whole.subarray(0, length ?? whole.length));
        for (const change of changes) if (bytes.length > 0) bytes[change.at % bytes.length] = change.to;
        fs.writeFileSync(file, bytes);
        readsOrSays(() => read(file), file);
      }),
      { numRuns: 400 },
    );
  });
}

test('npy: either kind of quote, any order of keys, big-endian and Fortran order as NumPy reads them', () => {
  const npy = (dict: string, body: Uint8Array) => {
    const header = `${dict.padEnd(117)}\n`;
    const start = Buffer.from('\x93NUMPY\x01\x00  ', 'latin1');
    start.writeUInt16LE(header.length, 8);
    fs.writeFileSync(at('made.npy'), Buffer.concat([start, Buffer.from(header), body]));
    return readNpy(at('made.npy'));
  };
  const numbers = Float32Array.from({ length: 24 }, (_, i) => i);
  const bytes = new Uint8Array(numbers.buffer);
  const plain = npy('{"shape": (2, 3, 4), "fortran_order": False, "descr": "<f4"}', bytes);
  assert.deepEqual([plain.shape, plain.data], [[2, 3, 4], numbers]);
  const printed = runPython(
    `
import numpy as np, sys, json
x = np.arange(24, dtype='float32').reshape(2, 3, 4)
np.save(sys.argv[1] + '/fortran.npy', np.asfortranarray(x))
np.save(sys.argv[1] + '/big.npy', x.astype('>f8'))
np.save(sys.argv[1] + '/small.npy', x[:, 0, 0].astype('>i2'))
print('saved')`,
    folder,
  );
  assert.equal(printed, 'saved');
  assert.deepEqual(readNpy(at('fortran.npy')).data, numbers);
  assert.deepEqual(readNpy(at('big.npy')).data, Float64Array.from(numbers));
  assert.deepEqual(readNpy(at('small.npy')).data, Int16Array.from([0, 12]));
  assert.throws(
    () => npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", bytes),
    /made\.npy: shape/,
  );
});

test("PyTorch's counter of batches is no weight", () => {
  const net = new Sequential(new BatchNorm2d(3));
  saveModule(at('net.safetensors'), net);
  const { tensors } = readSafetensors(at('net.safetensors'));
  const counted = {
    ...tensors,
    '0.num_batches_tracked': { dtype: 'int64', shape: [], data: BigInt64Array.from([7n]) } as NdArray,
  };
  writeSafetensors(at('torch.safetensors'), counted);
  assert.doesNotThrow(() => loadModule(at('torch.safetensors'), net));
  writeSafetensors(at('odd.safetensors'), { ...tensors, '0.other': counted['0.num_batches_tracked'] });
  assert.throws(() => loadModule(at('odd.safetensors'), net), /unknown weights 0\.other/);
});
