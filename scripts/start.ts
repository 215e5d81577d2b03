/** `npm start`: sets up what is missing, then opens JupyterLab on notebooks/. Arguments go to JupyterLab: `npm start -- --no-browser --port 9999`; `--lang zh` is ours. */
import { spawn } from 'node:child_process';
import { makeMyWork } from './notebooks/my-work';
import { keepShipped } from './notebooks/shipped';
import { program, setUp } from './setup';
import { sinceBegin } from './setup/clock.cjs';
import { chooseLanguage } from './setup/language';
import { inProject, venvProgram } from './setup/paths';

/** JupyterLab's arguments: the course's folder first, so that the user's own can override it. */
export function jupyterArguments(argv: string[], isRoot: boolean): string[] {
  const asRoot = isRoot ? ['--allow-root'] : []; // in containers there is no other user
  const ours = [`--ServerApp.root_dir=${inProject('notebooks')}`, '--MultiKernelManager.default_kernel_name=tslab'];
  return ['-m', 'jupyterlab', ...ours, ...asRoot, ...argv];
}

async function main(given: string[]): Promise<void> {
  const argv = chooseLanguage(given);
  await setUp();
  keepShipped();
  if (makeMyWork()) console.log('✓ notebooks/my-work is yours: its README.md says how to begin');
  console.log(`✓ opening JupyterLab on notebooks/ after ${sinceBegin()} (Ctrl+C twice ends it)`);
  const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: '1' }; // our kernel before one of the same name elsewhere
  const args = jupyterArguments(argv, process.getuid?.() === 0);
  const jupyter = spawn(venvProgram('python'), args, { cwd: inProject(), env, stdio: 'inherit' });
  process.on('SIGINT', () => {}); // JupyterLab asks before it ends
  process.on('SIGTERM', () => jupyter.kill('SIGTERM'));
  jupyter.on('exit', code => process.exit(code ?? 0));
}

if (require.main === module) program(main);
