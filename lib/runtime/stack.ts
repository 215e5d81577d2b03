/**
 * What a computation stands on, layer by layer, as found on this machine. The doctor and lesson 25 ask here. Nothing of
 * TensorFlow is loaded: versions come from what packages and programs say of themselves.
 */
import { execFileSync, fromRoot, fs, path } from '../platform';
import { type Gpu, gpus } from './gpus';

/** The environment that the set-up makes. */
const VENV = fromRoot('.venv');

type Environment = Record<string, string | undefined>;

/** One layer; what stands on it needs it. */
export interface StackLayer {
  name: string;
  /** Undefined: not found. */
  version?: string;
  /** Where it was found: '.venv', 'PATH', 'system'. */
  place?: string;
  /** What fills the place where it is missing. */
  filledBy: string;
}

/** What to look at, for tests and for other environments; default: this machine and the course's .venv. */
export interface StackOptions {
  venv?: string;
  env?: Environment;
  gpus?: readonly Gpu[];
}

/**
 * Every file of that name on the PATH that can be run, in the order in which a shell looks; the first one answers.
 * @example onPath('node').length > 0 // → true
 */
export function onPath(name: string, env: Environment = process.env): string[] {
  const endings = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean);
  return folders.flatMap(folder => endings.map(ending => path.join(folder, name + ending))).filter(canRun);
}

function canRun(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The course's own Python, made by the set-up, else the one on the PATH.
 * @example coursePython().includes('python') // → true
 */
export function coursePython(): string {
  const own =
    process.platform === 'win32' ? path.join(VENV, 'Scripts', 'python.exe') : path.join(VENV, 'bin', 'python');
  return fs.existsSync(own) ? own : 'python3';
}

/**
 * The folder of an environment's packages; undefined where there is none.
 * @example sitePackages('no such environment') // → undefined
 */
export function sitePackages(venv = VENV): string | undefined {
  const lib = path.join(venv, 'lib');
  const pythons = fs.existsSync(lib) ? fs.readdirSync(lib).filter(name => name.startsWith('python')) : [];
  const folders = [
    path.join(venv, 'Lib', 'site-packages'),
    ...pythons.map(name => path.join(lib, name, 'site-packages')),
  ];
  return folders.find(folder => fs.existsSync(folder));
}

/**
 * Version of an installed distribution, read from the name of its dist-info folder; `name` is a regular expression.
 * @example versionOf(undefined, 'numpy') // → undefined
 */
export function versionOf(packages: string | undefined, name: string): string | undefined {
  const pattern = new RegExp(`^(?:${name})-([^-]+)\\.dist-info$`, 'i');
  return packages && fs.readdirSync(packages).flatMap(entry => pattern.exec(entry)?.[1] ?? [])[0];
}

/**
 * The layers from the driver up to Node, found or not.
 * @example findStack().map(layer => layer.name).includes('TensorFlow') // → true
 */
export function findStack({ venv = VENV, env = process.env, gpus: cards = gpus() }: StackOptions = {}): StackLayer[] {
  const packages = sitePackages(venv);
  const wheel = (name: string, pattern: string, stem: string, filledBy: string): StackLayer => {
    const [own, shared] = [versionOf(packages, pattern), systemLibrary(stem, env)];
    if (own) return { name, version: own, place: '.venv', filledBy };
    return { name, ...(shared ? { version: shared, place: 'system' } : {}), filledBy };
  };
  const inVenv = (name: string, pattern: string, filledBy: string): StackLayer => {
    const version = versionOf(packages, pattern);
    return { name, ...(version ? { version, place: '.venv' } : {}), filledBy };
  };
  return [
    { name: 'NVIDIA driver', ...(cards[0] && { version: cards[0].driver, place: 'system' }), filledBy: FILLS.driver },
    { name: 'CUDA toolkit', ...asked('nvcc', /release (\d+\.\d+)/, env), filledBy: FILLS.toolkit },
    wheel('CUDA libraries', 'nvidia_cuda_runtime(?:_cu\\d+)?', 'libcudart', FILLS.cuda),
    wheel('cuDNN', 'nvidia_cudnn(?:_cu\\d+)?', 'libcudnn', FILLS.cuda),
    wheel('TensorRT', 'tensorrt', 'libnvinfer', FILLS.tensorrt),
    inVenv('TensorFlow', 'tensorflow|tensorflow_cpu', FILLS.setup),
    inVenv('PyTorch', 'torch', FILLS.torch),
    { name: 'Python', ...pythonOf(venv), filledBy: FILLS.setup },
    { name: 'Node', version: process.versions.node, place: 'PATH', filledBy: FILLS.node },
    { name: 'conda', ...condaOf(env), filledBy: FILLS.conda },
  ];
}

const FILLS = {
  driver: "with an NVIDIA card: the driver, from the system's package manager",
  toolkit: 'only to compile CUDA code: the toolkit of NVIDIA; to run it, the libraries are enough',
  cuda: 'with an NVIDIA card: npm run setup installs it as a Python package',
  tensorrt: 'only to speed up inference: the Python package tensorrt',
  setup: 'npm run setup installs it',
  torch: 'not needed here: the Python package torch',
  node: 'the installer of nodejs.org, or conda',
  conda: 'not needed here: Miniforge, or micromamba',
};

/** Where a toolkit may lie. */
const cudaHomes = (env: Environment): string[] =>
  [env.CUDA_HOME, env.CUDA_PATH, '/usr/local/cuda'].flatMap(home => home ?? []);

/** What a program on the PATH, or in CUDA's usual folders, says of its version. */
function asked(program: string, version: RegExp, env: Environment): { version?: string; place?: string } {
  const [file] = [
    ...onPath(program, env),
    ...cudaHomes(env)
      .map(home => path.join(home, 'bin', program))
      .filter(canRun),
  ];
  if (!file) return {};
  try {
    const said = execFileSync(file, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return { version: version.exec(said)?.[1], place: 'PATH' };
  } catch {
    return {};
  }
}

function condaOf(env: Environment): { version?: string; place?: string } {
  const found = ['conda', 'mamba', 'micromamba'].map(name => asked(name, /(\d+(?:\.\d+)+)/, env));
  return found.find(({ version }) => version !== undefined) ?? {};
}

/** pyvenv.cfg says `version` (venv) or `version_info` (uv, virtualenv). */
function pythonOf(venv: string): { version?: string; place?: string } {
  const file = path.join(venv, 'pyvenv.cfg');
  const said = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const version = /^version(?:_info)? *= *(\d+\.\d+\.\d+)/m.exec(said)?.[1];
  return version ? { version, place: '.venv' } : {};
}

/** Version in the file name of a shared library where the loader looks: 'libcudnn.so.9.3.0' → 9.3.0. */
function systemLibrary(stem: string, env: Environment): string | undefined {
  const folders = [
    ...(env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean),
    ...cudaHomes(env).map(home => path.join(home, 'lib64')),
    `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
    '/usr/lib64',
  ];
  const versions = folders
    .filter(folder => fs.existsSync(folder))
    .flatMap(folder => fs.readdirSync(folder))
    .flatMap(file => (file.startsWith(`${stem}.so.`) ? file.slice(stem.length + 4) : []));
  return versions.sort((a, b) => b.length - a.length)[0];
}
