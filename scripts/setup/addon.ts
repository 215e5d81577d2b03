/**
 * The native addon of tfjs-node-gpu, compiled from the package's own sources (and what lib/runtime/native adds to them)
 * against the libtensorflow inside the Python wheel. The package's installer, which downloads a library from 2022, never runs.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { type Compiler, needCompiler } from './compiler';
import { tensorflowFolder } from './packages';
import { addon, inProject, tfjsNode, workFolder } from './paths';
import { explain } from './remedies.cjs';
import { must, run, SetupError } from './shell';
import { hashFile, type Step } from './steps';

const NATIVE = inProject('lib', 'runtime', 'native');
const HEADERS = inProject('node_modules', 'node-api-headers', 'include');
const FLAGS = ['-std=c++17', '-O2', '-fPIC', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'];

export const addonStep: Step = {
  name: 'native addon',
  takes: '20 s',
  stamp: path.join(path.dirname(addon), 'tfjs_binding.stamp'),
  inputs: () => {
    const folder = tensorflowFolder() ?? 'none';
    const library = hashFile(
      path.join(path.dirname(folder), 'tensorflow', 'include', 'tensorflow', 'core', 'public', 'release_version.h'),
    );
    const sources = [...addonSources(), ...headersOf(NATIVE), ...headersOf(path.join(tfjsNode, 'binding'))];
    return [
      process.platform,
      process.arch,
      relativePath(path.dirname(addon), folder),
      library,
      ...FLAGS,
      ...sources.map(hashFile),
    ];
  },
  intact: () => existsSync(addon),
  async run() {
    await buildAddon();
  },
};

/** The package's backend, and either our binding or, where there is none, the package's. */
export function addonSources(): string[] {
  const binding = path.join(tfjsNode, 'binding');
  const ours = existsSync(NATIVE) ? readdirSync(NATIVE).filter(name => name.endsWith('.cc')) : [];
  const main = ours.length > 0 ? ours.map(name => path.join(NATIVE, name)) : [path.join(binding, 'tfjs_binding.cc')];
  return [path.join(binding, 'tfjs_backend.cc'), ...main];
}

/** Compiles, links, and proves that Node can load the result. Only then does it take the old addon's place. */
export async function buildAddon({
  compiler,
  tensorflow = tensorflowFolder(),
  output = addon,
}: Build = {}): Promise<void> {
  if (!tensorflow) throw new SetupError('the TensorFlow wheel in .venv has no C headers; run npm run setup again');
  const cxx = compiler ?? (await needCompiler());
  const folder = path.join(workFolder, 'addon');
  mkdirSync(folder, { recursive: true });
  mkdirSync(path.dirname(output), { recursive: true });
  const objects = await Promise.all(addonSources().map(source => compile(cxx, source, folder, tensorflow)));
  const fresh = path.join(path.dirname(output), `fresh-${process.pid}.node`);
  await linkAddon(cxx, objects, fresh, tensorflow);
  await proveLoads(fresh);
  renameSync(fresh, output);
}

/** Each is found or decided where it is left out. */
interface Build {
  compiler?: Compiler;
  /** Folder of the wheel to link with. */
  tensorflow?: string;
  /** Where the addon goes. */
  output?: string;
}

async function compile(cxx: Compiler, source: string, folder: string, tensorflow: string): Promise<string> {
  const object = path.join(folder, `${path.basename(source, '.cc')}.o`);
  const includes = [HEADERS, path.join(tensorflow, 'include'), tfjsNode, NATIVE].map(each => `-I${each}`);
  const [program, ...argv] = cxx.command;
  await must(`compiling ${path.basename(source)} with ${cxx.name}`, program, [
    ...argv,
    ...FLAGS,
    ...includes,
    '-c',
    source,
    '-o',
    object,
  ]);
  return object;
}

/** Links with a search path relative to the addon, so that no character of the project's path can disturb the linker. */
async function linkAddon(cxx: Compiler, objects: string[], output: string, tensorflow: string): Promise<void> {
  const [program, ...argv] = cxx.command;
  const origin = process.platform === 'darwin' ? '@loader_path' : '$ORIGIN';
  // The binding loads TensorFlow's libraries itself (see LoadTensorFlow there), so its functions are bound when first called.
  const bindLater = process.platform === 'darwin' ? ['-Wl,-undefined,dynamic_lookup'] : ['-Wl,-z,lazy'];
  await must(`linking the addon with ${cxx.name}`, program, [
    ...argv,
    '-shared',
    ...objects,
    '-o',
    output,
    `-Wl,-rpath,${origin}/${relativePath(path.dirname(output), tensorflow)}`,
    ...bindLater,
  ]);
}

const relativePath = (from: string, to: string): string => path.relative(from, to).split(path.sep).join('/');

/** @throws SetupError with the loader's own words when Node cannot load the file */
async function proveLoads(file: string): Promise<void> {
  const env = { TF_CPP_MIN_LOG_LEVEL: '3' };
  const { code, output } = await run(process.execPath, ['-e', 'require(process.argv[1])', file], { env });
  if (code !== 0) throw new SetupError(explain('loading the new native addon', output));
}

function headersOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => name.endsWith('.h'))
    .map(name => path.join(folder, name));
}
