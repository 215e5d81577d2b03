/**
 * How cells find and load modules. Files of the reader and of the project, in every kind of TypeScript, JavaScript and
 * JSON, are translated on the way in and loaded anew when they change, as are packages beside the notebook; the project's
 * own packages are left to Node.
 */
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { guardTables } from '../../runtime/danfo';
import { SCOPE_MODULE } from '../compiler/cell-names';
import { ROOT, shortPath } from '../paths';
import { stampOf } from '../stamp';
import { whenForced } from './force';
import { guards } from './interrupt';
import { forget, forgetChanged, remember, rememberUse } from './modules';
import { isEsm, isPackageFile, isProjectPackage, packageFolder, resolveName } from './resolve';
import { parseJson, translate } from './translate';

type Extensions = Record<string, (module: Module, file: string) => void>;
const EXTENSIONS = (Module as unknown as { _extensions: Extensions })._extensions;
const DANFO = /[\\/]node_modules[\\/]danfojs-node[\\/]/;
const KINDS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** The notebook, as its cells know it: `import.meta` and `__filename`. */
const NOTEBOOK = notebookFile();
/** A relative name is looked up in the project first, then beside the notebook; so are packages. */
const FOLDERS = [ROOT, process.cwd()];
const native = createRequire(path.join(ROOT, 'notebook.js'));
/** ESM namespaces that had to be imported asynchronously, and why files that wait could not be loaded, by file. */
const asynchronous = new Map<string, unknown>();
const failures = new Map<string, unknown>();

function notebookFile(): string {
  const session = process.env.JPY_SESSION_NAME ?? '';
  return path.isAbsolute(session) && fs.existsSync(session) ? session : path.join(process.cwd(), 'notebook.ts');
}

/** Files that other packages reach through a link (lib/runtime/tfjs-node-shim) are loaded here too, once for all. */
export function installLoader(): void {
  for (const kind of KINDS) {
    const usual = EXTENSIONS[kind] ?? EXTENSIONS['.js'];
    EXTENSIONS[kind] = (module, file) => (isOurs(file) ? evaluate(module, file) : usual(module, file));
  }
  whenForced(forgetHalfLoaded);
}

/** Files and packages that were loading when the stop came: half of their names are missing, and stay so if they are kept. */
function forgetHalfLoaded(): void {
  for (const [file, module] of Object.entries(require.cache)) if (module && !module.loaded) forget(file);
}

const isOurs = (file: string): boolean =>
  KINDS.includes(path.extname(file)) && !isProjectPackage(file) && !file.startsWith(__dirname + path.sep);

/** What the code of a file or a cell finds around it; `meta` and `import` stand for `import.meta` and `import()`. */
export interface Surroundings {
  require: NodeJS.Require;
  module: Module;
  meta: ImportMeta;
  import(name: unknown): Promise<unknown>;
}

/** @param scope names of earlier cells */
export function surroundingsOfCells(scope: object): Surroundings {
  const found = surroundings(new Module(NOTEBOOK), NOTEBOOK, name => resolveName(name, FOLDERS));
  const { require } = found;
  const ofCell = (name: string): unknown => {
    if (name === `./${SCOPE_MODULE}`) return scope;
    const file = resolveName(name, FOLDERS);
    forgetChanged(file);
    const exports = load(file);
    if (isProjectPackage(file)) noteChange(name, file);
    return exports;
  };
  return { ...found, require: Object.assign(ofCell, require) as NodeJS.Require };
}

function surroundings(module: Module, file: string, resolve: (name: string) => string): Surroundings {
  module.filename = file;
  const url = pathToFileURL(file).href;
  const { cache, extensions, main } = native;
  const require = Object.assign((name: string) => load(resolve(name)), {
    resolve: Object.assign(resolve, { paths: (name: string) => createRequire(file).resolve.paths(name) }),
    cache,
    extensions,
    main,
  }) as NodeJS.Require;
  const meta = {
    url,
    filename: file,
    dirname: path.dirname(file),
    resolve: (name: string) =>
      /^(?:\.{1,2}\/|\/|\w{2,}:)/.test(name) ? new URL(name, url).href : urlOf(resolve(name)),
  } as ImportMeta;
  return { require, module, meta, import: name => dynamicImport(String(name), resolve) };
}

const urlOf = (file: string): string =>
  path.isAbsolute(file) ? pathToFileURL(file).href : `node:${file.replace(/^node:/, '')}`;

/** A module of the project for the kernel's own use, loaded when it is first needed: 'lib/plot/specs.ts'. */
export const loadProject = (file: string): unknown => load(path.join(ROOT, file));

const packageStamps = new Map<string, string>();

/** The project's packages stay as they were loaded (TensorFlow must not be there twice): another version is at least spoken of. */
function noteChange(name: string, file: string): void {
  const now = [file, path.join(packageFolder(file) ?? '', 'package.json')].map(stampOf).join();
  const before = packageStamps.get(file) ?? now;
  packageStamps.set(file, now);
  if (before !== now)
    console.warn(`'${name}' has changed since it was loaded: restart the kernel to use what is there now`);
}

/** The module's exports; loads it where that has not been done. danfojs's groups count right, however a cell comes by it. */
function load(file: string): unknown {
  const exports = loadFile(file);
  if (DANFO.test(file)) guardTables(exports as Parameters<typeof guardTables>[0]);
  return exports;
}

function loadFile(file: string): unknown {
  if (!isOurs(file)) return asynchronous.get(file) ?? native(file);
  const known = require.cache[file];
  if (known) return known.exports;
  if (failures.has(file)) throw failures.get(file);
  if (!file.endsWith('.json') && translate(file).waits)
    throw new Error(
      `${shortPath(file)} awaits at its top level: load it with \`await import(…)\`, or import it at a cell's top level`,
    );
  const module = enter(file);
  try {
    evaluate(module, file);
  } catch (error) {
    forget(file);
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

function enter(file: string): Module {
  const module = new Module(file);
  module.filename = file;
  module.paths = (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(
    path.dirname(file),
  );
  require.cache[file] = module as NodeJS.Module;
  return module;
}

/** Runs a file's code; a promise where it waits at its top level. */
function evaluate(module: Module, file: string): unknown {
  remember(file);
  if (file.endsWith('.json')) {
    module.exports = parseJson(file);
    return undefined;
  }
  const { js, waits } = translate(file);
  const found = surroundings(module, file, name => {
    const used = resolveName(name, [path.dirname(file), ...(isPackageFile(file) || isRelative(name) ? [] : [ROOT])]);
    rememberUse(file, name, used);
    return used;
  });
  const body = `${waits ? 'async ' : ''}function () {\n${js}\n}`;
  // Parameters of an outer function: the file may declare names like these itself, as ES modules do.
  const source = `(function (exports, require, module, __filename, __dirname, __lab__) { return (${body}).call(this); })`;
  const run = compileScript(source, file) as (...values: unknown[]) => unknown;
  const lab = { ...guards, meta: found.meta, import: found.import };
  return run.call(module.exports, module.exports, found.require, module, file, path.dirname(file), lab);
}

const isRelative = (name: string): boolean => /^\.{1,2}(?:\/|$)/.test(name);

/** A function from its text, whose first line stands for line 0: what counts begins on the second. */
export function compileScript(source: string, filename: string): unknown {
  const { USE_MAIN_CONTEXT_DEFAULT_LOADER: importModuleDynamically } = vm.constants;
  return new vm.Script(source, { filename, lineOffset: -1, importModuleDynamically }).runInThisContext();
}

/** Loads ahead of a cell what `require` cannot: whatever waits at its top level, however deep. Other faults `require` will find again, in the cell's own line. */
export async function preload(names: string[]): Promise<void> {
  failures.clear();
  const seen = new Set<string>();
  for (const name of names) {
    try {
      const file = resolveName(name, FOLDERS);
      forgetChanged(file);
      await prepare(file, seen);
    } catch {
      // said by `require`
    }
  }
}

async function prepare(file: string, seen: Set<string>): Promise<void> {
  if (seen.has(file) || require.cache[file]) return;
  seen.add(file);
  if (!isOurs(file)) return prepareNative(file);
  if (file.endsWith('.json')) return;
  const { imports, waits } = translate(file);
  for (const name of imports) {
    try {
      await prepare(resolveName(name, [path.dirname(file), ROOT]), seen);
    } catch {
      // said when the file is loaded
    }
  }
  if (waits) await loadWaiting(file);
}

async function loadWaiting(file: string): Promise<void> {
  const module = enter(file);
  try {
    await evaluate(module, file);
    module.loaded = true;
  } catch (error) {
    forget(file);
    failures.set(file, error);
  }
}

async function prepareNative(file: string): Promise<void> {
  if (!isEsm(file) || asynchronous.has(file)) return;
  try {
    native(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') return;
    asynchronous.set(file, asRequired(await import(pathToFileURL(file).href)));
  }
}

/** An ES module in the form that compiled code expects of `require`: the mark says that `default` is the default export. */
const asRequired = (module: object): object => ({ ...module, __esModule: true });

/** `import()` of a cell or a file. */
async function dynamicImport(name: string, resolve: (name: string) => string): Promise<unknown> {
  if (/^(?:data|https?):/.test(name)) return import(name);
  const file = resolve(name);
  if (Module.isBuiltin(file)) return import(file);
  if (isProjectPackage(file)) noteChange(name, file);
  if (!isOurs(file) && isEsm(file)) return import(pathToFileURL(file).href);
  forgetChanged(file);
  await prepare(file, new Set());
  return asNamespace(load(file));
}

const namespaces = new WeakMap<object, object>();

/** What `import()` of a CommonJS module gives, as TypeScript sees it: its properties, and the whole as `default`. */
function asNamespace(exports: unknown): unknown {
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return { default: exports };
  if ((exports as { __esModule?: unknown }).__esModule) return exports;
  const known = namespaces.get(exports);
  if (known) return known;
  const namespace: object = Object.defineProperty({}, 'default', { value: exports, enumerable: true });
  for (const key of Object.getOwnPropertyNames(exports)) {
    if (key === 'default' || Array.isArray(exports)) continue;
    Object.defineProperty(namespace, key, { get: () => (exports as Record<string, unknown>)[key], enumerable: true });
  }
  namespaces.set(exports, namespace);
  return namespace;
}
