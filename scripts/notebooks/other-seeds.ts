/**
 * `node --import tsx scripts/notebooks/other-seeds.ts 09 [SEEDS] [FIRST] [FIGURE]`: what figures of a lesson (or this one) are worth with other seeds than its own.
 * The cells that a figure needs run in full through the kernel, as they stand in the notebook but for their seeds, and print it;
 * mean, standard deviation and mean ± 3 of them follow: the literals of the lesson's bands. Seeds: 101 to 104, or as many as said, from the first that is said.
 */
import { Spread } from '../../lib/course';
import { selectLessons } from './notebook';
import { reseeded, SEEDED, type Seeded } from './seeded';
import { runSomeCells } from './some-cells';

async function measure(file: string, set: Seeded, seed: number): Promise<Record<string, number>> {
  const told = Object.entries(set.figures).map(([figure, how]) => `'${figure}': ${how}`);
  const values = await runSomeCells(file, set.cells, `{ ${told.join(', ')} }`, sources => reseeded(sources, set, seed));
  return values as Record<string, number>;
}

async function main([word, count = '4', first = '101', figure]: string[]): Promise<void> {
  const [{ name, files }] = selectLessons([word]);
  const sets = (SEEDED[name] ?? []).filter(({ figures }) => !figure || figure in figures);
  if (sets.length === 0) throw new Error(`only of lessons ${Object.keys(SEEDED).join(', ')} is it known what to run`);
  for (const set of sets) {
    const found: Record<string, number>[] = [];
    for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
      found.push(await measure(files.en, set, seed));
      console.log(seed, JSON.stringify(found.at(-1)));
    }
    if (found.length < 2) continue;
    for (const each of Object.keys(set.figures)) {
      const spread = new Spread(found.map(values => values[each]));
      console.log(`${each}: ${spread}, mean ± 3 sd: ${spread.band().map(end => Number(end.toPrecision(4)))}`);
    }
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
