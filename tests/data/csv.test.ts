/** Readers' own files: what is in them comes out, what is missing stays missing, what is wrong is said with file, line, column. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { DataTable, dataFrame, parseCsv, readCsv } from '../../lib/data';
import { DISPLAY } from '../../lib/runtime';
import { newFolder } from '../folder';

const folder = newFolder('csv');
const at = (name: string) => path.join(folder, name);
const write = (bytes: string | Uint8Array, name = 'made.csv') => {
  fs.writeFileSync(at(name), bytes);
  return at(name);
};

test('columns have types; missing values are missing, and no mean counts them', () => {
  const table = parseCsv('species,mass,wild,note\na,1,true,x\na,,false,\na,3,TRUE,"y, z"\nb,NA,true,NaN\n');
  assert.deepEqual([table.count, table.columns], [4, ['species', 'mass', 'wild', 'note']]);
  assert.deepEqual(
    table.columns.map(column => table.kind(column)),
    ['text', 'number', 'truth', 'text'],
  );
  assert.deepEqual(table.column('mass'), [1, null, 3, null]);
  assert.deepEqual(table.column('wild'), [true, false, true, true]);
  assert.deepEqual(table.column('note'), ['x', null, 'y, z', null]);
  assert.equal(table.mean('mass'), 2);
  assert.deepEqual(table.group('species', 'mass').rows(), [
    { species: 'a', 'mean of mass': 2, values: 2 },
    { species: 'b', 'mean of mass': null, values: 0 },
  ]);
  assert.deepEqual([table.missing('mass'), table.complete('mass').count, table.complete().count], [2, 2, 2]);
  assert.deepEqual(table.complete('mass').tensor('mass').arraySync(), [[1], [3]]);
  assert.deepEqual(
    (['sum', 'least', 'most', 'median', 'deviation'] as const).map(how => table.summary('mass', how)),
    [4, 1, 3, 2, Math.SQRT2],
  );
  assert.equal(table.where(row => row.species === 'b').count, 1);
});

test('separators, marks of bytes, line ends and quotes as spreadsheets write them', () => {
  const wanted = [
    { 名: 'a;b', x: 1.5 },
    { 名: 'two\nlines', x: -2e3 },
  ];
  const lines = (separator: string, end: string) =>
    [`名${separator}x`, `"a;b"${separator}1.5`, `"two\nlines"${separator}-2e3`, ''].join(end);
  for (const separator of [',', ';', '\t', '|', '，', '；'])
    for (const end of ['\n', '\r\n'])
      for (const mark of ['', '\uFEFF'])
        assert.deepEqual(readCsv(write(mark + lines(separator, end))).rows(), wanted, `${separator} ${end} ${mark}`);
  assert.deepEqual(readCsv(write(`sep=;\n${lines(';', '\n')}`)).rows(), wanted);
  assert.deepEqual(readCsv(write(Buffer.from(`\uFEFF${lines('\t', '\r\n')}`, 'utf16le'))).rows(), wanted);
  assert.deepEqual(parseCsv('a\n1\n\n2').column('a'), [1, 2], 'an empty line is no row');
  assert.deepEqual(parseCsv('a,b\n1,"say ""hi"""').column('b'), ['say "hi"']);
  assert.deepEqual(parseCsv('1,2\n3,4', { columns: ['a', 'b'] }).column('b'), [2, 4]);
});

test('nothing becomes a number that would lose something', () => {
  const kept = parseCsv('code;id;price;date\n007;12345678901234567890;1,5;2024-01-02\n123;5;2;3');
  assert.deepEqual(kept.rows()[0], { code: '007', id: '12345678901234567890', price: '1,5', date: '2024-01-02' });
  assert.throws(() => kept.mean('price'), /CSV, line 2, column "price": expected a number, got "1,5", read .*decimal/);
  assert.deepEqual(parseCsv('price;n\n1,5;1\n-2;3', { decimal: ',' }).column('price'), [1.5, -2]);
  assert.equal(parseCsv('price;n\n1.234,5;1', { decimal: ',' }).kind('price'), 'text');
  assert.equal(parseCsv('price;n\n1.234;1', { decimal: ',' }).kind('price'), 'text', 'a point that groups thousands');
  assert.deepEqual(parseCsv('a,b\n-,1\n2,3', { missing: ['-'] }).column('a'), [null, 2]);
});

test('errors name file, line and column', () => {
  const read = (text: string | Uint8Array) => () => readCsv(write(text));
  assert.throws(read('a,b\n1,2\n3\n'), /made\.csv, line 3: 1 fields where 2 columns are named/);
  assert.throws(read('a,b\n"1\n1",2\n3,4,5\n'), /made\.csv, line 4: 3 fields/);
  assert.throws(read('a,b\n1,2\n"3,4\n5,6'), /made\.csv, line 3: Quoted field unterminated/);
  assert.throws(read('a,a\n1,2'), /made\.csv, line 1: two columns are named "a"/);
  assert.throws(read('1,2\n3,4'), /line 1: expected the columns' names, got the numbers 1, 2/);
  assert.throws(read(''), /made\.csv: the file is empty/);
  assert.throws(read(Buffer.from('a\n\xe9', 'latin1')), /made\.csv: its bytes are no UTF-8; save it as/);
  assert.throws(() => readCsv(at('none.csv')), /no \.csv file at .*none\.csv/);
  assert.throws(
    () => readCsv(write('a,b\n1,2\nx,')).numbers('a'),
    /made\.csv, line 3, column "a": expected a number, got "x"/,
  );
  assert.throws(() => readCsv(write('a,b\n1,2\n\n3,')).tensor('a', 'b'), /line 4, column "b": the value is missing/);
  assert.throws(() => parseCsv('a,b\n1,2').mean('c'), /CSV has no column "c"; it has a, b/);
});

test('a table of arrays: NaN and undefined are missing, mixtures and odd lengths are refused', () => {
  assert.deepEqual(new DataTable('t', { a: [1, Number.NaN, undefined] }).column('a'), [1, null, null]);
  assert.throws(() => new DataTable('t', { a: [1], b: [1, 2] }), /column "b" has 2 values, the first has 1/);
  assert.throws(() => new DataTable('t', { a: [1, 'x'] }), /column "a" mixes number and text/);
  assert.equal(new DataTable('t', { __proto__x: [1], toString: ['a'] }).mean('__proto__x'), 1);
});

test('whatever is written is read, and means count only what is there', () => {
  const field = fc.oneof(
    fc.constant(''),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('a,b', '"', 'x\ny', ';'),
  );
  const number = fc.option(fc.integer({ min: -1000, max: 1000 }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(field, number), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(',', ';', '\t'),
      (rows, separator) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = [`k${separator}v`, ...rows.map(([k, v]) => `${quoted(k)}${separator}${v ?? ''}`)].join('\n');
        const table = parseCsv(text, { missing: [] });
        const there = rows.flatMap(([, v]) => (v === null ? [] : [v]));
        assert.equal(table.count, rows.length);
        assert.deepEqual(
          table.column('v'),
          rows.map(([, v]) => v),
        );
        if (table.kind('k') === 'text')
          assert.deepEqual(
            table.column('k'),
            rows.map(([k]) => k.trim() || null),
          );
        if (there.length) assert.ok(Math.abs(table.mean('v') - there.reduce((a, b) => a + b, 0) / there.length) < 1e-9);
        const groups = table.group('k', 'v', 'sum').rows();
        assert.equal(
          groups.reduce((sum, group) => sum + (group.values as number), 0),
          there.length,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('random bytes are a table or an error that names the file', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', '1', ';', ' '), maxLength: 30 }),
      ),
      bytes => {
        const file = write(typeof bytes === 'string' ? bytes : Buffer.from(bytes), 'random.csv');
        try {
          readCsv(file);
        } catch (error) {
          assert.equal((error as Error).constructor, Error, String(error));
          assert.ok((error as Error).message.includes('random.csv'), String(error));
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('groups by a column that has the name of a result keep their keys', () => {
  const table = new DataTable('t', { values: ['a', 'a', 'b'], 'mean of x': [1, 1, 2], x: [1, 3, 5] });
  const byValues = table.group('values', 'x');
  assert.deepEqual(byValues.column('values'), ['a', 'b']);
  assert.deepEqual(byValues.numbers('mean of x'), [2, 5]);
  assert.deepEqual(byValues.numbers('values (of each)'), [2, 1]);
  const byMean = table.group('mean of x', 'x');
  assert.deepEqual(
    [byMean.numbers('mean of x'), byMean.numbers('mean of x (of each)')],
    [
      [1, 2],
      [2, 5],
    ],
  );
  assert.throws(() => table.summary('x', 'max' as 'most'), /no summary max; expected one of mean, sum, least/);
  assert.deepEqual(parseCsv('a\n1\n<NA>').numbers('a'), [1, null]);
});

test('a table shows itself, escaped, and says how large it is', () => {
  const bundle = parseCsv(`<b>,n\n${'<i>,1.23456789\n'.repeat(30)}`)[DISPLAY]() as Record<string, string>;
  assert.match(bundle['text/html'], /<th>&lt;b&gt;<\/th>.*<td>&lt;i&gt;<\/td><td>1\.23457<\/td>.*30 rows × 2 columns/);
  assert.equal(bundle['text/plain'].split('\n').length, 22);
});

test('danfojs groups no missing value', () => {
  const rows = [
    ['a', 1],
    ['a', null as never],
    ['a', 3],
  ];
  assert.throws(
    () => dataFrame(['k', 'v'], rows as never).groupby(['k']),
    /column "v" has missing values, which danfojs counts as 0/,
  );
  const whole = dataFrame(
    ['k', 'v'],
    [
      ['a', 1],
      ['a', 3],
    ],
  )
    .groupby(['k'])
    .col(['v'])
    .mean();
  assert.deepEqual(whole.values, [['a', 2]]);
});
