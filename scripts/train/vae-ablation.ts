/**
 * Lesson 10's ablation at its full ten epochs, which a lesson has no time for: one net after the other, seed by seed, as the
 * lesson's cells make and train them. Each leaves a line in `datasets/checkpoints/vae-ablation.log`; what has one is left out,
 * so a run may be stopped and taken up again. The lines with seeds from 101 on come from `scripts/notebooks/other-seeds.ts`,
 * which trains the nets with nothing and with all taken away for the lesson's bands.
 *
 * `node --import tsx scripts/train/vae-ablation.ts [SEEDS] [MOST]`: seeds 1 to SEEDS (2), at most so many nets in this run.
 */
import { selectLessons } from '../notebooks/notebook';
import { runSomeCells } from '../notebooks/some-cells';
import { logFile, logLines, sayAndKeep } from './common';

const EPOCHS = 10;
const LOG = logFile('vae-ablation');
/** The order in which they are trained: what the lesson asks about first. */
const NETS = ['SiLU: ReLU', 'second layer', 'end at 0: 3e-3 to the last', 'latents: 20'].concat(
  ['start of the weights: PyTorch’s', 'height of the rate: 1e-3', 'warm-up', 'width: 400 units'],
  ['nothing', 'all: PyTorch’s example'],
);
const BEFORE =
  'const average = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length; const model = new Vae(COURSE_VAE);';
const CELLS = ['setup', 'data', BEFORE, 'fit', 'test-bound', 'ablation-nets'];

interface Line {
  'taken away': string;
  seed: number;
  epochs: number;
  nats: number;
}

async function main([seeds = '2', most = '1000']: string[]): Promise<void> {
  const [{ files }] = selectLessons(['10']);
  const all = Array.from({ length: Number(seeds) }, (_, i) => NETS.map(net => ({ net, seed: i + 1 }))).flat();
  const left = all.filter(
    ({ net, seed }) => !logLines<Line>(LOG).some(l => l['taken away'] === net && l.seed === seed),
  );
  for (const { net, seed } of left.slice(0, Number(most))) {
    const call = `await boundWithout(${JSON.stringify(net)}, ${seed}, ${EPOCHS})`;
    const nats = Number((await runSomeCells(files.en, CELLS, call)) as number);
    const line: Line = { 'taken away': net, seed, epochs: EPOCHS, nats: Number(nats.toFixed(3)) };
    sayAndKeep(LOG, line);
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
