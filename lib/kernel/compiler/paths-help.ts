/** Completion inside a text: files and folders beside the notebook, and in an import what lies there to be imported. */
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { Completions } from '../messages';
import { parseCell } from './cell';

const MAX_FILES = 200;
const IMPORTABLE = /(?<!\.d)\.(?:ts|js|cjs|mjs|json)$/;

/**
 * @param offset the cursor, in UTF-16 units.
 * @param folder where the notebook lies.
 * @returns undefined where the cursor is in no text, or in a text that begins no path of a file.
 */
export function completePath(code: string, offset: number, folder: string): Completions | undefined {
  const literal = textAt(code, offset);
  if (!literal) return undefined;
  const typed = code.slice(literal.start, offset);
  if (literal.imports && !/^\.\.?\//.test(typed)) return undefined;
  const slash = typed.lastIndexOf('/') + 1;
  const beginning = typed.slice(slash);
  if (slash === 0 && beginning === '') return undefined;
  const items = entriesOf(path.resolve(folder, typed.slice(0, slash)))
    .filter(({ name }) => name.startsWith(beginning) && (beginning !== '' || !name.startsWith('.')))
    .flatMap(entry => (literal.imports ? importable(entry) : [fileItem(entry)]))
    .slice(0, MAX_FILES);
  return items.length ? { start: literal.start + slash, end: offset, items } : undefined;
}

type Item = Completions['items'][number];

function fileItem(entry: fs.Dirent): Item {
  const folder = entry.isDirectory();
  return { name: folder ? `${entry.name}/` : entry.name, kind: folder ? 'directory' : 'file', signature: '' };
}

function importable(entry: fs.Dirent): Item[] {
  if (entry.isDirectory()) return [{ name: entry.name, kind: 'directory', signature: '' }];
  if (!IMPORTABLE.test(entry.name)) return [];
  return [{ name: entry.name.replace(/\.(?:ts|js)$/, ''), kind: 'script', signature: entry.name }];
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name));
  } catch {
    return []; // no such folder: nothing to propose
  }
}

/** The text literal that the cursor is in, perhaps not closed yet: where its content starts, and whether it names a module. */
function textAt(code: string, offset: number): { start: number; imports: boolean } | undefined {
  const file = parseCell(code);
  let found: { start: number; imports: boolean } | undefined;
  const visit = (node: ts.Node, parent: ts.Node): void => {
    if (node.pos > offset || node.end < offset) return;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      const start = node.getStart(file) + 1;
      const closed = code[node.end - 1] === code[start - 1] && node.end - 1 >= start;
      if (offset >= start && (!closed || offset < node.end)) found = { start, imports: namesModule(parent) };
    }
    ts.forEachChild(node, child => visit(child, node));
  };
  visit(file, file);
  return found;
}

function namesModule(parent: ts.Node): boolean {
  if (ts.isCallExpression(parent)) return parent.expression.kind === ts.SyntaxKind.ImportKeyword;
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
}
