/**
 * Turns a cell's text into a module of its own that TypeScript can check: names of earlier cells become imports, names of
 * this cell become exports, the last expression is kept as the cell's result. Only insertions, so every place in
 * the module can be told back as a place in the reader's text.
 */
import ts from 'typescript';
import type { Insertion, Place } from '../messages';
import { HELPER, nameOfCell, SCOPE_MODULE } from './cell-names';

export interface PreparedCell {
  text: string;
  /** The same once the cell has run: each earlier name is taken from the cell that declared it at that time. */
  settled: string;
  prefixLines: number;
  insertions: Insertion[];
  declared: string[];
  specifiers: string[];
  /** Serial numbers of the cells this one takes names from. */
  uses: number[];
  skipTypes: boolean;
  /** What it declares for all, in `declare global` or `declare module 'name'`; and `settled` without that. */
  globals: string[];
  settledAlone: string;
}

interface Edit {
  at: number;
  text: string;
}

/** @param owners name → serial number of the cell that declared it last. */
export function prepareCell(code: string, owners: ReadonlyMap<string, number>): PreparedCell {
  const file = parseCell(code);
  const statements = ownStatements(file);
  const declared = new Set<string>();
  const imported = new Set<string>();
  const edits: Edit[] = [];
  for (const statement of statements) {
    for (const name of importedNames(statement)) imported.add(name);
    const names = declaredNames(statement);
    for (const name of names) declared.add(name);
    if (names.length && canExport(statement)) edits.push({ at: statement.getStart(file), text: 'export ' });
  }
  // Where it cannot be read, words put in would only make it stranger.
  if ((file as ts.SourceFile & { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics.length) edits.length = 0;
  else edits.push(...keepResult(statements.at(-1), file));

  const prefix = importsOfEarlierCells(identifiers(file), owners, new Set([...declared, ...imported]));
  const reexports = imported.size ? `\nexport { ${[...imported].join(', ')} };` : '';
  const body = `${applyEdits(code, edits)}${reexports}\n`;
  const ambient = statements.filter(isAmbient);
  return {
    text: `${prefix.text}\n${body}`,
    settled: `${prefix.settled}\n${body}`,
    prefixLines: 1,
    insertions: edits.map(edit => ({ ...placeAt(code, edit.at), length: edit.text.length })),
    declared: [...declared, ...imported],
    specifiers: importedModules(statements),
    uses: prefix.uses,
    globals: ambient.flatMap(ambientNames),
    settledAlone: ambient.length ? `${prefix.settled}\n${applyEdits(blanked(code, ambient), edits)}${reexports}\n` : '',
    skipTypes: /^\s*\/\/\s*@ts-nocheck\b/.test(code),
  };
}

/** The module for help: every earlier name in reach, the text as it stands. */
export function prepareForHelp(code: string, owners: ReadonlyMap<string, number>): { text: string; shift: number } {
  const file = parseCell(code);
  const own = new Set(
    ownStatements(file).flatMap(statement => [...importedNames(statement), ...declaredNames(statement)]),
  );
  const { text } = importsOfEarlierCells(new Set(owners.keys()), owners, own);
  return { text: `${text}\n${code}`, shift: text.length + 1 };
}

/** `export {}` at the end makes it a module, where `await` is a keyword at the top level. */
export function parseCell(code: string): ts.SourceFile {
  return ts.createSourceFile('cell.ts', `${code}\nexport {};`, ts.ScriptTarget.ES2024, false, ts.ScriptKind.TS);
}

function ownStatements(file: ts.SourceFile): ts.Statement[] {
  return file.statements.slice(0, -1);
}

export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length - 1, column: offset - lineStart };
}

function importsOfEarlierCells(used: Set<string>, owners: ReadonlyMap<string, number>, own: Set<string>) {
  const names = [...used].filter(name => !own.has(name) && owners.has(name));
  const cellOf = (name: string) => owners.get(name)!;
  const settled = names.map(name => `${nameOfCell(cellOf(name), name)} as ${name}`);
  return {
    // The same import in every cell, even where it is empty: TypeScript then reuses its last program.
    text: `export {}; import { ${names.join(', ')} } from './${SCOPE_MODULE}';`,
    settled: `export {}; import { ${settled.join(', ')} } from './${SCOPE_MODULE}';`,
    uses: [...new Set(names.map(cellOf))],
  };
}

function applyEdits(code: string, edits: Edit[]): string {
  let text = '';
  let from = 0;
  for (const edit of edits) {
    text += code.slice(from, edit.at) + edit.text;
    from = edit.at;
  }
  return text + code.slice(from);
}

/** Insertions that store the value of a last line that is an expression; an assignment shows nothing. */
function keepResult(last: ts.Statement | undefined, file: ts.SourceFile): Edit[] {
  if (!last || !ts.isExpressionStatement(last)) return [];
  const { expression } = last;
  if (ts.isBinaryExpression(expression) && isAssignment(expression.operatorToken.kind)) return [];
  return [
    { at: expression.getStart(file), text: `${HELPER}.result = (` },
    { at: expression.getEnd(), text: ')' },
  ];
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function identifiers(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

function importedNames(statement: ts.Statement): string[] {
  if (ts.isImportEqualsDeclaration(statement)) return [statement.name.text];
  if (!ts.isImportDeclaration(statement) || !statement.importClause) return [];
  const { name, namedBindings } = statement.importClause;
  const names = name ? [name.text] : [];
  if (namedBindings && ts.isNamespaceImport(namedBindings)) names.push(namedBindings.name.text);
  else if (namedBindings) names.push(...namedBindings.elements.map(element => element.name.text));
  return names;
}

function importedModules(statements: ts.Statement[]): string[] {
  const found = statements.map(statement => {
    if (ts.isImportEqualsDeclaration(statement))
      return ts.isExternalModuleReference(statement.moduleReference) ? statement.moduleReference.expression : undefined;
    return ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)
      ? statement.moduleSpecifier
      : undefined;
  });
  return [...new Set(found.flatMap(name => (name && ts.isStringLiteral(name) ? [name.text] : [])))];
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    if (isUsing(statement.declarationList)) return [];
    return statement.declarationList.declarations.flatMap(declaration => boundNames(declaration.name));
  }
  if (ts.isModuleDeclaration(statement))
    return ts.isIdentifier(statement.name) && statement.name.text !== 'global' ? [statement.name.text] : [];
  return ownName(statement);
}

/** The name of a function, class, interface, type or enum. */
export function ownName(statement: ts.Statement): string[] {
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return named && statement.name ? [statement.name.text] : [];
}

/** `declare global { … }`, `declare module 'name' { … }`: what they say holds everywhere. */
function isAmbient(statement: ts.Statement): statement is ts.ModuleDeclaration {
  return ts.isModuleDeclaration(statement) && (ts.isStringLiteral(statement.name) || statement.name.text === 'global');
}

function ambientNames({ name, body }: ts.ModuleDeclaration): string[] {
  const inside = body && ts.isModuleBlock(body) ? body.statements.flatMap(declaredNames) : [];
  return inside.map(one => `${name.text}.${one}`);
}

function blanked(code: string, statements: readonly ts.Statement[]): string {
  return statements.reduce(
    (text, { pos, end }) => text.slice(0, pos) + text.slice(pos, end).replace(/[^\n]/g, ' ') + text.slice(end),
    code,
  );
}

/** Names that a cell declares or imports, from its text alone. */
export function namesOf(code: string): string[] {
  return ownStatements(parseCell(code)).flatMap(statement => [
    ...importedNames(statement),
    ...declaredNames(statement),
  ]);
}

/** `using x = …` belongs to its cell: it is disposed of at the end, and cannot be exported. */
function isUsing(list: ts.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using;
}

/** The names that a pattern, `{ a, b: [c] }`, binds. */
export function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap(element => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

function canExport(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return !modifiers?.some(modifier => modifier.kind === ts.SyntaxKind.ExportKeyword);
}
