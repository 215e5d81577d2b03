/** What TypeScript cells declare and use, and which cells a piece of code stands on. */
import ts from 'typescript';
import { boundNames, ownName } from '../../lib/kernel/compiler/cell';
import { parse } from '../notebooks/exercises';

/** Is the code such that a wrapper may be put around it? */
export const isWhole = (text: string): boolean =>
  (ts.transpileModule(text, { reportDiagnostics: true }).diagnostics ?? []).length === 0;

/** Names that a statement declares at the top of its cell, types and imports too. */
export function declared(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  if (ts.isImportDeclaration(statement)) return importedBy(statement);
  return ownName(statement);
}

function importedBy({ importClause }: ts.ImportDeclaration): string[] {
  const { name, namedBindings } = importClause ?? {};
  const rest = namedBindings
    ? ts.isNamespaceImport(namedBindings)
      ? [namedBindings.name.text]
      : namedBindings.elements.map(element => element.name.text)
    : [];
  return [...(name ? [name.text] : []), ...rest];
}

/** Every name that stands in a piece of code, but for those of members (`a.name`, `{ name: … }`). */
export function used(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) && !isMember(at)) names.add(at.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
}

const isMember = (name: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(name.parent) && name.parent.name === name) ||
  (ts.isPropertyAssignment(name.parent) && name.parent.name === name);

/** The call `exercise('…', is => …)` of a statement that stands at the top of a cell. */
export function checkOf(statement: ts.Statement): ts.CallExpression | undefined {
  let found: ts.CallExpression | undefined;
  const visit = (at: ts.Node): void => {
    if (ts.isCallExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === 'exercise') found ??= at;
    else ts.forEachChild(at, visit);
  };
  if (ts.isExpressionStatement(statement) || ts.isVariableStatement(statement)) visit(statement);
  return found;
}

export interface Source {
  declares: ReadonlySet<string>;
  uses: ReadonlySet<string>;
}

export function sourceOf(text: string): Source {
  const file = parse(text);
  return { declares: new Set(file.statements.flatMap(declared)), uses: used(file) };
}

/**
 * Places of the cells that code at place `end` stands on: for each name the last cell before that declares it, and what
 * that cell stands on in turn. A cell that is undefined (an exercise) serves nobody.
 */
export function standsOn(names: Iterable<string>, cells: readonly (Source | undefined)[], end: number): Set<number> {
  const places = new Set<number>();
  const ask = (wanted: Iterable<string>, before: number): void => {
    for (const name of wanted) {
      let place = before - 1;
      while (place >= 0 && !cells[place]?.declares.has(name)) place--;
      if (place < 0 || places.has(place)) continue;
      places.add(place);
      ask((cells[place] as Source).uses, place);
    }
  };
  ask(names, end);
  return places;
}
