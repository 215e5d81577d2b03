/**
 * Starts the kernel: bundles it once into .lab/kernel (again whenever a source file changed), then runs the bundle. In a
 * project that cannot be written, the bundle is made in a temporary folder at each start.
 * Plain JavaScript, so that Jupyter can start it with node alone: `node launch.cjs <connection file>`.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
const entries = {
  main: 'main.ts',
  compiler: 'compiler/thread.ts',
  runner: 'runner/process.ts',
  interrupts: 'runner/interrupt-thread.ts',
};

function sourceFiles(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.(ts|cjs)$/.test(entry.name))
    .map(entry => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** What the bundle is made of. */
const sources = [
  ...sourceFiles(__dirname),
  ...sourceFiles(path.join(root, 'lib/i18n')),
  ...sourceFiles(path.join(root, 'lib/platform')),
  ...['lib/runtime/display.ts', 'lib/runtime/html.ts', 'lib/course/terms.ts'].map(file => path.join(root, file)),
];

/** The folder of the bundle that belongs to these very sources; made if it is not there yet. */
function bundle() {
  const hash = createHash('sha256').update(process.version);
  for (const file of sources) hash.update(file).update(fs.readFileSync(file));
  const target = path.join(root, '.lab', 'kernel', hash.digest('hex').slice(0, 16));
  if (fs.existsSync(target)) return target;

  const temporary = `${target}.${process.pid}`;
  try {
    fs.mkdirSync(temporary, { recursive: true });
  } catch {
    return bundleUntilExit();
  }
  build(temporary);
  removeOldBundles(path.dirname(target));
  try {
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { recursive: true, force: true }); // another kernel was faster
    if (!fs.existsSync(target)) throw error;
  }
  return target;
}

function build(folder) {
  require('esbuild').buildSync({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(__dirname, file)])),
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    define: { 'process.env.LATENTLAB_ROOT': JSON.stringify(root) },
    logLevel: 'warning',
  });
}

/** Where .lab cannot be written. The bundle finds the project's packages through a link. */
function bundleUntilExit() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-kernel-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  build(folder);
  return folder;
}

/** Kernels that still run from an old bundle have loaded it already, except for late parts: keep a week. */
function removeOldBundles(folder) {
  const week = 7 * 24 * 3600 * 1000;
  for (const name of fs.readdirSync(folder)) {
    const old = path.join(folder, name);
    if (Date.now() - fs.statSync(old).mtimeMs > week) fs.rmSync(old, { recursive: true, force: true });
  }
}

module.exports = { bundle };
if (require.main === module) require(path.join(bundle(), 'main.js')).main(process.argv.slice(2));
