/** GGUF files: values as the gguf package makes them, and files that are cut short or damaged. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openGguf, readSafetensors } from '../../lib/formats';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, '../models/fixtures');
const FILE = path.join(FIXTURES, 'types.gguf');
const whole = fs.readFileSync(FILE);
const target = path.join(newFolder('gguf'), 'file.gguf');

/** Opens these bytes as a file and reads everything. */
function readAll(bytes: Uint8Array): Record<string, Float32Array> {
  fs.writeFileSync(target, bytes);
  const { shapes, read, close } = openGguf(target);
  try {
    return Object.fromEntries(Object.keys(shapes).map(name => [name, read(name).data as Float32Array]));
  } finally {
    close();
  }
}

test('every type gives the values of the gguf package, settings theirs', () => {
  const { tensors } = readSafetensors(path.join(FIXTURES, 'types-expected.safetensors'));
  const { metadata, shapes, types, read, close } = openGguf(FILE);
  assert.deepEqual(Object.keys(types).sort(), ['BF16', 'F16', 'F32', 'Q4_0', 'Q4_1', 'Q6_K', 'Q8_0']);
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const array = read(name);
    assert.deepEqual([types[name], shapes[name], array.shape], [name, shape, shape]);
    const far = (array.data as Float32Array).findIndex((value, i) => Math.abs(value - Number(data[i])) > 1e-6);
    assert.equal(far, -1, `${name}[${far}]: ${array.data[far]} and ${data[far]}`);
  }
  close();
  const given = Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith('a.')));
  assert.deepEqual(given, {
    'a.byte': 200,
    'a.whole': -7,
    'a.float': 0.5,
    'a.flag': true,
    'a.text': 'Größe 月',
    'a.list': [1, 2, 3],
    'a.words': ['one', 'two'],
  });
});

test('a file that is cut anywhere is refused by name, and never read past its end', () => {
  for (let length = 0; length < whole.length; length += length < 900 ? 1 : 37) {
    assert.throws(
      () => readAll(whole.subarray(0, length)),
      (error: Error) => error.message.includes(target) && !(error instanceof RangeError),
      `${length} bytes`,
    );
  }
});

test('bytes changed anywhere in the header: an error that names the file, or a file of the same size', () => {
  const change = fc.array(fc.tuple(fc.nat(900), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(change, changes => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        readAll(bytes);
      } catch (error) {
        assert.ok((error as Error).message.includes(target), String((error as Error).stack));
      }
    }),
    { numRuns: 1500 },
  );
});

test('what is wrong is named', () => {
  const changed = (at: number, ...values: number[]) => {
    const bytes = Buffer.from(whole);
    bytes.set(values, at);
    return () => readAll(bytes);
  };
  const name = whole.indexOf('Q4_1');
  assert.throws(changed(0, 88), /no GGUF file: it begins with "XGUF"/);
  assert.throws(changed(4, 1), /GGUF version 1; versions 2 and 3 are read/);
  assert.throws(changed(8, 255, 255, 255), /the number of tensors is 16777215, and the file has room for/);
  assert.throws(changed(name + 4, 9), /"Q4_1" has 9 axes; at most 4/);
  assert.throws(changed(name + 8, 33), /"Q4_1" \[1,289\]|"Q4_1" \[1,33\]: rows of .* are no whole blocks of 32/);
  assert.throws(changed(name + 24, 12), /"Q4_1" is of type 12, which is not supported; known: F32 \(0\)/);
  assert.throws(changed(name + 28, 1), /"Q4_1" begins at byte .* which is not aligned/);
  const places = Object.keys(openGguf(FILE).shapes).map(each => whole.indexOf(each));
  const offsetOf = (each: string) => whole.indexOf(each) + each.length + 4 + 8 * openGguf(FILE).shapes[each].length + 4;
  const names = Object.keys(openGguf(FILE).shapes).filter((_, i) => places[i] > 0);
  const first = names.find(each => whole.readBigUInt64LE(offsetOf(each)) === 0n)!;
  const other = names.find(each => each !== first)!;
  assert.throws(
    changed(offsetOf(other), 0, 0, 0, 0, 0, 0, 0, 0),
    /begins at byte 0 of the data, inside ".*"; the file is damaged/,
  );
  const { read, close } = openGguf(FILE);
  assert.throws(() => read('toString'), /no tensor "toString"/);
  close();
  assert.throws(() => openGguf('/nowhere.gguf'), /no GGUF file at \/nowhere.gguf/);
});
