/** The pinned Python packages: Jupyter's tools, and the TensorFlow wheel whose library the addon is linked against. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Device } from './device';
import { inProject, venv, venvProgram } from './paths';
import { changingVenv } from './python';
import { explain } from './remedies.cjs';
import { run, SetupError } from './shell';
import { hashFile, type Step } from './steps';

/** uv installs the same packages several times faster than pip; pip does it where uv cannot be had. */
const UV = 'uv==0.13.9';

export const packagesStep: Step = {
  name: 'Python packages',
  takes: '30 s',
  stamp: path.join(venv, '.lab', 'packages'),
  inputs: () => [hashFile(inProject('requirements.txt'))],
  intact: () => existsSync(venvProgram('jupyter')),
  run: () => changingVenv(() => install('installing the Python packages', ['-r', inProject('requirements.txt')])),
};

/** requirements-cpu.txt or requirements-cuda.txt. */
export const tensorflowRequirements = (device: Device): string =>
  `requirements-${device === 'cuda' ? 'cuda' : 'cpu'}.txt`;

/** Undefined where the device needs no TensorFlow library: wasm and js. The wheel for CUDA serves the CPU too. */
export function tensorflowStep(wanted: Device): Step | undefined {
  if (wanted === 'wasm' || wanted === 'js') return undefined;
  const device = wanted === 'cpu' && hasCudaWheel() ? 'cuda' : wanted;
  const file = inProject(tensorflowRequirements(device));
  return {
    name: device === 'cuda' ? 'TensorFlow with CUDA, 4 GB' : 'TensorFlow for the CPU',
    takes: device === 'cuda' ? 'some minutes' : '1 min',
    stamp: path.join(venv, '.lab', 'tensorflow'),
    inputs: () => [device, hashFile(file)],
    intact: () => tensorflowFolder() !== undefined,
    run: () =>
      changingVenv(async () => {
        await removeOther(device);
        await install('installing TensorFlow', ['-r', file]);
      }),
  };
}

/** The folder of the wheel inside .venv, which holds libtensorflow and its headers; undefined where there is none. */
export function tensorflowFolder(environment = venv): string | undefined {
  const lib = path.join(environment, process.platform === 'win32' ? 'Lib' : 'lib');
  const pythons = process.platform === 'win32' ? ['.'] : existsSync(lib) ? readdirSync(lib) : [];
  return pythons
    .map(python => path.join(lib, python, 'site-packages', 'tensorflow'))
    .find(folder => existsSync(path.join(folder, 'include', 'tensorflow', 'c', 'c_api.h')));
}

function hasCudaWheel(): boolean {
  const folder = tensorflowFolder();
  return folder !== undefined && existsSync(path.join(folder, '..', 'nvidia', 'cuda_runtime'));
}

/** Both wheels fill the same folder `tensorflow`: the one for the other device has to go first. */
async function removeOther(device: Device): Promise<void> {
  const other = device === 'cuda' ? 'tensorflow-cpu' : 'tensorflow';
  const sitePackages = path.dirname(tensorflowFolder() ?? path.join(venv, 'none', 'tensorflow'));
  const present =
    existsSync(sitePackages) && readdirSync(sitePackages).some(name => name.startsWith(`${other.replace('-', '_')}-`));
  if (present) await run(venvProgram('python'), ['-m', 'pip', 'uninstall', '--yes', other]);
}

/**
 * Installs into .venv.
 * @throws SetupError when neither uv nor pip succeeds
 */
export async function install(what: string, requirements: string[]): Promise<void> {
  const python = venvProgram('python');
  if (await haveUv()) {
    const env = await uvSettings();
    const { code } = await run(venvProgram('uv'), ['pip', 'install', '--python', python, ...requirements], { env });
    if (code === 0) return;
  }
  await run(python, ['-m', 'pip', 'install', '--quiet', '--retries', '2', '--upgrade', 'pip']); // an old pip may not know today's wheels
  const { code, output } = await run(python, ['-m', 'pip', 'install', '--retries', '2', ...requirements]);
  if (code !== 0) throw new SetupError(explain(what, output));
}

async function haveUv(): Promise<boolean> {
  if (existsSync(venvProgram('uv'))) return true;
  const { code } = await run(venvProgram('python'), ['-m', 'pip', 'install', '--quiet', '--retries', '2', UV]);
  return code === 0;
}

/** uv does not read pip's configuration: a mirror that is set there is handed over. */
async function uvSettings(): Promise<Record<string, string>> {
  const env: Record<string, string> = { UV_LINK_MODE: 'copy', UV_HTTP_TIMEOUT: '120' };
  const mirror = process.env.PIP_INDEX_URL ?? (await pipSetting('global.index-url'));
  const certificate = process.env.PIP_CERT ?? (await pipSetting('global.cert'));
  if (mirror && !process.env.UV_DEFAULT_INDEX) env.UV_DEFAULT_INDEX = mirror;
  if (certificate && !process.env.SSL_CERT_FILE) env.SSL_CERT_FILE = certificate;
  return env;
}

async function pipSetting(name: string): Promise<string | undefined> {
  const { code, output } = await run(venvProgram('python'), ['-m', 'pip', 'config', 'get', name]);
  return code === 0 ? output.trim().split('\n').pop() : undefined;
}
