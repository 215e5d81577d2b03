/**
 * npm run bench: one training step of several models, in every way we can run it, beside PyTorch's and Keras'.
 *
 *   --only vae,gpt   some tasks: vae, cnn, unet, gpt, vit, lstm, llama, t5; ddim (50 sampling steps of 16 images);
 *                    decode (a token of SmolLM2, which npm run fetch -- smollm2 brings);
 *                    start (seconds to a first sum); cell (a trivial cell in the kernel);
 *                    kernel (its start, first import, 1,000 cells, beside the course's targets)
 *   --modes xla,torch   some ways: eager, compiled, xla, torch, torch-compile, keras, keras-xla, transformers
 *   --rounds 5       turns per way
 *   --json FILE      keeps the results, a list of { name, metric, ours, reference, ratio }; other tasks' rows in FILE stay,
 *                    which must be of the same machine
 *   --drop decode    takes tasks' rows out of the JSON file: those that another file holds, of another machine
 *   --chart FILE     draws all rows of the JSON file, or of this run, as SVG
 *   --tables FILE    writes the same rows as tables into a Markdown file, between its two marks (docs/compile.md)
 *   --rounds 0       measures nothing: with --json, draws and writes what FILE holds
 *
 * All ways of a task run as programs of their own, two threads each, and take turns; the others wait meanwhile.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { describeProcessor, oneDnnSetting, processor } from '../lib/runtime/processor';
import { ratioChart } from './bench/chart';
import { benchKernel } from './bench/kernel';
import { type Measured, measureTask } from './bench/measure';
import { cells, MACHINE, type Row, ratios, startUp, table, withEarlier } from './bench/report';
import { withTables } from './bench/tables';

const TASKS = ['vae', 'cnn', 'unet', 'gpt', 'vit', 'lstm', 'llama', 't5', 'decode', 'ddim', 'start', 'cell', 'kernel'];
const MODES = ['eager', 'compiled', 'xla', 'torch', 'torch-compile', 'keras', 'keras-xla', 'transformers'];

export async function main(argv: string[]): Promise<void> {
  const tasks = list(argv, '--only', TASKS);
  const modes = list(argv, '--modes', MODES);
  const rounds = Number(option(argv, '--rounds') ?? 5);
  const file = option(argv, '--json');
  const rows: Row[] = rounds > 0 ? [machineRow()] : [];
  if (file && tasks.length < TASKS.length) withEarlier(earlier(file), rows, file); // refused now, not when all is measured
  for (const task of rounds > 0 ? tasks : []) {
    if (task === 'start') rows.push(startUp());
    else if (task === 'cell') rows.push(...cells());
    else if (task === 'kernel') rows.push(...(await benchKernel()));
    else rows.push(...(await compared(task, modes, rounds)));
  }
  for (const { name, metric, ratio } of rows.filter(row => row.name !== MACHINE))
    console.log(`${name} ${metric}: ${ratio.toFixed(2)}`);
  const dropped = argv.includes('--drop') ? list(argv, '--drop', TASKS) : [];
  const kept = file ? keep(file, rows, dropped) : rows;
  const chart = option(argv, '--chart');
  if (chart) writeFileSync(chart, `${await ratioChart(kept)}\n`);
  const document = option(argv, '--tables');
  if (document) writeFileSync(document, withTables(readFileSync(document, 'utf8'), kept));
}

/** What the numbers were measured on; kept among them, as its cores. */
function machineRow(): Row {
  const here = processor();
  const metric = `${here.model}, ${describeProcessor(here, process.env.TF_ENABLE_ONEDNN_OPTS ?? oneDnnSetting(here))}`;
  console.log(`${os.availableParallelism()} cores of ${metric}`);
  return { name: MACHINE, metric, ours: os.availableParallelism(), reference: os.availableParallelism(), ratio: 1 };
}

async function compared(task: string, modes: string[], rounds: number): Promise<Row[]> {
  const measured: Measured[] = await measureTask(task, modes, rounds);
  console.log(table(task, measured));
  return ratios(task, measured);
}

/** Writes the rows, those of tasks measured before included but for the ones to drop; returns all. */
function keep(file: string, rows: Row[], dropped: string[]): Row[] {
  const all = withEarlier(earlier(file), rows, file).filter(({ name }) => !dropped.includes(name));
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

const earlier = (file: string): Row[] => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);

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
