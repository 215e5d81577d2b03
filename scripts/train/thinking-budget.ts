/**
 * How many tokens of thought lesson 22's policy makes use of, with other seeds than the lesson's: its cells run the 80 rounds
 * and the exam before and after. Each seed leaves two lines in `datasets/checkpoints/thinking-budget.log`: the share of the 512
 * answers that is right and has ended within 6, 11, … 41 tokens. A seed that has its lines is left out, so a run may be stopped
 * and taken up again. Before the rounds the net is the same with every seed; only the draws of its answers differ.
 *
 * `node --import tsx scripts/train/thinking-budget.ts [SEEDS]`: seeds 101 on, as many as said (4).
 */
import { selectLessons } from '../notebooks/notebook';
import { runSomeCells, type Swap, startedWith, swapped } from '../notebooks/some-cells';
import { logFile, logLines, sayAndKeep } from './common';

const LOG = logFile('thinking-budget');
const CELLS = ['start', 'task', 'before', 'grpo'];
/** Tokens of so many attempts, and of the end mark. */
const ENDS = [1, 2, 3, 4, 5, 6, 7, 8].map(attempts => 5 * attempts + 1);
const TOLD = `[before, examinePairs(policy, { count })].map(exam => ${JSON.stringify(ENDS)}.map(most =>
  exam.rollouts.filter((rollout, i) => right(exam.questions[i], rollout) === 1 && rollout.tokens.length - rollout.prompt <= most).length / count))`;

/** `seed` for the draws and for the choice of the questions. */
const seeds = (seed: number): Swap[] => [
  startedWith(seed),
  [/asking = new HostRandom\(\d+\)/g, `asking = new HostRandom(${seed})`],
];

async function main([count = '4']: string[]): Promise<void> {
  const [{ files }] = selectLessons(['22']);
  for (let seed = 101; seed < 101 + Number(count); seed++) {
    if (logLines<{ seed: number }>(LOG).some(line => line.seed === seed)) continue;
    const told = (await runSomeCells(files.en, CELLS, TOLD, sources => swapped(sources, seeds(seed)))) as number[][];
    for (const [i, net] of ['before', 'after'].entries()) {
      const shares = ENDS.map((most, e) => [`to ${most}`, Number(told[i][e].toFixed(4))]);
      sayAndKeep(LOG, { net, seed, ...Object.fromEntries(shares) });
    }
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
