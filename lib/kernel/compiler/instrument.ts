/**
 * Makes code interruptible: every loop asks once a turn, and every await gives up, when the reader pressed the stop button.
 * Also turns `import()` into a call of ours, which finds the project's files and ESM-only packages alike, and
 * `import.meta`, which CommonJS has not, into an object of ours. What claims compare is noted (witness.ts).
 */
import ts from 'typescript';
import { HELPER } from './cell-names';
import { witnessed } from './witness';

export const instrument: ts.TransformerFactory<ts.SourceFile> = context => file => {
  const { factory: f } = context;
  const helper = (name: string) => f.createPropertyAccessExpression(f.createIdentifier(HELPER), name);
  const call = (name: string, ...args: ts.Expression[]) => f.createCallExpression(helper(name), undefined, args);
  /** `if (__lab__.flag[0]) __lab__.stop();` */
  const tick = () =>
    f.createIfStatement(f.createElementAccessExpression(helper('flag'), 0), f.createExpressionStatement(call('stop')));
  const withTick = (body: ts.Statement) =>
    f.createBlock([tick(), ...(ts.isBlock(body) ? body.statements : [body])], true);

  const visit = (node: ts.Node): ts.Node => {
    const visited = ts.visitEachChild(node, visit, context);
    if (ts.isMetaProperty(visited) && visited.keywordToken === ts.SyntaxKind.ImportKeyword) return helper('meta');
    if (ts.isAwaitExpression(visited)) return f.updateAwaitExpression(visited, call('guard', visited.expression));
    if (ts.isForStatement(visited)) {
      return f.updateForStatement(
        visited,
        visited.initializer,
        visited.condition,
        visited.incrementor,
        withTick(visited.statement),
      );
    }
    if (ts.isForOfStatement(visited)) {
      const source = visited.awaitModifier ? call('guardEach', visited.expression) : visited.expression;
      return f.updateForOfStatement(
        visited,
        visited.awaitModifier,
        visited.initializer,
        source,
        withTick(visited.statement),
      );
    }
    if (ts.isForInStatement(visited)) {
      return f.updateForInStatement(visited, visited.initializer, visited.expression, withTick(visited.statement));
    }
    if (ts.isWhileStatement(visited))
      return f.updateWhileStatement(visited, visited.expression, withTick(visited.statement));
    if (ts.isDoStatement(visited)) return f.updateDoStatement(visited, withTick(visited.statement), visited.expression);
    if (ts.isCallExpression(visited) && visited.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return call('import', ...visited.arguments);
    }
    if (ts.isCallExpression(visited)) return witnessed(visited, context);
    return visited;
  };
  return ts.visitNode(file, visit, ts.isSourceFile);
};
