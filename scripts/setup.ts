/**
 * Sets up whatever is missing, and nothing else: `npm run setup`.
 * node modules (scripts/lab.mjs) → .venv → Python packages → TensorFlow → native addon → Jupyter kernel.
 */
import { addonStep } from './setup/addon';
import { sinceBegin } from './setup/clock.cjs';
import { type Device, wantedDevice } from './setup/device';
import { writeJupyterFiles } from './setup/jupyter';
import { alone } from './setup/lock';
import { packagesStep, tensorflowStep } from './setup/packages';
import { venvStep } from './setup/python';
import { SetupError } from './setup/shell';
import { perform, type Reporter, type Step } from './setup/steps';

/**
 * Brings the project into working order; does nothing where it is.
 * @throws SetupError told in plain words, with a remedy
 */
export async function setUp(report: Reporter = console.log): Promise<void> {
  const device = await wantedDevice();
  await alone(async () => {
    let worked = false;
    for (const step of pythonSteps(device)) worked = (await perform(step, report)) || worked;
    worked = (await makeAddon(device, report)) || worked;
    if (writeJupyterFiles()) report('✓ Jupyter kernel "TypeScript"');
    if (worked) report(`✓ everything is in place  ${sinceBegin()}, counted from the first moment`);
  }, report);
}

function pythonSteps(device: Device): Step[] {
  const tensorflow = tensorflowStep(device);
  return [venvStep, packagesStep, ...(tensorflow ? [tensorflow] : [])];
}

/** Without an addon the course still runs, on WebAssembly: a failure stops only those who asked for a device by name. */
async function makeAddon(device: Device, report: Reporter): Promise<boolean> {
  if (device === 'wasm' || device === 'js') return false;
  try {
    return await perform(addonStep, report);
  } catch (error) {
    if (!(error instanceof SetupError) || process.env.LAB_DEVICE || process.env.CI) throw error;
    report(`! ${error.message}\n! Going on without TensorFlow's native library: WebAssembly computes instead, slower.`);
    return false;
  }
}

/** `--quiet` says nothing unless there is work. */
async function main(argv: string[]): Promise<void> {
  const worked: string[] = [];
  await setUp(line => {
    worked.push(line);
    console.log(line);
  });
  if (worked.length === 0 && !argv.includes('--quiet')) console.log('✓ everything is in place');
}

/** Runs a command's main; a failure told in plain words ends the process without a stack. */
export function program(run: (argv: string[]) => Promise<void>): void {
  run(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof SetupError ? `✗ ${error.message}\n  The whole output is in .lab/setup.log` : error);
    process.exit(1);
  });
}

if (require.main === module) program(main);
