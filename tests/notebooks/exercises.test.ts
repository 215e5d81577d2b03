/** Every exercise has a hint and a folded solution that fits; run.test.ts then runs them all through the kernel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exercisesOf, solved } from '../../scripts/notebooks/exercises';
import { allLessons, type Cell, readNotebook } from '../../scripts/notebooks/notebook';

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

describe('exercises of every lesson', () => {
  for (const { name, files } of allLessons()) {
    const [english, chinese] = [files.en, files.zh].map(file => exercisesOf(readNotebook(file)));
    if (!/^\d/.test(name)) continue; // glossary and notation ask nothing

    it(`${name}: three or more, each with a hint, and the same solution in both languages`, () => {
      assert.ok(english.length >= 3, `${english.length} exercises`);
      english.forEach((exercise, i) => {
        assert.match(exercise.cell.source, /\bhint\b/, exercise.cell.id);
        assert.ok(solved(exercise).length > 0);
        assert.equal(withoutComments(chinese[i].solution!), withoutComments(exercise.solution!), exercise.cell.id);
      });
    });
  }
});
