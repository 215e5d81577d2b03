import { refusal } from '../../platform/browser/refusal';

/** What a cell may import in a page, in place of `../runner/loader`: the modules that the bundle brings. */
const modules = new Map<string, unknown>();
/** Packages that lie in a script of their own, beside the worker's. */
let scripts: Readonly<Record<string, string>> = {};

/** @param name as cells write it, './lib' or 'node:path' */
export const provide = (name: string, module: unknown): void => void modules.set(name, module);

export function provideLater(files: Readonly<Record<string, string>>): void {
  scripts = files;
}

const SCOPE = './__scope';

function find(name: string): unknown {
  const short = name.replace(/\/index$/, '').replace(/^(\.\/lib)\/index\.ts$/, '$1');
  const found = modules.get(short);
  if (found) return found;
  if (scripts[short]) return fetched(short);
  if (short.startsWith('/')) throw refusal('NeedsFile', 'a page cannot load a program from a file');
  if (!short.startsWith('.')) throw refusal('NeedsPackage', `a page does not have the package ${short}`);
  throw Object.assign(
    new Error(`Cannot find module '${name}': in a page there are ${[...modules.keys()].join(', ')}`),
    { code: 'MODULE_NOT_FOUND' },
  );
}

/** Waits for the script, as a worker may. */
function fetched(name: string): unknown {
  const page = self as unknown as { latentlabPackages?: Record<string, unknown>; importScripts(address: string): void };
  if (!page.latentlabPackages?.[name])
    page.importScripts(new URL(scripts[name] + self.location.search, self.location.href).href);
  return page.latentlabPackages![name];
}

export interface Surroundings {
  require: (name: string) => unknown;
  module: { filename: string };
  meta: object;
  import(name: unknown): Promise<unknown>;
}

/** @param scope names of earlier cells */
export function surroundingsOfCells(scope: object): Surroundings {
  const filename = '/project/notebooks/notebook.ts';
  return {
    require: name => (name === SCOPE ? scope : find(name)),
    module: { filename },
    meta: { url: `file://${filename}`, filename, dirname: '/project/notebooks' },
    import: async name => find(String(name)),
  };
}

/** A module of the project for the kernel's own use: 'lib/plot/specs.ts'. */
export const loadProject = (file: string): unknown => find(`./${file.replace(/\.ts$/, '')}`);

export async function preload(_: readonly string[]): Promise<void> {}

/** A function from its text, under a name that stack traces show; what counts begins on the second line, and is to be the first. */
export const compileScript = (source: string, filename: string): unknown =>
  // biome-ignore lint/security/noGlobalEval: running what the reader writes is what this is for
  // biome-ignore lint/complexity/noCommaOperator: an indirect call, so that the code sees global names only
  (0, eval)(`${source.replace('\n', '')}\n//# sourceURL=${filename}`);
