/**
 * Lesson 17's character GPT with other seeds than its own: the lesson's cells make it and train it, with the lesson's steps.
 * Each seed leaves a line in `datasets/checkpoints/gpt-seeds.log`: its price on all the held-out pieces, and that of the first
 * of them, which the lesson's curve ends with. A seed that has a line is left out, so a run may be stopped and taken up again.
 *
 * `node --import tsx scripts/train/gpt-seeds.ts [SEEDS]`: seeds 101 on, as many as said (4).
 */
import { selectLessons } from '../notebooks/notebook';
import { runSomeCells, type Swap, startedWith, swapped } from '../notebooks/some-cells';
import { logFile, logLines, sayAndKeep } from './common';

const LOG = logFile('gpt-seeds');
const CELLS = ['start', 'gpt', 'train'];
const TOLD = "({ steps, nats: valNats, curve: ledger.history[ledger.history.length - 1].metrics['held out'] })";

interface Line {
  seed: number;
  steps: number;
  nats: number;
  curve: number;
}

/** `seed` for the first weights and for the choice of the pieces. */
const seeds = (seed: number): Swap[] => [startedWith(seed), [/new HostRandom\(\d+\)/g, `new HostRandom(${seed})`]];

async function main([count = '4']: string[]): Promise<void> {
  const [{ files }] = selectLessons(['17']);
  for (let seed = 101; seed < 101 + Number(count); seed++) {
    if (logLines<Line>(LOG).some(line => line.seed === seed)) continue;
    const told = (await runSomeCells(files.en, CELLS, TOLD, sources =>
      swapped(sources, seeds(seed)),
    )) as unknown as Line;
    sayAndKeep(LOG, {
      seed,
      steps: told.steps,
      nats: Number(told.nats.toFixed(4)),
      curve: Number(told.curve.toFixed(4)),
    });
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
