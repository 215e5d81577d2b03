/**
 * Lesson 07's race with other seeds than its own, and half as long again: four nets, seed by seed, as the lesson's cells make and
 * train them. Each leaves a line in `datasets/checkpoints/depth-race.log`: its mean training loss in every 100 steps. What has a
 * line is left out, so a run may be stopped and taken up again.
 *
 * `node --import tsx scripts/train/depth-race.ts [SEEDS]`: seeds 101 on, as many as said (3).
 */
import { selectLessons } from '../notebooks/notebook';
import { runSomeCells } from '../notebooks/some-cells';
import { logFile, logLines, sayAndKeep } from './common';

const STEPS = 900;
const LOG = logFile('depth-race');
const NETS = [
  ['plain 8', '8, false'],
  ['plain 32', '32, false'],
  ['residual 8', '8, true'],
  ['residual 32', '32, true'],
] as const;
const CELLS = ['start', 'deep-net', 'tower-norms', 'runner'];

type Line = Record<string, string | number>;

async function main([seeds = '3']: string[]): Promise<void> {
  const [{ files }] = selectLessons(['07']);
  for (let seed = 101; seed < 101 + Number(seeds); seed++) {
    for (const [net, how] of NETS) {
      if (logLines<Line>(LOG).some(line => line.net === net && line.seed === seed)) continue;
      const losses = (await runSomeCells(
        files.en,
        CELLS,
        `(await race(${how}, ${seed}, ${STEPS})).losses`,
      )) as number[];
      const line: Line = { net, seed };
      for (let to = 100; to <= STEPS; to += 100) {
        const mean = losses.slice(to - 100, to).reduce((sum, loss) => sum + loss, 0) / 100;
        line[`to ${to}`] = Number(mean.toFixed(4));
      }
      sayAndKeep(LOG, line);
    }
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
