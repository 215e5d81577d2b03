/** The doctor's questions, in the order in which one thing stands on another. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { type Fit, fitOf } from '../../lib/data/versions';
import { describeProcessor, oneDnnSetting, processor } from '../../lib/runtime/processor';
import { findStack, sitePackages, versionOf } from '../../lib/runtime/stack';
import { findBrowser, NO_BROWSER } from '../export/browser';
import { findCompiler } from '../setup/compiler';
import { findGpus, wantedDevice } from '../setup/device';
import { tensorflowFolder } from '../setup/packages';
import { addon, root, venv } from '../setup/paths';
import { findPython, venvIsSound } from '../setup/python';
import { run, SetupError } from '../setup/shell';
import { driverIsNewEnough, firstLine, OLDEST_DRIVER } from './words';

export interface Finding {
  /** note: fine, or not needed here. */
  state: 'good' | 'note' | 'bad';
  found: string;
  remedy?: string;
}
export interface Check {
  name: string;
  look(): Promise<Finding>;
}

const SET_UP = 'npm run setup installs it';
const good = (found: string): Finding => ({ state: 'good', found });
const note = (found: string, remedy?: string): Finding => ({ state: 'note', found, remedy });
const bad = (found: string, remedy: string): Finding => ({ state: 'bad', found, remedy });

export const checks: Check[] = [
  { name: 'Node', look: async () => good(process.versions.node) }, // scripts/lab.mjs has refused what does not fit
  { name: 'Python', look: lookAtPython },
  { name: '.venv', look: async () => ((await venvIsSound()) ? good('sound') : bad('missing or half made', SET_UP)) },
  { name: 'JupyterLab', look: lookAtJupyter },
  { name: 'C++ compiler', look: lookAtCompiler },
  { name: 'NVIDIA GPU', look: lookAtGpu },
  { name: 'CUDA libraries', look: lookAtCuda },
  { name: 'CUDA toolkit', look: async () => lookAtToolkit() },
  { name: 'TensorFlow', look: lookAtTensorflow },
  { name: 'versions fit', look: lookAtFits },
  {
    name: 'native addon',
    look: async () => (existsSync(addon) ? good('compiled') : bad('missing', 'npm run setup compiles it')),
  },
  { name: 'processor', look: async () => lookAtProcessor() },
  { name: 'computes on', look: lookAtDevice },
  { name: 'kernel', look: lookAtKernel },
  { name: 'browser for PDF', look: lookAtBrowser },
  { name: 'Chinese font', look: lookAtFont },
  { name: 'disk', look: async () => lookAtDisk() },
];

async function lookAtPython(): Promise<Finding> {
  try {
    const { command, version } = await findPython();
    return good(`${version.join('.')} (${command.join(' ')})`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const [found, ...remedy] = error.message.split('\n');
    return bad(found, remedy.map(line => line.trim()).join(' '));
  }
}

async function lookAtJupyter(): Promise<Finding> {
  const packages = sitePackages();
  const version = packages && versionOf(packages, 'jupyterlab');
  return version ? good(version) : bad('missing', SET_UP);
}

async function lookAtCompiler(): Promise<Finding> {
  const compiler = await findCompiler();
  return compiler
    ? good(compiler.name)
    : note('none; the Python package ziglang is used instead, which takes 2 minutes once');
}

async function lookAtGpu(): Promise<Finding> {
  const gpus = await findGpus();
  if (gpus.length === 0)
    return note('none found', 'with an NVIDIA GPU in this machine: install its driver, so that nvidia-smi answers');
  const found = gpus.map(gpu => `${gpu.name}, ${gpu.memoryMiB} MiB, driver ${gpu.driver}`).join('; ');
  if (!driverIsNewEnough(gpus[0].driver))
    return bad(found, `CUDA 12 needs driver ${OLDEST_DRIVER} or later: update it`);
  return good(found);
}

async function lookAtCuda(): Promise<Finding> {
  const packages = sitePackages();
  const names = ['cuda_runtime', 'cublas', 'cudnn', 'cufft', 'cusolver', 'cusparse', 'nccl'];
  const versions = names.map(name => [name, packages && versionOf(packages, `nvidia_${name}_cu12`)]);
  const missing = versions.filter(([, version]) => !version).map(([name]) => name);
  if (missing.length === 0) return good(versions.map(pair => pair.join(' ')).join(', '));
  if ((await wantedDevice()) !== 'cuda') return note('not needed: this machine computes without CUDA');
  return bad(`missing: ${missing.join(', ')}`, SET_UP);
}

/** Of a machine that computes without CUDA only Python is asked. */
export function judgeFits(fits: readonly Fit[], cuda: boolean): Finding {
  const asked = fits.filter(({ layer }) => cuda || layer === 'Python');
  const misfits = asked.filter(({ fits }) => fits === false);
  if (misfits.length === 0) return good(asked.map(({ layer, found }) => `${layer} ${found ?? 'missing'}`).join(', '));
  const said = misfits.map(({ layer, found, wanted }) => `${layer} ${found} (wanted: ${wanted})`);
  return bad(
    said.join(', '),
    'datasets/tensorflow-builds.csv has what fits; LAB_PYTHON chooses a Python, npm run setup the rest',
  );
}

/** It compiles CUDA code; what computes here brings its own libraries, whatever the toolkit's version. */
function lookAtToolkit(): Finding {
  const toolkit = findStack().find(({ name }) => name === 'CUDA toolkit');
  return note(toolkit?.version ? `${toolkit.version}; not used by the course` : 'none, and none is needed');
}

/** The installed TensorFlow against its makers' table of tested builds. */
async function lookAtFits(): Promise<Finding> {
  if (!tensorflowFolder()) return note('no TensorFlow to ask');
  return judgeFits(fitOf(findStack()), (await wantedDevice()) === 'cuda');
}

async function lookAtTensorflow(): Promise<Finding> {
  const packages = sitePackages();
  if (!packages || !tensorflowFolder()) return bad('missing', SET_UP);
  const cpu = versionOf(packages, 'tensorflow_cpu');
  const full = versionOf(packages, 'tensorflow');
  return full ? good(`${full} (built with CUDA)`) : good(`${cpu} (CPU)`);
}

/** Asks the runtime itself, in a process of its own: the device line, and a product that must be right. */
async function lookAtDevice(): Promise<Finding> {
  const script = path.join(root, 'scripts', 'doctor', 'compute.ts');
  const { code, output } = await run(process.execPath, ['--import', 'tsx', script]);
  if (code !== 0)
    return bad(
      firstLine(output),
      'npm run setup; if it says that all is in place, delete .venv and node_modules and run npm start',
    );
  const lines = output.trim().split('\n');
  const native = !/WebAssembly|plain JavaScript/.test(output);
  const wanted = await wantedDevice();
  const fallen = (wanted === 'cuda' && !/CUDA/.test(lines[lines.length - 1])) || (wanted === 'cpu' && !native);
  return fallen
    ? bad(lines.join(' '), 'see the lines above; docs/gpu.md has the check for a GPU')
    : good(lines[lines.length - 1]);
}

function lookAtProcessor(): Finding {
  const here = processor();
  const setting = process.env.TF_ENABLE_ONEDNN_OPTS ?? oneDnnSetting(here);
  return good(`${here.model} · ${describeProcessor(here, setting)}`);
}

async function lookAtKernel(): Promise<Finding> {
  const file = path.join(venv, 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json');
  if (!existsSync(file)) return bad('not registered', 'npm run setup registers it');
  const { argv, display_name } = JSON.parse(readFileSync(file, 'utf8')) as { argv: string[]; display_name: string };
  const gone = argv.filter(word => path.isAbsolute(word) && !existsSync(word));
  return gone.length > 0
    ? bad(`its program ${gone[0]} is gone`, 'npm run setup registers it again')
    : good(`${display_name}, registered in .venv`);
}

async function lookAtBrowser(): Promise<Finding> {
  const browser = findBrowser();
  return browser ? good(browser) : note('none: HTML and slides are exported, PDF is not', NO_BROWSER);
}

async function lookAtFont(): Promise<Finding> {
  if (process.platform !== 'linux') return good('part of the system');
  const { code, output } = await run('fc-list', [':lang=zh', 'family']);
  if (code === 0 && output.trim()) return good(firstLine(output));
  return note(
    'none found: Chinese PDFs would have empty boxes',
    'on Debian and Ubuntu: sudo apt-get install fonts-noto-cjk',
  );
}

/** The course, its modules and its Python come to 4 GB, with CUDA 10. */
function lookAtDisk(): Finding {
  const { bavail, bsize } = statfsSync(root);
  const free = (bavail * bsize) / 2 ** 30;
  const found = `${free.toFixed(1)} GB free`;
  return free < 1 ? bad(found, 'free some: exports and checkpoints need room') : good(found);
}
