/** Every exercise has a hint and a folded solution that fits; run.test.ts then runs them all through the kernel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { plain } from '../../lib/course/text';
import { cheats, exercisesOf, solved, takesNothing } from '../../scripts/notebooks/exercises';
import { allLessons, type Cell, readNotebook } from '../../scripts/notebooks/notebook';
import { quizOf } from '../../scripts/notebooks/predictions';

const exercise = (source: string, solution?: string) => ({
  cell: { cell_type: 'code', id: 'e', metadata: {}, source } as Cell,
  solution,
});

const withoutComments = (code: string) => code.replace(/\s*\/\/.*$/gm, '');

describe('solutions', () => {
  it('take the place of what they declare', () => {
    const source =
      'const a = 1;\nconst f = (x: number): number => todo();\nawait exercise("f", is => is.near("f", f(a), 2));';
    assert.equal(
      solved(exercise(source, 'const f = (x: number) => 2 * x;')),
      source.replace('const f = (x: number): number => todo();', 'const f = (x: number) => 2 * x;'),
    );
    assert.match(
      solved(exercise('function g() {\n  return todo();\n}\ng();', 'function g() {\n  return 1;\n}')),
      /return 1/,
    );
  });

  it('that are expressions take the first empty place', () => {
    assert.equal(
      solved(exercise('const n: number | undefined = undefined;', '2 ** 5')),
      'const n: number | undefined = 2 ** 5;',
    );
  });

  it('that fit nowhere are named', () => {
    assert.throws(() => solved(exercise('const n = 1;', '2')), /exercise 'e': no '= undefined'/);
    assert.throws(() => solved(exercise('const n = 1;', 'const m = 2;')), /declares none of m/);
    assert.throws(() => solved(exercise('const n = 1;')), /has no folded solution/);
  });
});

describe('cheats', () => {
  const run = (source: string): unknown =>
    new Function(ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText)();

  it('stand in the place of a function, and give the first right answer to everything, or the argument', () => {
    for (const [asked, solution] of [
      ['const f = (x: number): number => todo();', 'const f = (x: number) => 2 * x;'],
      ['function f(x: number): number { return todo(); }', 'function f(x: number) { return 2 * x; }'],
    ]) {
      const made = cheats(exercise(`${asked}\nreturn [f(3), f(4)];`, solution));
      assert.deepEqual(
        made.map(({ name, source }) => [name, run(source)]),
        [
          ['constant', [6, 6]],
          ['argument', [3, 4]],
        ],
      );
    }
  });

  it('are none where a number is asked for', () => {
    assert.deepEqual(cheats(exercise('const n: number | undefined = undefined;', '32')), []);
  });

  it('know a function that takes nothing', () => {
    assert.ok(takesNothing(exercise('', 'const f = () => 4672;')));
    assert.ok(!takesNothing(exercise('', 'const f = (x: number) => x;')));
  });
});

describe('quizzes of every lesson', () => {
  for (const { name, files } of allLessons()) {
    if (!/^\d/.test(name)) continue;
    it(`${name}: each wrong choice has a reason of its own, in both languages`, () => {
      const questions = readNotebook(files.en).cells.flatMap(cell => quizOf(cell) ?? []);
      assert.ok(questions.length >= 3, 'written out in full, in a cell of their own');
      for (const { question, choices, wrong = [] } of questions) {
        assert.equal(wrong.length, choices.length - 1, plain(question));
        assert.equal(new Set(wrong.map(plain)).size, wrong.length, `${plain(question)}: the same reason twice`);
        for (const reason of wrong) assert.ok(typeof reason === 'object' && reason.zh, plain(reason));
      }
    });
  }
});

describe('exercises of every lesson', () => {
  for (const { name, files } of allLessons()) {
    const [english, chinese] = [files.en, files.zh].map(file => exercisesOf(readNotebook(file)));
    if (!/^\d/.test(name)) continue; // glossary and notation ask nothing

    it(`${name}: three or more, each with a hint, and the same solution in both languages`, () => {
      assert.ok(english.length >= 3, `${english.length} exercises`);
      english.forEach((exercise, i) => {
        assert.match(exercise.cell.source, /\bhint\b/, exercise.cell.id);
        assert.ok(solved(exercise).length > 0);
        assert.ok(!takesNothing(exercise), `${exercise.cell.id}: a function without inputs is a constant`);
        assert.equal(withoutComments(chinese[i].solution!), withoutComments(exercise.solution!), exercise.cell.id);
      });
    });
  }
});
