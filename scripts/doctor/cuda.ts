/**
 * `npm run doctor -- --cuda`: exercises the CUDA path on any Linux machine, beside what is installed. A second
 * environment in .lab/cuda gets TensorFlow's CUDA build, an addon is compiled against it, and a product is computed with it:
 * on the GPU where there is one, else on the CPU.
 */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildAddon } from '../setup/addon';
import { findGpus } from '../setup/device';
import { tensorflowFolder } from '../setup/packages';
import { inProject, root, workFolder } from '../setup/paths';
import { findPython } from '../setup/python';
import { must, SetupError } from '../setup/shell';
import { seconds } from '../setup/steps';

const environment = path.join(workFolder, 'cuda');
const python = path.join(environment, 'bin', 'python');
const output = path.join(environment, 'tfjs_binding.node');

export async function checkCuda(): Promise<void> {
  if (process.platform !== 'linux') throw new SetupError('TensorFlow has CUDA on Linux only (on Windows: inside WSL)');
  const gpus = await findGpus();
  console.log(
    gpus.length > 0
      ? `✓ NVIDIA GPU: ${gpus.map(gpu => gpu.name).join(', ')}`
      : '· NVIDIA GPU: none; computing on the CPU instead',
  );
  await timed("TensorFlow's CUDA build in .lab/cuda", () => installWheel(gpus.length > 0));
  await timed('addon compiled against it', () => buildAddon({ tensorflow: tensorflowFolder(environment), output }));
  const script = path.join(root, 'scripts', 'doctor', 'cuda-compute.cjs');
  const told = await must('computing with the CUDA build', process.execPath, [script, output], {
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  console.log(told.trim());
  if (gpus.length > 0 && !told.includes('on the GPU'))
    throw new SetupError('there is a GPU, but TensorFlow does not use it; see docs/gpu.md');
}

/** Without a GPU the CUDA libraries (3 GB) are left out: the build has to load without them. */
async function installWheel(withLibraries: boolean): Promise<void> {
  if (!existsSync(python)) {
    rmSync(environment, { recursive: true, force: true });
    const { command } = await findPython();
    await must('making .lab/cuda', command[0], [...command.slice(1), '-m', 'venv', environment]);
  }
  const list = inProject('requirements-cuda.txt');
  const wanted = withLibraries ? ['-r', list] : ['--no-deps', '--constraint', list, 'tensorflow'];
  await must("installing TensorFlow's CUDA build", python, ['-m', 'pip', 'install', '--quiet', ...wanted]);
}

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const started = performance.now();
  await work();
  console.log(`✓ ${name}  ${seconds(started)}`);
}
