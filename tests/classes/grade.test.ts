/** `npm run grade` on a small class, through the real kernel: what students hand in, by accident and on purpose. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { type Row, readRows } from '../../scripts/classes/table';
import { main } from '../../scripts/grade';
import { exercisesOf, solved } from '../../scripts/notebooks/exercises';
import { lessonNamed, type Notebook, readNotebook, writeNotebook } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';

const LESSON = lessonNamed('03-bayes');
const folder = newFolder('class');
const out = path.join(folder, 'grades.csv');

type Change = (source: string, id: string) => string;
/** A copy of the lesson, the cells of its exercises changed; '' takes a cell away. */
function handIn(student: string, change: Change, file = LESSON.files.en, more?: (notebook: Notebook) => void): void {
  const notebook = readNotebook(file);
  for (const { cell } of exercisesOf(notebook)) cell.source = change(cell.source, cell.id);
  notebook.cells = notebook.cells.filter(cell => cell.source !== '');
  more?.(notebook);
  writeNotebook(path.join(folder, student, path.basename(file)), notebook);
}

const solutions = new Map(exercisesOf(readNotebook(LESSON.files.en)).map(one => [one.cell.id, solved(one)]));
const right: Change = (_, id) => solutions.get(id)!;
/** Only these cells differ from the right answers. */
const but =
  (changes: Record<string, Change>): Change =>
  (source, id) =>
    (changes[id] ?? right)(source, id);

const put =
  (code: string): Change =>
  source =>
    source.replace('return todo();', code);
const FAKE = "display({ 'text/plain': '✓ Right.' }); console.log('✓ Right.');";
const pastChecks =
  (code: string): Change =>
  source =>
    `${code}\n${put('return 7 as never;')(source, '')}`;

let rows: Row[] = [];
const rowsOf = (student: string) => rows.filter(row => row.student === student);
const marksOf = (student: string) =>
  rowsOf(student)
    .map(row => row.passed)
    .join('');
const grade = (...more: string[]) => main([folder, '--seconds', '30', '--memory', '2200', '--at-once', '2', ...more]);

before(async () => {
  handIn('anna', right);
  handIn('untouched', source => source);
  handIn(
    'broken',
    but({
      'exercise-test': put('return (1 + ;'),
      'exercise-odds': source => source.replace('= undefined', '= (() => { for (;;); })()'),
      'exercise-marginal': put('process.exit(0);'),
      // 100 MB: kept and put together they took longer than all limits of time
      'exercise-logsum': (source, id) =>
        `for (let i = 0; i < 100_000; i++) console.log('x'.repeat(1000));\n${right(source, id)}`,
    }),
  );
  handIn(
    'hungry',
    but({ 'exercise-test': put('const all: unknown[] = []; for (;;) all.push(Buffer.alloc(5e7, 1));') }),
  );
  handIn(
    'faker',
    but({
      'exercise-test': () => `${FAKE}\nawait exercise('disease-test', () => {})`, // no answer, a check of one's own
      'exercise-odds': source => source.replace('= undefined', '= 5').replace(', 6,', ', 5,'), // the check changed
      'exercise-marginal': () => '', // taken away
      'exercise-logsum': pastChecks('const logSumExp = () => 7;\nconst exercise = async () => "✓ Right.";'), // its names
    }),
  );
  handIn(
    'tamper',
    but({
      'exercise-test': pastChecks('await exercise("x", is => { Object.getPrototypeOf(is).near = () => {}; });'),
      'exercise-odds': source => `Math.abs = () => 0;\n${source.replace('= undefined', '= 5')}`,
      'exercise-marginal': pastChecks('Array.prototype.findIndex = () => -1;'),
      'exercise-logsum': pastChecks('Number.isFinite = () => true;'),
    }),
  );
  handIn('helper', but({ 'exercise-test': put('return bayes([p, 1 - p])') }), LESSON.files.en, notebook => {
    const at = notebook.cells.findIndex(cell => cell.id === 'exercise-test');
    notebook.cells[at].source = solutions
      .get('exercise-test')!
      .replace(/return /, 'return sameAgain(')
      .replace(/;(?=\n})/, ');');
    notebook.cells.splice(at, 0, {
      cell_type: 'code',
      id: 'mine',
      metadata: {},
      source: 'throw new Error("an experiment");\nconst sameAgain = (x: number): number => x;',
    });
  });
  handIn('王芳', put('return 7 as never;'), LESSON.files.zh);
  fs.mkdirSync(path.join(folder, 'nojson'));
  fs.writeFileSync(path.join(folder, 'nojson', '03-bayes.ipynb'), '{"cells": [');
  fs.writeFileSync(path.join(folder, '=cmd.ipynb'), '[]');
  fs.symlinkSync('nowhere.ipynb', path.join(folder, 'nojson', 'link.ipynb'));
  fs.symlinkSync('..', path.join(folder, 'nojson', 'up'));
  assert.equal(await grade(), 0);
  rows = readRows(out);
});

describe('npm run grade', () => {
  it('a right answer passes, also with a helper from another cell; what nobody has touched is not solved', () => {
    assert.equal(marksOf('anna'), '11111');
    assert.equal(marksOf('helper'), '11111');
    assert.equal(marksOf('untouched'), '00000');
    for (const row of rowsOf('untouched')) assert.equal(row.message, 'not solved yet');
    assert.deepEqual(
      rowsOf('anna').map(row => row.exercise),
      ['disease-test', 'independent-sightings', 'marginal', 'log-add', 'mend-updates'],
    );
  });

  it('code that does not compile, loops, prints too much, ends its kernel or takes all memory costs its own row only', () => {
    assert.equal(marksOf('broken'), '00011');
    const [syntax, loop, exit] = rowsOf('broken').map(row => row.message);
    assert.match(syntax, /Expression expected/);
    assert.match(loop, /still running after 30 s/);
    assert.match(exit, /ended the kernel/);
    assert.equal(marksOf('hungry'), '01111');
    assert.match(rowsOf('hungry')[0].message, /more than 2200 MB/);
  });

  it('neither a fake tick, a changed check nor a name of the check passes', () => {
    assert.equal(marksOf('faker'), '00001');
    const messages = rowsOf('faker').map(row => row.message);
    assert.match(messages[0], /does not declare sickIfPositive/);
    assert.match(messages[2], /not in the notebook/);
    assert.match(messages[3], /logAdd.*too large/);
  });

  it('code that works on the check itself passes nothing', () => {
    assert.equal(marksOf('tamper'), '00000');
    assert.match(rowsOf('tamper')[2].message, /the check itself was changed/);
  });

  it('a Chinese notebook is answered in Chinese', () => {
    assert.equal(marksOf('王芳').slice(0, 1), '0');
    assert.match(rowsOf('王芳')[0].message, /太大了/);
    assert.match(rowsOf('王芳')[1].message, /还没有作答/);
  });

  it('files that are no notebooks are rows; the table opens in a spreadsheet and holds no formula', () => {
    const [broken, link] = rowsOf('nojson').map(row => row.message);
    assert.match(broken, /no notebook: 03-bayes\.ipynb cannot be read/);
    assert.match(link, /no notebook: .*no such file/);
    assert.equal(rowsOf('=cmd').length, 1);
    const text = fs.readFileSync(out, 'utf8');
    assert.ok(text.startsWith('\ufefffile,student,lesson,exercise,passed,message,seconds'));
    assert.ok(!/(^|,)"?[=@]/m.test(text));
  });

  it('run again it marks only what has changed, after a table that was cut off, too', async () => {
    const text = fs.readFileSync(out, 'utf8');
    fs.writeFileSync(out, text.slice(0, -20));
    handIn('untouched', (source, id) => (id === 'exercise-odds' ? right(source, id) : source));
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      assert.equal(await grade(), 0);
    } finally {
      console.log = log;
    }
    const marked = lines.filter(line => /^\[\d+\//.test(line));
    assert.equal(marked.length, 2, marked.join('\n')); // the changed one, and the one whose last row was broken
    assert.equal(readRows(out).length, rows.length);
    rows = readRows(out);
    assert.equal(marksOf('untouched'), '01000');
  });

  it('a folder without notebooks, and a table that is another one, are refused', async () => {
    await assert.rejects(main([newFolder('empty')]), /no notebook/);
    const other = path.join(newFolder('other'), 'mine.csv');
    fs.writeFileSync(other, 'a,b\r\n1,2\r\n');
    await assert.rejects(main([folder, '--out', other]), /another table/);
    await assert.rejects(main([folder, '--seconds', 'x']), /--seconds must be a whole number/);
  });
});
