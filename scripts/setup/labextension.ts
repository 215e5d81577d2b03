/**
 * The course's extension of JupyterLab (labextension/), made into one file that JupyterLab loads as it loads any prebuilt
 * extension. No JupyterLab builder: esbuild bundles it, and a few lines stand where webpack would put its own.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inProject, venv } from './paths';

const NAME = 'latentlab';
const SOURCE = inProject('labextension');
const TARGET = path.join(venv, 'share', 'jupyter', 'labextensions', NAME);

/** What the extension takes from elsewhere in the project. */
const BORROWED = [
  'lib/i18n/zh/jupyterlab.json',
  'lib/i18n/language.ts',
  'scripts/notebooks/widgets.ts',
  'lib/course/needs.ts',
  'lib/plot/layout.ts',
];

/** JupyterLab's and JupyterLite's packages that the extension imports; JupyterLab itself shares its own copies of them. */
const shared = (source: string): string[] => [
  ...new Set([...source.matchAll(/require\("(@(?:jupyterlab|jupyterlite|lumino)\/[\w-]+)"\)/g)].map(match => match[1])),
];

/** Returns true when something changed. */
export function writeLabExtension(target = TARGET): boolean {
  const hash = sourceHash();
  const stamp = path.join(target, 'made-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  const about = { name: NAME, description: 'What the course LatentLab adds to JupyterLab' };
  const write = writeExtension(about, path.join(SOURCE, 'src', 'index.ts'), target);
  for (const [file, text] of schemas()) write(path.join('schemas', NAME, file), text);
  writeFileSync(stamp, hash);
  return true;
}

interface About {
  name: string;
  description: string;
}

/** Writes an extension into `target`, from the module `source`, whose default export are its plugins. Returns what adds a file to it. */
export function writeExtension(about: About, source: string, target: string): (name: string, text: string) => void {
  rmSync(target, { recursive: true, force: true });
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(target, name)), { recursive: true });
    writeFileSync(path.join(target, name), text);
  };
  const code = container(about.name, bundled(source));
  const entry = `static/remoteEntry.${createHash('sha256').update(code).digest('hex').slice(0, 16)}.js`;
  write(entry, code);
  write('package.json', json(manifest(about, entry)));
  return write;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What JupyterLab's server reads of an extension. */
const manifest = ({ name, description }: About, entry: string) => ({
  name,
  version: '1.0.0',
  description,
  license: 'MIT',
  jupyterlab: {
    extension: true,
    schemaDir: 'schema',
    _build: { load: entry, extension: './extension' },
  },
});

function schemas(): [string, string][] {
  const folder = path.join(SOURCE, 'schema');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).map((file): [string, string] => [
    file,
    readFileSync(path.join(folder, file), 'utf8'),
  ]);
  return [...files, ['package.json.orig', json({ name: NAME, version: '1.0.0' })]];
}

function bundled(source: string): string {
  // esbuild comes with tsx; it is loaded only where there is something to do.
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [source],
    bundle: true,
    write: false,
    format: 'cjs',
    target: 'es2022',
    external: ['@jupyterlab/*', '@jupyterlite/*', '@lumino/*', 'node:*'],
    loader: { '.css': 'text', '.svg': 'text' },
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

/** A module-federation container by hand: JupyterLab calls `init` with what it shares, then `get` for the module. */
const container = (name: string, code: string): string => `(() => {
  const load = (require, module, exports) => {
${code}
  };
  let scope;
  const one = async name => {
    const versions = Object.values(scope[name] ?? {});
    if (versions.length === 0) throw new Error(\`${name}: JupyterLab shares no \${name}\`);
    return [name, (await versions[0].get())()];
  };
  (globalThis._JUPYTERLAB ??= {})['${name}'] = {
    init: given => { scope = given; },
    get: async () => {
      const parts = new Map(await Promise.all(${JSON.stringify(shared(code))}.map(one)));
      const module = { exports: {} };
      load(name => parts.get(name), module, module.exports);
      return () => module.exports;
    },
  };
})();
`;

/** Of all that the bundle is made of. */
function sourceHash(): string {
  const hash = createHash('sha256').update(readFileSync(__filename));
  const files = [...filesIn(SOURCE), ...BORROWED.map(file => inProject(file))].sort();
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath ?? entry.path, entry.name));
