/**
 * `node --import tsx scripts/notebooks/other-seeds.ts 09 [SEEDS] [FIRST]`: what figures of a lesson are worth with other seeds than its own.
 * The cells that a figure needs run in full through the kernel, as they stand in the notebook but for their seeds, and print it;
 * mean, standard deviation and mean ± 3 of them follow: the literals of the lesson's bands. Seeds: 101 to 104, or as many as said, from the first that is said.
 */
import { Spread } from '../../lib/course';
import { selectLessons } from './notebook';
import { runSomeCells } from './some-cells';

interface Needed {
  /** Ids of cells, in their order, or code in their place where it begins with 'const'. */
  cells: string[];
  /** Name of a metric → how it follows from what the cells left. */
  figures: Record<string, string>;
  /** Further places where a seed stands, beside start({ seed }) and shuffleSeed: what to look for, what to write. */
  seeds?: (source: string, seed: number) => string;
}

const NEEDED: Record<string, Needed> = {
  '07-depth': {
    cells: ['start', 'deep-net', 'tower-norms', 'block-tower', 'unharmed'],
    figures: { lane_with_relu_after: "arrivals['ReLU after the sum'].reduce((sum, v) => sum + v[0], 0) / 3" },
    seeds: (source, seed) => source.replaceAll('[1, 2, 3]', `[${[1, 2, 3].map(i => 10 * seed + i)}]`),
  },
  '09-elbo': {
    cells: ['setup', 'data', 'train', 'const ks = [1, 5, 50, 500, 5000];', 'importance'],
    figures: {
      test_elbo_nats_binary: 'nats[0]',
      test_nats_k5000: 'nats[4]',
      importance_fall_k5000: 'nats[0] - nats[4]',
    },
  },
  '10-training-a-vae': {
    cells: [
      'setup',
      'data',
      'const average = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length; const model = new Vae(COURSE_VAE);',
      ...['fit', 'train', 'test-bound', 'pytorch-net', 'importance-bound', 'samples', 'frechet'],
    ],
    figures: {
      test_elbo_nats: 'test.loss',
      test_elbo_nats_784_400_20: 'exampleTest.loss',
      importance_fall_k5000: "bounds['784-400-20'][0] - bounds['784-400-20'][4]",
      importance_fall_k5000_this_lesson: "bounds['this lesson'][0] - bounds['this lesson'][4]",
      frechet_over_floor: "distances['drawn from N(0, I)'] / distances['other real digits (floor)']",
    },
  },
  '11-gan': {
    cells: ['setup', 'best-judge', 'best-judge-chart', 'ring', 'ring-train', 'ring-modes'],
    figures: {
      best_judge_gap: 'judgeGap',
      ring_on_target_even: 'onTarget.even.mean',
      ring_all_covered: 'even.filter(s => s.covered.at(-1) === 8).length', // of three: with other seeds not always all
    },
    seeds: (source, seed) =>
      source.replace('[11, 1, 2]', `[${[1, 2, 3].map(i => 10 * seed + i)}]`).replace(/^claim\(.*(?:\n|$)/gm, ''),
  },
  '13-latent-diffusion': {
    // the weights are kept ones: what varies is which test digits are enlarged, every eighteenth from another one on
    cells: [
      'setup',
      'vae',
      'scale',
      'const unet = new UNet(DIGIT_LATENT_UNET); const cosine = cosineSchedule();',
      'cost',
    ].concat(
      'const N = 128; const everyEighteenth = framed(batchOf(digits.test, range(N).map(i => i * 18), { range: [-1, 1] }).x);',
      'const decode = (z: tf.Tensor) => tf.tidy(() => vae.decode(z.div(scale)).clipByValue(-1, 1));',
      'enlarge',
      'const fine = (x: tf.Tensor) => tf.tidy(() => x.sub(tf.avgPool(x as tf.Tensor4D, 3, 1, "same")).square().mean().dataSync()[0]);',
    ),
    figures: {
      pixels_over_latents_step_time: 'costs[0].ms / costs[1].ms',
      fine_detail_enlarged: '100 * fine(inLatents) / fine(whole)',
    },
    seeds: (source, seed) => source.replaceAll('i * 18', `i * 18 + ${seed - 100}`),
  },
};

/** The cell with another seed everywhere that it names one. */
function reseeded(source: string, seed: number, further: Needed['seeds']): string {
  const plain = source
    .replace(/start\(\{ seed: \d+ \}\)/, `start({ seed: ${seed} })`)
    .replace(/\bshuffleSeed: \d+/g, `shuffleSeed: ${seed}`);
  return further ? further(plain, seed) : plain;
}

async function measure(name: string, file: string, seed: number): Promise<Record<string, number>> {
  const { cells, figures, seeds } = NEEDED[name];
  const told = Object.entries(figures).map(([figure, how]) => `${figure}: ${how}`);
  const values = await runSomeCells(file, cells, `{ ${told.join(', ')} }`, source => reseeded(source, seed, seeds));
  return values as Record<string, number>;
}

async function main([word, count = '4', first = '101']: string[]): Promise<void> {
  const [{ name, files }] = selectLessons([word]);
  if (!NEEDED[name]) throw new Error(`only of lessons ${Object.keys(NEEDED).join(', ')} is it known what to run`);
  const found: Record<string, number>[] = [];
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
    found.push(await measure(name, files.en, seed));
    console.log(seed, JSON.stringify(found.at(-1)));
  }
  if (found.length < 2) return;
  for (const figure of Object.keys(NEEDED[name].figures)) {
    const spread = new Spread(found.map(each => each[figure]));
    console.log(`${figure}: ${spread}, mean ± 3 sd: ${spread.band().map(end => Number(end.toPrecision(4)))}`);
  }
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
