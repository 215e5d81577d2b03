/**
 * What a claim compares, kept beside its verdict: `claim('…', error < 1e-6)` must be able to say which error it found. Each
 * comparison inside the condition becomes a call that notes both sides and gives the same answer (runner/compared.ts). Those
 * that only choose what is looked at are left alone: in `find` and `filter`, and a way out (`i === 0 || …`).
 */
import ts from 'typescript';
import { HELPER } from './cell-names';

/** Functions of the lib whose second argument is such a condition. */
const WITNESSED = new Set(['claim']);

const SIGNS = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.LessThanToken, '<'],
  [ts.SyntaxKind.LessThanEqualsToken, '<='],
  [ts.SyntaxKind.GreaterThanToken, '>'],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>='],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '==='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '!=='],
]);
const TURNED: Record<string, string> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** The call with its comparisons noted; any other call as it is. */
export function witnessed(call: ts.CallExpression, context: ts.TransformationContext): ts.CallExpression {
  const [says, condition, ...rest] = call.arguments;
  if (!ts.isIdentifier(call.expression) || !WITNESSED.has(call.expression.text) || !condition) return call;
  const { factory: f } = context;
  let sites = 0;
  const visit = (node: ts.Node): ts.Node => {
    if (isSelection(node)) return node;
    const visited = ts.visitEachChild(node, visit, context);
    const sign = ts.isBinaryExpression(visited) ? SIGNS.get(visited.operatorToken.kind) : undefined;
    if (!sign) return visited;
    const { left, right } = visited as ts.BinaryExpression;
    const turn = isConstant(left) && !isConstant(right); // '0.9 < accuracy': the bound is on the left
    return f.createCallExpression(
      f.createPropertyAccessExpression(f.createIdentifier(HELPER), turn ? 'comparedFrom' : 'compared'),
      undefined,
      [f.createNumericLiteral(sites++), f.createStringLiteral(turn ? (TURNED[sign] ?? sign) : sign), left, right],
    );
  };
  const noted = ts.visitNode(condition, visit, ts.isExpression);
  return f.updateCallExpression(call, call.expression, call.typeArguments, [says, noted, ...rest]);
}

const SELECTING = new Set(['filter', 'find', 'findIndex', 'findLast', 'findLastIndex']);

/** A function that picks some of a list, or an equality that ends an `||` before its right side is asked. */
function isSelection(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isArrowFunction(node) && parent && ts.isCallExpression(parent) && parent.arguments[0] === node)
    return ts.isPropertyAccessExpression(parent.expression) && SELECTING.has(parent.expression.name.text);
  if (!ts.isBinaryExpression(node) || !EQUAL.has(node.operatorToken.kind) || !parent) return false;
  return (
    ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.BarBarToken && parent.left === node
  );
}

const EQUAL = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]);

/** A number or text that is written out, or made of such. */
function isConstant(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node) || ts.isStringLiteralLike(node)) return true;
  if (ts.isParenthesizedExpression(node) || ts.isPrefixUnaryExpression(node))
    return isConstant(ts.isParenthesizedExpression(node) ? node.expression : (node.operand as ts.Expression));
  if (ts.isBinaryExpression(node)) return isConstant(node.left) && isConstant(node.right);
  if (ts.isPropertyAccessExpression(node)) return ts.isIdentifier(node.expression) && node.expression.text === 'Math';
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    isConstant(node.expression) &&
    node.arguments.every(isConstant)
  );
}
