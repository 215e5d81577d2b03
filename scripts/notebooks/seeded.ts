/** Figures of lessons that other seeds would have made otherwise: which cells they need, and where these name a seed. */
import { type Swap, startedWith, swapped } from './some-cells';

export interface Seeded {
  /** Ids of cells, in their order, or code in their place where it begins with 'const'. */
  cells: string[];
  /** Name of a metric → how it follows from what the cells left. */
  figures: Record<string, string>;
  /**
   * What to look for in the cells, what to write in its place: seeds beside those of start({ seed }) and shuffleSeed, and what
   * the figure can do without. Each must be found.
   */
  swaps?: (seed: number) => Swap[];
  /** The claims stay out: what the lesson's own seeds bear out, others need not. */
  unclaimed?: true;
}

/** `count` seeds that no other `seed` has. */
const further = (seed: number, count: number) => Array.from({ length: count }, (_, i) => 10 * seed + i + 1);

/** A lesson's figures, those together that need the same cells. */
export const SEEDED: Record<string, Seeded[]> = {
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
      unclaimed: true,
      swaps: seed => [
        ['[1, 2, 3, 4]', `[${further(seed, 4)}]`],
        ['await after(make, seed, false)', '0'], // those in order play no part in it
      ],
    },
  ],
  '07-depth': [
    {
      cells: ['start', 'deep-net', 'tower-norms', 'block-tower', 'unharmed'],
      figures: { lane_with_relu_after: "arrivals['ReLU after the sum'].reduce((sum, v) => sum + v[0], 0) / 3" },
      swaps: seed => [['[1, 2, 3]', `[${further(seed, 3)}]`]],
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
      unclaimed: true,
      swaps: seed => [['[11, 1, 2]', `[${further(seed, 3)}]`]],
    },
    {
      // the weights are kept ones: what varies are the pictures that they are asked for
      cells: ['setup', 'const digits = await mnist();', 'checkpoint', 'histogram'],
      figures: { smallest_class_share: 'Math.min(...shares.GAN)' },
      unclaimed: true,
      swaps: seed => [['random.seed(1);', `random.seed(${seed});`]],
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
        fine_detail_enlarged: '100 * fine(inLatents) / fine(whole)',
      },
      swaps: seed => [['i * 18', `i * 18 + ${seed - 100}`]],
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
      unclaimed: true,
      swaps: seed => [
        ['i * 18', `i * 18 + ${seed - 100}`],
        ['[13, 14, 15]', `[${further(seed, 3)}]`],
        ['random.seed(7);', `random.seed(${seed});`],
        [
          "['U-Net live', unetNet, 1], ['DiT', ditNet, 1], ['DiT', ditNet, 1.5], ['DiT', ditNet, 4]",
          "['DiT', ditNet, 1.5]", // the nearest with every seed tried
        ],
        ['const strengths = [0.3, 0.5, 0.7];', 'const strengths = [0.7];'],
        [", ['pixels', packedPixels]", ''],
        [/^await imageGrid.*\n?/gm, ''],
      ],
    },
  ],
  '15-lora': [
    {
      cells: [
        ...['setup', 'style', 'judges', 'before', 'newword', 'rule', 'train-function', 'train'],
        'const keptBySeed = (first.lora!.switchOn(false), await teach({ regular: 6 }, budget(10, 1)));',
        "const unasked = await measured('');",
      ],
      figures: {
        held_out_loss_ratio: "first.best.loss / untrained['held out']",
        'best step': 'first.best.step',
        'style distance at the best step': 'mean(learnt.far)',
        style_distance_last_step: 'mean(atEnd.far)',
        thing_right_in_style: 'mean(learnt.right)',
        thing_right_unasked: 'mean(unasked.right)',
      },
      unclaimed: true,
      swaps: seed => [
        ['seed = 15', `seed = ${seed}`],
        ['1 + 1000 * s', `${seed} + 1000 * s`],
        [", learntPlain = await measured('')", ''],
        [", atEndPlain = await measured('')", ''],
        [/^(const bare = await measured|const glances|glances\.|pictures\.|await imageGrid|display\().*\n?/gm, ''],
      ],
    },
  ],
  '18-transformer-family': [
    {
      cells: ['start', 'clip-hand', 'clip-train', 'const shots = pairing.history.map(h => h.metrics["zero-shot"]);'],
      figures: { clip_zero_shot: 'shots[shots.length - 1]' },
      unclaimed: true,
      swaps: seed => [['HostRandom(18)', `HostRandom(${seed})`]],
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
      unclaimed: true,
      swaps: seed => [["', seed));", `', ${10 * seed} + seed));`]],
    },
  ],
  '20-tokens-to-think': [
    {
      cells: ['start', 'task', 'teach', 'exam', 'at-once'],
      figures: { answer_at_once: 'rightAtOnce.mean' },
      unclaimed: true,
      swaps: seed => [['learn(four, atOnce, seed)', `learn(four, atOnce, ${10 * seed} + seed)`]],
    },
  ],
  '21-pretrain-finetune-reward': [
    {
      cells: [
        'start',
        'world',
        'pages',
        'net',
        'fit',
        'pretrain',
        'exam',
        'base-asked',
        'dialogues',
        'tune',
        'pairs',
        'judge',
      ],
      figures: { reward_model_agreement: 'agreed.mean' },
      unclaimed: true,
      swaps: seed => [['budget([1, 2, 3], [1, 2])', `[${further(seed, 3)}]`]],
    },
  ],
  '22-r1': [
    {
      cells: ['start', 'task'],
      figures: { rl_right_before: 'before.summary.right' },
      swaps: seed => [['examinePairs(policy, { count })', `examinePairs(policy, { count, seed: ${seed} })`]],
    },
  ],
};

/** The source without its claims. */
const withoutClaims = (source: string): string => source.replace(/^claim\((?:\n[\s\S]*?^\).*|.+)(?:\n|$)/gm, '');

/** The sources of a set's cells with another seed everywhere that they name one. */
export function reseeded(sources: readonly string[], { swaps, unclaimed }: Seeded, seed: number): string[] {
  const bare = unclaimed ? sources.map(withoutClaims) : sources;
  const SHUFFLE = /\bshuffleSeed: \d+/g;
  const shuffles: Swap[] = bare.some(source => source.search(SHUFFLE) >= 0) ? [[SHUFFLE, `shuffleSeed: ${seed}`]] : [];
  return swapped(bare, [startedWith(seed), ...shuffles, ...(swaps?.(seed) ?? [])]);
}
