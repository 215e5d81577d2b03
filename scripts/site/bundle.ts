/** The scripts of a page that runs cells: two workers and what the reader sees, made by esbuild from the lib's own files. */
import fs from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Loader, type Plugin } from 'esbuild';
import ts from 'typescript';
import { instrument } from '../../lib/kernel/compiler/instrument';
import { ROOT } from '../notebooks/notebook';

const LIB = path.join(ROOT, 'lib');
const PAGE = path.join(LIB, 'kernel', 'page');
const BUILTINS = path.join(LIB, 'platform', 'browser', 'builtins');
const TYPESCRIPT = path.join(ROOT, 'node_modules', 'typescript') + path.sep;

const TFJS_NODE = path.join(ROOT, 'node_modules', '@tensorflow', 'tfjs-node-gpu') + path.sep;

/** Parts of the runner that belong to Node's processes and threads; in a page `kernel/page` has others of the same names. */
const REPLACED = ['children', 'interrupt', 'link', 'loader', 'timers', 'translate'];

/** Packages that a page has no use for, or cannot hold: whoever asks for one is told so. */
const ABSENT = /^(?:@tensorflow\/tfjs-node-gpu|jsdom|quickjs-emscripten-core|@jitl\/.*|@modelcontextprotocol\/.*)$/;

/** The part of danfojs that needs no Node, over the page's own tfjs and without its charts. */
const DANFO = path.join(ROOT, 'node_modules', 'danfojs-node', 'dist', 'danfojs-base', 'index.js');

/** What stands for a package that is loaded when it is wanted, and for its tfjs, which is the cells' own. */
const LATER: Record<string, string> = {
  'danfojs-node': `self.latentlabTf = require('@tensorflow/tfjs');
    importScripts(new URL('danfo.js' + self.location.search, self.location.href).href);
    module.exports = self.latentlabDanfo;`,
  '@tensorflow/tfjs-backend-webgpu': `self.latentlabTf = require('@tensorflow/tfjs');
    importScripts(new URL('webgpu.js' + self.location.search, self.location.href).href);`,
  '@tensorflow/tfjs-core': 'module.exports = self.latentlabTf;',
  '@tensorflow/tfjs-node': 'module.exports = self.latentlabTf;',
  // tfjs-node calls the constructor of its backend as a function, which a class of today forbids
  '@tensorflow/tfjs': `const tf = require('@tensorflow/tfjs');
    function KernelBackend() {}
    KernelBackend.prototype = tf.KernelBackend.prototype;
    module.exports = { ...tf, KernelBackend };`,
};

/**
 * How tfjs starts its threads: eight workers whatever is asked for, and no more threads than half of the cores. In the page
 * `self.latentlabThreads` says how many there are (platform/browser/engine.ts): the one that calls, and a worker for each other.
 */
const THREADS: readonly [own: string, ours: string][] = [
  ['pthreadPoolSize=8', 'pthreadPoolSize=self.latentlabThreads-1'],
  ['return navigator["hardwareConcurrency"]', 'return 2*self.latentlabThreads'],
];

/** Lines of the lib in the page ask for the stop button as they do in Node, the kernel's do not. */
const isInstrumented = (file: string): boolean =>
  file.startsWith(LIB + path.sep) && !/^(?:kernel|platform)[\\/]/.test(path.relative(LIB, file));

/** The browser's side of the platform and of the kernel in the place of Node's. */
const page: Plugin = {
  name: 'page',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^(?:node:)?[a-z_]+$/ }, ({ path: name, importer }) => {
      if (importer.startsWith(TYPESCRIPT)) return undefined; // it does without, as its package.json says
      const file = path.join(BUILTINS, `${name.replace('node:', '')}.ts`);
      return fs.existsSync(file) ? { path: file } : undefined;
    });
    esbuild.onResolve({ filter: /^pngjs$/ }, () => ({ path: path.join(LIB, 'platform', 'browser', 'png.ts') }));
    esbuild.onResolve({ filter: /^danfojs-node$/ }, ({ path: name, importer }) =>
      importer === path.join(PAGE, 'danfo.ts') ? { path: DANFO } : { path: name, namespace: 'later' },
    );
    esbuild.onResolve({ filter: /^@tensorflow\/tfjs-backend-webgpu$/ }, ({ path: name, importer }) =>
      importer === path.join(PAGE, 'webgpu.ts') ? undefined : { path: name, namespace: 'later' },
    );
    esbuild.onResolve({ filter: /^@tensorflow\/tfjs-node$/ }, ({ path: name }) => ({ path: name, namespace: 'later' }));
    esbuild.onResolve({ filter: /^@tensorflow\/tfjs$/ }, ({ path: name, importer }) =>
      importer.startsWith(TFJS_NODE) ? { path: name, namespace: 'later' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'later' }, ({ path: name }) => ({
      contents: LATER[name],
      resolveDir: ROOT,
    }));
    // of tfjs-node the runs without numbers want the kernels, not the messages for TensorBoard
    esbuild.onResolve({ filter: /^plotly\.js-dist-min$|\/proto\/api_pb$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'empty',
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
    esbuild.onResolve({ filter: ABSENT }, ({ path: name }) => ({ path: name, namespace: 'absent' }));
    esbuild.onResolve({ filter: /^\.{1,2}(?:\/|$)/ }, ({ path: name, resolveDir, importer }) => {
      if (!importer.startsWith(LIB)) return undefined;
      const meant = path.resolve(resolveDir, name);
      if (meant === path.join(LIB, 'platform')) return { path: path.join(LIB, 'platform', 'browser', 'index.ts') };
      const replaced = REPLACED.find(part => meant === path.join(LIB, 'kernel', 'runner', part));
      return replaced === undefined ? undefined : { path: path.join(PAGE, `${replaced}.ts`) };
    });
    // tfjs hands the text of this function to its threads, where the bundle's helpers are not: it stays as it was written
    esbuild.onLoad({ filter: /tfjs-backend-wasm-threaded-simd\.js$/ }, ({ path: file }) => {
      let script = fs.readFileSync(file, 'utf8');
      for (const [own, ours] of THREADS) {
        if (script.split(own).length !== 2) throw new Error(`tfjs's threads are not started by ${own} any more`);
        script = script.replace(own, ours);
      }
      script = `(() => { ${script}; return WasmBackendModuleThreadedSimd; })()`;
      return { contents: `module.exports = (0, eval)(${JSON.stringify(script)});` };
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path: name }) => ({
      contents: `throw require('./lib/platform/browser/refusal').refusal('NeedsPackage', ${JSON.stringify(`a page does not have the package ${name}`)});`,
      resolveDir: ROOT,
    }));
    esbuild.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      if (!isInstrumented(file)) return undefined;
      const { outputText } = ts.transpileModule(fs.readFileSync(file, 'utf8'), {
        fileName: file,
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
        transformers: { before: [instrument] },
      });
      return { contents: outputText, loader: 'js', resolveDir: path.dirname(file) };
    });
  },
};

/** Scripts that are loaded beside the runner's take its tfjs, and its lib. */
const sameAsRunner: Plugin = {
  name: 'same-as-runner',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, ({ path: name }) => ({ path: name, namespace: 'later' }));
    esbuild.onResolve({ filter: /^\.\.\/\.\.\/lib\// }, ({ path: name }) => ({
      path: name.replace(/^\.\.\/\.\.\/(lib\/[a-z]+).*/, './$1'),
      namespace: 'runner',
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'runner' }, ({ path: name }) => ({
      contents: `module.exports = self.latentlabModules[${JSON.stringify(name)}];`,
    }));
  },
};

const settings: BuildOptions = {
  bundle: true,
  minify: true,
  keepNames: true, // errors and figures name classes
  platform: 'browser',
  mainFields: ['browser', 'module', 'main'], // said, so that what is required is the copy that is imported: one tfjs-core
  target: 'es2022',
  format: 'iife',
  logLevel: 'error',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.LATENTLAB_ROOT': '"/project"',
    __dirname: '"/project/lib/kernel/page"',
    global: 'globalThis',
  },
  loader: Object.fromEntries(
    ['.css', '.svg', '.png', '.woff', '.woff2', '.ttf', '.eot'].map(e => [e, 'empty']),
  ) as Record<string, Loader>,
  plugins: [page],
  logOverride: { 'direct-eval': 'silent' },
};

/** The two workers of a page, and what they load beside. */
export const WORKERS = ['runner', 'compiler', 'danfo', 'tokenizers'] as const;

/** Writes the scripts into `folder`; returns their sizes in bytes. @param only of those that the pages load, and what workers load */
export async function writeBundles(folder: string, only?: readonly string[]): Promise<Record<string, number>> {
  const all = {
    runner: path.join(PAGE, 'runner.ts'),
    compiler: path.join(PAGE, 'compiler.ts'),
    danfo: path.join(PAGE, 'danfo.ts'),
    tokenizers: path.join(PAGE, 'tokenizers.ts'),
    page: path.join(ROOT, 'scripts', 'site', 'page', 'page.ts'),
    own: path.join(ROOT, 'scripts', 'site', 'page', 'own.ts'),
    measure: path.join(ROOT, 'scripts', 'site', 'page', 'measure.ts'),
    widgets: path.join(ROOT, 'scripts', 'site', 'page', 'widgets.ts'),
  };
  const entries =
    only === undefined ? all : Object.fromEntries(Object.entries(all).filter(([name]) => only.includes(name)));
  await build({ ...settings, entryPoints: entries, outdir: folder });
  const beside = {
    webgpu: path.join(PAGE, 'webgpu.ts'),
    tasks: path.join(ROOT, 'scripts', 'site', 'page', 'tasks.ts'),
  };
  await build({ ...settings, plugins: [sameAsRunner, page], entryPoints: beside, outdir: folder });
  const wasm = path.join(ROOT, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist');
  for (const name of fs.readdirSync(wasm).filter(file => file.endsWith('.wasm'))) {
    fs.mkdirSync(path.join(folder, 'wasm'), { recursive: true });
    fs.copyFileSync(path.join(wasm, name), path.join(folder, 'wasm', name));
  }
  return Object.fromEntries(
    [...Object.keys(entries), ...Object.keys(beside)].map(name => [
      name,
      fs.statSync(path.join(folder, `${name}.js`)).size,
    ]),
  );
}
