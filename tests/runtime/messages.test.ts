/** The graph's messages as TensorFlow's own Python classes read them: every kind of attribute, zeros and empty lists too. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { attrValue, functionValue, shapesValue, typesValue, wholeValue } from '../../lib/runtime/compile/protobuf';
import { ATTR, type OpAttr } from '../../lib/runtime/native';
import { newFolder } from '../folder';
import { runPython } from '../formats/python';

const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const far = fc.oneof(whole, fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 53 - 1, -(2 ** 53) + 1));
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('', 'SAME', '形状'));
const real = fc.float({ noNaN: true, noDefaultInfinity: true });
const size = fc.oneof(fc.constantFrom(-1, 0, 1), fc.nat(2 ** 31 - 1));

/** One kind of attribute: its number, the field of AttrValue that TensorFlow reads, its values. */
const KINDS: [number, string, fc.Arbitrary<unknown>][] = [
  [ATTR.string, 's', text],
  [ATTR.int, 'i', far],
  [ATTR.float, 'f', real],
  [ATTR.bool, 'b', fc.boolean()],
  [ATTR.type, 'type', fc.constantFrom(1, 3, 7, 8, 9, 10)],
];

test('every attribute means in TensorFlow what tfjs-node said, alone and in lists', () => {
  const asked: { bytes: string; field: string; value: unknown; many: boolean }[] = [];
  const ask = (attr: Omit<OpAttr, 'name'>, field: string, many: boolean) =>
    asked.push({ bytes: attrValue({ name: 'a', ...attr }).toString('base64'), field, value: attr.value, many });
  for (const [type, field, values] of KINDS) {
    for (const value of fc.sample(values, { numRuns: 40, seed: 1 })) ask({ type, value }, field, false);
    for (const value of fc.sample(fc.array(values, { maxLength: 4 }), { numRuns: 20, seed: 2 }))
      ask({ type, value }, field, true);
  }
  for (const value of fc.sample(fc.array(size, { maxLength: 5 }), { numRuns: 30, seed: 3 }))
    ask({ type: ATTR.shape, value }, 'shape', false);
  const also = { bytes: wholeValue(1).toString('base64'), field: 'i', value: 1, many: false };
  const types = { bytes: typesValue([1, 3]).toString('base64'), field: 'type', value: [1, 3], many: true };
  const shapes = {
    bytes: shapesValue([[], [2, -1]]).toString('base64'),
    field: 'shape',
    value: [[], [2, -1]],
    many: true,
  };
  const call = { bytes: functionValue('步').toString('base64'), field: 'func', value: '步', many: false };
  const file = path.join(newFolder('messages'), 'attributes.json');
  fs.writeFileSync(file, JSON.stringify([...asked, also, types, shapes, call]));
  assert.ok(asked.length >= 330);
  const wrong = runPython(
    `
import base64, json, struct, sys
from tensorflow.core.framework import attr_value_pb2
def plain(field, v):
    if field == 's': return v.decode('utf-8')
    if field == 'shape': return [d.size for d in v.dim]
    if field == 'func': return v.name
    return v
for case in json.load(open(sys.argv[1], encoding='utf-8')):
    a = attr_value_pb2.AttrValue.FromString(base64.b64decode(case['bytes']))
    field = case['field']
    if a.WhichOneof('value') != ('list' if case['many'] else field):
        print(case, 'is', a.WhichOneof('value'))
        continue
    got = [plain(field, v) for v in getattr(a.list, field)] if case['many'] else plain(field, getattr(a, field))
    if got != case['value']: print(case, 'got', got)
`,
    file,
  );
  assert.equal(wrong, '');
  assert.throws(() => attrValue({ name: 'a', type: 99, value: 0 }), /attribute a has type 99, which no graph can hold/);
});
