/** A cell shows its last value only: a figure that is made before it and neither kept nor shown is lost to the reader. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import * as plot from '../../lib/plot';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';

const FIGURES = new Set(Object.keys(plot).filter(name => /^[a-z]/.test(name)));

/** Calls of figures that stand alone before the last statement of a cell, as they are written. */
function lostFigures(source: string): string[] {
  const { statements } = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true);
  return statements.slice(0, -1).flatMap(statement => {
    if (!ts.isExpressionStatement(statement)) return [];
    const { expression } = statement;
    const call = ts.isAwaitExpression(expression) ? expression.expression : expression;
    return ts.isCallExpression(call) && FIGURES.has(call.expression.getText()) ? [call.expression.getText()] : [];
  });
}

test('a figure that nothing shows is found; one that is kept, shown or last is not', () => {
  assert.deepEqual(lostFigures('await lineChart({ a });\ntable([])'), ['lineChart']);
  assert.deepEqual(lostFigures('const t = table([]);\ntable([]).show();\nawait lineChart({ a })'), []);
});

for (const { name, files } of allLessons())
  test(`${name}: no figure is made and not shown`, () => {
    const lost = readNotebook(files.en).cells.flatMap(({ cell_type, id, source }) =>
      cell_type === 'code' ? lostFigures(source).map(figure => `cell '${id}': ${figure}`) : [],
    );
    assert.deepEqual(lost, [], 'give the figure a cell of its own, or .show() it');
  });
