/** How cells and the lib find modules: the project's TypeScript is translated on the way in, and cached; changed files load anew. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SCOPE_MODULE } from '../compiler/cell-names';
import { CACHE, ROOT } from '../paths';

/** Raise when the translation changes, so that cached files are made anew. */
const TRANSLATION = '2';

interface Loaded {
  js: string;
  map: string;
}

type Extensions = Record<
  string,
  (module: Module & { _compile(code: string, file: string): void }, file: string) => void
>;
const maps = new Map<string, string>();
const stamps = new Map<string, string>();
/** ESM namespaces that had to be imported asynchronously, by resolved file. */
const asynchronous = new Map<string, unknown>();
const fromRoot = createRequire(path.join(ROOT, 'notebook.js'));
const fromFolder = createRequire(path.join(process.cwd(), 'notebook.js'));

/** Source map (JSON) of a TypeScript file that was loaded, for stack traces. */
export function sourceMapOf(file: string): string | undefined {
  return maps.get(file);
}

export function installLoader(): void {
  (Module as unknown as { _extensions: Extensions })._extensions['.ts'] = (module, file) => {
    stamps.set(file, stampOf(file));
    const { js, map } = translate(file);
    maps.set(file, map);
    module._compile(js, file);
  };
}

function translate(file: string): Loaded {
  const source = fs.readFileSync(file, 'utf8');
  const key = createHash('sha256').update(TRANSLATION).update(file).update(source).digest('hex').slice(0, 24);
  const cached = path.join(CACHE, 'modules', `${key}.json`);
  try {
    return JSON.parse(fs.readFileSync(cached, 'utf8')) as Loaded;
  } catch {
    const { transpile } = require('./transpile') as typeof import('./transpile');
    const loaded = transpile(file, source);
    fs.mkdirSync(path.dirname(cached), { recursive: true });
    const temporary = `${cached}.${process.pid}`;
    fs.writeFileSync(temporary, JSON.stringify(loaded));
    fs.renameSync(temporary, cached);
    return loaded;
  }
}

/** `require` of a cell: names of earlier cells, then the project's root, then the notebook's folder. */
export function requireFor(scope: object): (name: string) => unknown {
  return name => {
    if (name === `./${SCOPE_MODULE}`) return scope;
    if (asynchronous.has(name)) return asynchronous.get(name);
    const file = resolve(name);
    return asynchronous.get(file) ?? fromRoot(file);
  };
}

function resolve(name: string): string {
  try {
    return fromRoot.resolve(name);
  } catch (error) {
    try {
      return fromFolder.resolve(name);
    } catch {
      throw error;
    }
  }
}

/** Loads what `require` cannot: ES modules with top-level await, packages that are exported to `import` alone. */
export async function preload(specifiers: string[]): Promise<void> {
  for (const name of specifiers) {
    try {
      const file = resolve(name);
      if (!asynchronous.has(file)) await load(file);
    } catch (error) {
      // Anything else `require` will say again, in the cell's own line.
      if (codeOf(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED') asynchronous.set(name, asRequired(await import(name)));
    }
  }
}

async function load(file: string): Promise<void> {
  try {
    fromRoot(file);
  } catch (error) {
    if (codeOf(error) !== 'ERR_REQUIRE_ASYNC_MODULE') return;
    asynchronous.set(file, asRequired(await import(pathToFileURL(file).href)));
  }
}

/** An ES module in the form that compiled code expects of `require`: the mark says that `default` is the default export. */
const asRequired = (module: object): object => ({ ...module, __esModule: true });

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** `import()` of a cell or a lib file. */
export async function dynamicImport(name: string): Promise<unknown> {
  let file: string;
  try {
    file = resolve(name);
  } catch (error) {
    if (codeOf(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return import(name);
    throw error;
  }
  if (!path.isAbsolute(file)) return import(file);
  if (file.endsWith('.ts')) return fromRoot(file);
  return import(pathToFileURL(file).href);
}

/** Forgets the project's files that changed since they were loaded, and those that depend on them. */
export function forgetChangedFiles(): void {
  const gone = new Set<string>();
  for (const [file, stamp] of stamps) if (stampOf(file) !== stamp) gone.add(file);
  if (gone.size === 0) return;
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const file of stamps.keys()) {
      const module = require.cache[file];
      if (module?.children.some(child => gone.has(child.filename))) gone.add(file);
    }
  }
  for (const file of gone) {
    delete require.cache[file];
    stamps.delete(file);
  }
}

function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}-${stat.size}` : 'gone';
}
