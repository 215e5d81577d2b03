/**
 * `node --import tsx scripts/notebooks/other-seeds.ts 09 [SEEDS] [FIRST] [FIGURE]`: what figures of a lesson (or this one) are worth with other seeds than its own.
 * The cells that a figure needs run in full through the kernel, as they stand in the notebook but for their seeds, and print it;
 * mean, standard deviation and mean ± 3 of them follow: the literals of the lesson's bands. Seeds: 101 to 104, or as many as said, from the first that is said.
 */
import { Spread } from '../../lib/course';
import { selectLessons } from './notebook';
import { runSomeCells, startedWith } from './some-cells';

interface Needed {
  /** Ids of cells, in their order, or code in their place where it begins with 'const'. */
  cells: string[];
  /** Name of a metric → how it follows from what the cells left. */
  figures: Record<string, string>;
  /** Further places where a seed stands, beside start({ seed }) and shuffleSeed: what to look for, what to write. */
  seeds?: (source: string, seed: number) => string;
}

/** A lesson's figures, those together that need the same cells. */
const NEEDED: Record<string, Needed[]> = {
  '06-convolution': [
    {
      cells: [
        'start',
        'const { train: digits, test: exam } = await mnist();',
        'small-cnn',
        'fit',
        'break-nets',
        'break-it',
      ],
      figures: { cnn_shuffled_minus_flat: 'mean(conv.shuffled) - mean(flat.shuffled)' },
      seeds: (source, seed) =>
        withoutClaims(source)
          .replaceAll('[1, 2, 3, 4]', `[${[1, 2, 3, 4].map(i => 10 * seed + i)}]`)
          .replace('await after(make, seed, false)', '0'), // those in order play no part in it
    },
  ],
  '07-depth': [
    {
      cells: ['start', 'deep-net', 'tower-norms', 'block-tower', 'unharmed'],
      figures: { lane_with_relu_after: "arrivals['ReLU after the sum'].reduce((sum, v) => sum + v[0], 0) / 3" },
      seeds: (source, seed) => source.replaceAll('[1, 2, 3]', `[${[1, 2, 3].map(i => 10 * seed + i)}]`),
    },
  ],
  '08-latent-spaces': [
    {
      cells: ['setup', 'data', 'by-hand', 'fit', 'train-archive', 'archive-error'],
      figures: { archive_mse: 'rebuilt' },
    },
  ],
  '09-elbo': [
    {
      cells: ['setup', 'data', 'train', 'const ks = [1, 5, 50, 500, 5000];', 'importance'],
      figures: {
        test_elbo_nats_binary: 'nats[0]',
        test_nats_k5000: 'nats[4]',
        importance_fall_k5000: 'nats[0] - nats[4]',
      },
    },
  ],
  '10-training-a-vae': [
    {
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
  ],
  '11-gan': [
    {
      cells: ['setup', 'best-judge', 'best-judge-chart', 'ring', 'ring-train', 'ring-modes'],
      figures: {
        best_judge_gap: 'judgeGap',
        ring_on_target_even: 'onTarget.even.mean',
        ring_all_covered: 'even.filter(s => s.covered.at(-1) === 8).length', // of three: with other seeds not always all
      },
      seeds: (source, seed) => withoutClaims(source).replace('[11, 1, 2]', `[${[1, 2, 3].map(i => 10 * seed + i)}]`),
    },
    {
      // the weights are kept ones: what varies are the pictures that they are asked for
      cells: ['setup', 'const digits = await mnist();', 'checkpoint', 'histogram'],
      figures: { smallest_class_share: 'Math.min(...shares.GAN)' },
      seeds: (source, seed) => withoutClaims(source).replace('random.seed(1);', `random.seed(${seed});`),
    },
  ],
  '13-latent-diffusion': [
    {
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
    {
      cells: [
        'setup',
        'vae',
        'scale',
        'const unet = new UNet(DIGIT_LATENT_UNET), dit = new Dit(DIGIT_DIT), cosine = cosineSchedule(); loadPretrained("latent-dit", dit);',
        'unet-samples',
        'const ditNet: Net = (z, t, y) => dit.forward(z, t, y);',
        'judge',
        'guidance',
        'enlarge',
        'hires',
        'hires-measure',
      ],
      figures: {
        frechet_over_floor_dit: "Math.min(...scores.map(s => s['times the floor']))",
        fine_detail_second_pass: "mended['fine detail, % of real']",
      },
      seeds: (source, seed) =>
        withoutClaims(source)
          .replaceAll('i * 18', `i * 18 + ${seed - 100}`)
          .replace('[13, 14, 15]', `[${[1, 2, 3].map(i => 10 * seed + i)}]`)
          .replace('random.seed(7);', `random.seed(${seed});`)
          .replace(
            "['U-Net live', unetNet, 1], ['DiT', ditNet, 1], ['DiT', ditNet, 1.5], ['DiT', ditNet, 4]",
            "['DiT', ditNet, 1.5]",
          ) // the nearest with every seed tried
          .replace('const strengths = [0.3, 0.5, 0.7];', 'const strengths = [0.7];')
          .replace(", ['pixels', packedPixels]", '')
          .replace(/^await imageGrid.*\n?/gm, ''),
    },
  ],
  '15-lora': [
    {
      cells: ['setup', 'style', 'judges', 'before', 'newword', 'rule', 'train-function', 'train'],
      figures: { held_out_loss_ratio: "first.best.loss / untrained['held out']", style_distance: 'mean(learnt.far)' },
      seeds: (source, seed) =>
        withoutClaims(source)
          .replace('seed = 15', `seed = ${seed}`)
          .replace('1 + 1000 * s', `${seed} + 1000 * s`)
          .replace(", learntPlain = await measured('')", '')
          .replace(/^(const (bare|atEnd) = await measured|pictures\.|await imageGrid|display\().*\n?/gm, ''),
    },
  ],
  '18-transformer-family': [
    {
      cells: ['start', 'clip-hand', 'clip-train', 'const shots = pairing.history.map(h => h.metrics["zero-shot"]);'],
      figures: { clip_zero_shot: 'shots[shots.length - 1]' },
      seeds: (source, seed) => withoutClaims(source).replace('HostRandom(18)', `HostRandom(${seed})`),
    },
  ],
  '24-kitchen': [
    {
      cells: [
        'start',
        'by-hand',
        'hand-served',
        'sdk-served',
        'schema',
        'start-process',
        'questions',
        'teach',
        'orders-by-model',
      ],
      figures: { right_by_orders: 'byOrders.mean', right_by_answers: 'byAnswers.mean' },
      seeds: (source, seed) => withoutClaims(source).replaceAll("', seed));", `', ${10 * seed} + seed));`),
    },
  ],
  '22-r1': [
    {
      cells: ['start', 'task'],
      figures: { rl_right_before: 'before.summary.right' },
      seeds: (source, seed) =>
        source.replace('examinePairs(policy, { count })', `examinePairs(policy, { count, seed: ${seed} })`),
    },
  ],
};

/** The source without its claims: what the lesson's own seeds bear out, others need not. */
const withoutClaims = (source: string): string => source.replace(/^claim\((?:\n[\s\S]*?^\).*|.+)(?:\n|$)/gm, '');

/** The cell with another seed everywhere that it names one. */
function reseeded(source: string, seed: number, further: Needed['seeds']): string {
  const plain = startedWith(source, seed).replace(/\bshuffleSeed: \d+/g, `shuffleSeed: ${seed}`);
  return further ? further(plain, seed) : plain;
}

async function measure(file: string, { cells, figures, seeds }: Needed, seed: number): Promise<Record<string, number>> {
  const told = Object.entries(figures).map(([figure, how]) => `${figure}: ${how}`);
  const values = await runSomeCells(file, cells, `{ ${told.join(', ')} }`, source => reseeded(source, seed, seeds));
  return values as Record<string, number>;
}

async function main([word, count = '4', first = '101', figure]: string[]): Promise<void> {
  const [{ name, files }] = selectLessons([word]);
  const sets = (NEEDED[name] ?? []).filter(({ figures }) => !figure || figure in figures);
  if (sets.length === 0) throw new Error(`only of lessons ${Object.keys(NEEDED).join(', ')} is it known what to run`);
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
