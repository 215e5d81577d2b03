/**
 * `npm run doctor`: what this machine has, what will compute, and what to do about what is missing. Changes nothing.
 * `npm run doctor -- --cuda` tries the CUDA path, beside what is installed; `-- --kernels` times both sets of kernels.
 */
import { checks } from './doctor/checks';
import { checkCuda } from './doctor/cuda';
import { checkKernels } from './doctor/kernels';
import { program } from './setup';

const SIGNS = { good: '✓', note: '·', bad: '✗' } as const;

async function main(argv: string[]): Promise<void> {
  if (argv.includes('--cuda')) return checkCuda();
  if (argv.includes('--kernels')) return checkKernels();
  let bad = 0;
  for (const check of checks) {
    const { state, found, remedy } = await check.look();
    if (state === 'bad') bad++;
    console.log(`${SIGNS[state]} ${check.name.padEnd(18)}${found}`);
    if (remedy) console.log(`${' '.repeat(20)}→ ${remedy}`);
  }
  console.log(
    bad === 0
      ? '\nReady: npm start'
      : `\n${bad} of these need${bad === 1 ? 's' : ''} attention; npm start sets up what it can by itself.`,
  );
  process.exitCode = bad === 0 ? 0 : 1;
}

if (require.main === module) program(main);
