/**
 * `npm run doctor -- --kernels`: times a training step of the CNN and of the U-Net with each of TensorFlow's two sets of
 * kernels on this machine, and says which one the course uses.
 */
import { spawnSync } from 'node:child_process';
import { describeProcessor, oneDnnSetting, processor } from '../../lib/runtime/processor';
import { inProject } from '../setup/paths';
import { SetupError } from '../setup/shell';

const STEPS = { cnn: 30, unet: 4 };

export function checkKernels(): void {
  const here = processor();
  console.log(`${here.model} · ${describeProcessor(here, oneDnnSetting(here))}`);
  for (const task of ['cnn', 'unet'] as const) {
    const [oneDnn, own] = ['1', '0'].map(setting => milliseconds(task, setting));
    console.log(
      `${task.padEnd(5)} oneDNN ${oneDnn.toFixed(1)} ms a step, TensorFlow's own ${own.toFixed(1)} ms: ${(own / oneDnn).toFixed(2)} ×`,
    );
  }
  console.log('TF_ENABLE_ONEDNN_OPTS=0 or =1 in the environment chooses, whatever the processor.');
}

/** Median of the steps after two that record and warm up. */
function milliseconds(task: keyof typeof STEPS, setting: string): number {
  const argv = ['--import', 'tsx', inProject('scripts', 'bench', 'worker.ts'), task, 'compiled'];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, {
    cwd: inProject(),
    input: `2\n${STEPS[task]}\n`,
    env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: setting },
    encoding: 'utf8',
  });
  if (status !== 0) throw new SetupError(`the steps of ${task} could not be timed: ${stderr.slice(-500)}`);
  const { times } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { times: number[] };
  return times.sort((a, b) => a - b)[times.length >> 1];
}
