/**
 * npm run bench: one training step of several models, in every way we can run it, beside PyTorch's.
 *
 *   --only vae,gpt   some tasks        --modes compiled,xla,torch   some ways (eager, compiled, xla, torch, torch-compile)
 *   --rounds 5       turns per way     --json FILE                  results as a list of { name, metric, ours, reference, ratio }
 *
 * All ways of a task run as programs of their own, two threads each, and take turns; the others wait meanwhile.
 */
import { writeFileSync } from 'node:fs';
import { type Measured, measureTask } from './bench/measure';
import { type Row, ratios, startUp, table } from './bench/report';

const TASKS = ['vae', 'cnn', 'unet', 'gpt', 'vit', 'ddim', 'start'];
const MODES = ['eager', 'compiled', 'xla', 'torch', 'torch-compile'];

export async function main(argv: string[]): Promise<void> {
  const tasks = list(argv, '--only', TASKS);
  const modes = list(argv, '--modes', MODES);
  const rounds = Number(option(argv, '--rounds') ?? 5);
  const rows: Row[] = [];
  for (const task of tasks) {
    if (task === 'start') {
      rows.push(startUp());
      continue;
    }
    const measured: Measured[] = await measureTask(task, modes, rounds);
    rows.push(...ratios(task, measured));
    console.log(table(task, measured));
  }
  for (const { name, metric, ratio } of rows) console.log(`${name} ${metric}: ${ratio.toFixed(2)}`);
  const file = option(argv, '--json');
  if (file) writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
}

const option = (argv: string[], name: string): string | undefined => {
  const at = argv.indexOf(name);
  return at < 0 ? undefined : argv[at + 1];
};

function list(argv: string[], name: string, all: string[]): string[] {
  const chosen = option(argv, name)?.split(',') ?? all;
  const strange = chosen.find(each => !all.includes(each));
  if (strange) throw new Error(`${name} ${strange} is unknown; expected some of ${all.join(', ')}`);
  return chosen;
}

if (require.main === module)
  main(process.argv.slice(2)).catch(error => {
    console.error(error);
    process.exitCode = 1;
  });
