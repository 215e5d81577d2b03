/** Where a call of the course's lib has wrong arguments: the example that its docstring gives. */
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../paths';

const LIB = `${path.join(ROOT, 'lib').split(path.sep).join('/')}/`;

/** The example of the function or class whose arguments the fault lies in; undefined where that is none of the lib's. */
export function exampleFor(diagnostic: ts.Diagnostic, checker: ts.TypeChecker): string | undefined {
  const { file, start, length = 1 } = diagnostic;
  if (!file || start === undefined) return undefined;
  const node = nodeAt(file, start, start + length);
  const call = COUNT.has(diagnostic.code) && ts.isNewExpression(node) ? node : callAround(node);
  const found = call && checker.getSymbolAtLocation(call.expression);
  const symbol = found && found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
  if (!symbol?.declarations?.some(declaration => declaration.getSourceFile().fileName.startsWith(LIB)))
    return undefined;
  const example = symbol.getJsDocTags(checker).find(tag => tag.name === 'example');
  return example && ts.displayPartsToString(example.text).trim();
}

/** Expected … arguments, but got …: of `new X(…)` the whole is at fault. */
const COUNT = new Set([2554, 2555]);

/** The largest node that lies within the marked text. */
function nodeAt(file: ts.SourceFile, start: number, end: number): ts.Node {
  let node: ts.Node = file;
  for (;;) {
    if (node.getStart(file) >= start && node.end <= end) return node;
    const inner: ts.Node | undefined = ts.forEachChild(node, child =>
      child.getStart(file) <= start && start < child.end ? child : undefined,
    );
    if (!inner) return node;
    node = inner;
  }
}

/** The innermost call that has the node as its name or among its arguments, not inside a function that is an argument. */
function callAround(node: ts.Node): ts.CallExpression | ts.NewExpression | undefined {
  for (let inner = node, outer = node.parent; outer; inner = outer, outer = outer.parent) {
    if (ts.isCallExpression(outer) || ts.isNewExpression(outer)) return outer;
    const isBody = ts.isFunctionLike(outer) && 'body' in outer && outer.body === inner;
    if (isBody && !(inner === node && ts.isArrowFunction(outer))) return undefined;
  }
  return undefined;
}
