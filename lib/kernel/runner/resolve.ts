/**
 * From the name in an import to a file, in TypeScript's order, so that what was checked is what runs: `./a.js` may mean
 * a.ts, `./a` a.tsx. Nothing is remembered (Node keeps what it found, and misses files that come and go).
 */
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../paths';

/** What an ending may stand for in a source file. */
const STANDS_FOR: Record<string, string[]> = {
  '.js': ['.ts', '.tsx', '.js', '.jsx'],
  '.jsx': ['.tsx', '.ts', '.jsx', '.js'],
  '.mjs': ['.mts', '.mjs'],
  '.cjs': ['.cts', '.cjs'],
};
const SOURCE_ENDINGS = ['.ts', '.tsx', '.js', '.jsx', '.json', '.node'];
const PACKAGE_ENDINGS = ['.js', '.json', '.node'];
const REQUIRE = new Set(['node', 'require', 'module-sync', 'node-addons', 'default']);
const IMPORT = new Set(['node', 'import', 'module-sync', 'node-addons', 'default']);

const NODE_MODULES = `${path.sep}node_modules${path.sep}`;
const PROJECT_PACKAGES = path.join(ROOT, 'node_modules') + path.sep;

/** Part of an installed package, whose files are JavaScript as they stand. */
export const isPackageFile = (file: string): boolean => file.includes(NODE_MODULES);

/** One of the project's own packages: Node loads it, once. */
export const isProjectPackage = (file: string): boolean => file.startsWith(PROJECT_PACKAGES);

/**
 * @param name as in `import … from name`; `node:` names come back as they are.
 * @param folders where a relative name is looked up, and from where upwards packages are; the first that has it serves.
 * @returns the file, links followed.
 * @throws MODULE_NOT_FOUND, or ERR_PACKAGE_PATH_NOT_EXPORTED
 */
export function resolveName(name: string, folders: readonly string[]): string {
  if (Module.isBuiltin(name)) return name;
  const find = isPath(name) ? resolvePath : resolvePackage;
  let failure: unknown;
  for (const folder of folders) {
    try {
      const file = find(name, folder);
      if (file) return fs.realpathSync(file);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure ?? notFound(name);
}

const isPath = (name: string): boolean => /^(?:\.{1,2}(?:\/|\\|$)|file:)/.test(name) || path.isAbsolute(name);

function notFound(name: string): Error {
  return Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

function resolvePath(name: string, folder: string): string | undefined {
  const target = name.startsWith('file:') ? fileURLToPath(name) : path.resolve(folder, name);
  const found = (name.endsWith('/') ? undefined : asFile(target)) ?? asFolder(target);
  if (found || !name.includes('?')) return found;
  return resolvePath(name.slice(0, name.indexOf('?')), folder); // './a.mjs?again', a way to load once more in Node
}

function asFile(target: string): string | undefined {
  if (isPackageFile(target)) return firstFile([target, ...PACKAGE_ENDINGS.map(ending => target + ending)]);
  const ending = path.extname(target);
  const stem = target.slice(0, target.length - ending.length);
  const meant = (STANDS_FOR[ending] ?? [ending]).map(other => stem + other);
  return firstFile([...meant, ...SOURCE_ENDINGS.map(other => target + other)]);
}

function asFolder(target: string): string | undefined {
  if (!fs.statSync(target, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const { main } = packageJson(target) ?? {};
  const named = typeof main === 'string' ? path.join(target, main) : undefined;
  return (named && (asFile(named) ?? asFile(path.join(named, 'index')))) ?? asFile(path.join(target, 'index'));
}

function firstFile(files: string[]): string | undefined {
  return files.find(file => fs.statSync(file, { throwIfNoEntry: false })?.isFile());
}

interface PackageJson {
  main?: unknown;
  exports?: unknown;
  type?: unknown;
}

export function packageJson(folder: string): PackageJson | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as PackageJson;
  } catch {
    return undefined;
  }
}

/** The folder of the package.json that governs a file. */
export function packageFolder(file: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder) || path.basename(folder) === 'node_modules') return undefined;
  }
}

/** Is the file an ES module by its name, or by its package's word? */
export function isEsm(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (!file.endsWith('.js')) return false;
  const folder = packageFolder(file);
  return folder !== undefined && packageJson(folder)?.type === 'module';
}

function resolvePackage(name: string, from: string): string | undefined {
  const parts = name.split('/');
  const length = name.startsWith('@') ? 2 : 1;
  const packageName = parts.slice(0, length).join('/');
  const rest = parts.slice(length).join('/');
  for (let folder = from; ; folder = path.dirname(folder)) {
    const home = path.join(folder, 'node_modules', packageName);
    if (fs.existsSync(home)) {
      const { exports } = packageJson(home) ?? {};
      if (exports === undefined || exports === null) return rest ? inPackage(home, rest) : asFolder(home);
      return exported(home, exports, rest ? `./${rest}` : '.', name);
    }
    if (folder === path.dirname(folder)) break;
  }
  return createRequire(path.join(from, 'notebook.js')).resolve(name); // a package's own name, '#internal', NODE_PATH
}

const inPackage = (home: string, rest: string): string | undefined =>
  asFile(path.join(home, rest)) ?? asFolder(path.join(home, rest));

function exported(home: string, exports: unknown, entry: string, name: string): string {
  for (const conditions of [REQUIRE, IMPORT]) {
    const target = exportTarget(exports, entry, conditions);
    if (target) return path.join(home, target);
  }
  throw Object.assign(
    new Error(`Package subpath '${entry}' is not defined by "exports" in ${home}: cannot load '${name}'`),
    {
      code: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    },
  );
}

/** Node's rules for "exports": exact names first, then the pattern with the longest beginning. */
function exportTarget(exports: unknown, entry: string, conditions: Set<string>): string | undefined {
  const table = isTable(exports) ? exports : { '.': exports };
  if (Object.hasOwn(table, entry) && !entry.includes('*')) return chosen(table[entry], conditions, '');
  const patterns = Object.keys(table)
    .filter(key => key.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length);
  for (const key of patterns) {
    const [before, after] = key.split('*');
    if (entry.length < key.length || !entry.startsWith(before) || !entry.endsWith(after)) continue;
    return chosen(table[key], conditions, entry.slice(before.length, entry.length - after.length));
  }
  return undefined;
}

const isTable = (exports: unknown): exports is Record<string, unknown> =>
  typeof exports === 'object' && exports !== null && Object.keys(exports).some(key => key.startsWith('.'));

function chosen(target: unknown, conditions: Set<string>, star: string): string | undefined {
  if (typeof target === 'string') return target.startsWith('./') ? target.replaceAll('*', () => star) : undefined;
  if (Array.isArray(target)) return target.map(one => chosen(one, conditions, star)).find(Boolean);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const found = conditions.has(condition) ? chosen(inner, conditions, star) : undefined;
    if (found) return found;
  }
  return undefined;
}
