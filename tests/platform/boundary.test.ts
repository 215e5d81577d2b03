/** The lib reaches Node through lib/platform alone, so that the browser's side can take its place. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import * as browser from '../../lib/platform/browser';
import * as node from '../../lib/platform/node';
import { inProject } from '../../scripts/setup/paths';

const LIB = inProject('lib');
/** Where Node is meant: its side of the platform, and the kernel, whose page has replacements of its own (docs/browser.md). */
const OF_NODE = /^(?:platform\/node|kernel)\//;

const sources = fs
  .readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .map(file => file.split(path.sep).join('/'))
  .filter(file => /\.(?:ts|cjs|js)$/.test(file));

/** Names of modules that a text loads: imports, exports, `require`, `import()`; types alone load nothing. */
function loaded(text: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && !node.importClause?.isTypeOnly)
      names.push((node.moduleSpecifier as ts.StringLiteral).text);
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && !node.isTypeOnly)
      names.push((node.moduleSpecifier as ts.StringLiteral).text);
    const [first] = ts.isCallExpression(node) ? node.arguments : [];
    const loads =
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        /^require(?:\.resolve)?$/.test(node.expression.getText()));
    if (loads && first && ts.isStringLiteralLike(first)) names.push(first.text);
    if (ts.isIdentifier(node) && /^__(?:dirname|filename)$/.test(node.text)) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.ts', text, ts.ScriptTarget.ES2022, true));
  return names;
}

const BUILTIN =
  /^(?:node:.*|fs|path|os|util|crypto|zlib|child_process|module|url|vm|worker_threads|pngjs|__dirname|__filename)$/;

test('only the platform and the kernel load what only Node has', () => {
  const found = sources
    .filter(file => !OF_NODE.test(file) && !file.includes('/native/') && !file.includes('tfjs-node-shim'))
    .flatMap(file => loaded(fs.readFileSync(path.join(LIB, file), 'utf8')).map(name => `${file}: ${name}`))
    .filter(line => BUILTIN.test(line.split(': ')[1]));
  assert.deepEqual(found, []);
});

test('the search finds every way of loading', () => {
  const text = `import a from 'node:fs'; import type b from 'node:os'; export { c } from 'node:path';
    const d = require('node:vm'); void import('node:url'); require.resolve('pngjs'); __dirname;`;
  const expected = ['node:fs', 'node:path', 'node:vm', 'node:url', 'pngjs', '__dirname'];
  assert.deepEqual(loaded(text), expected);
});

test('both sides of the platform offer the same', () => {
  const own = new Set(['useSite', 'mount', 'listAlso', 'watchFiles', 'watchFetches', 'bytesHeld', 'zlib']); // how the browser's side gets and keeps its files
  const names = (side: object) =>
    Object.keys(side)
      .filter(name => !own.has(name) && name !== 'default')
      .sort();
  assert.deepEqual(names(browser), names(node));
});
