/**
 * Trains the GPT of lesson 17 that writes Tang poems: `node --import tsx scripts/train/tang-gpt.ts`. Each row begins with a poem,
 * so that places in a line are places of the net. Writes datasets/checkpoints/tang-gpt.safetensors and its log. Stop it at will
 * (Ctrl-C): it goes on from checkpoints/tang-gpt.safetensors when started again.
 */
import { Gpt } from '../../lib/models/gpt';
import { POEM_END, TANG_GPT, tangSplit, tangTokenizer } from '../../lib/models/tang';
import { Adam, saveModule } from '../../lib/nn';
import { start, tf } from '../../lib/runtime';
import { type Batch, evaluate, progressBar, train } from '../../lib/training';
import { CHUNK, followRate, inChunks, logAndSave, riseAndFall, shuffled, weightsFile } from './common';

const RUN = {
  seed: 17,
  size: 32,
  steps: Number(process.env.STEPS ?? 3600),
  learningRate: 2e-3,
  warmUp: 100,
  decay: 0.75,
};
const DROPOUT = 0.15;
const WEIGHT_DECAY = 0.1;

async function main(): Promise<void> {
  await start({ seed: RUN.seed });
  const characters = tangTokenizer();
  const { train: poems, heldOut } = tangSplit();
  const gpt = new Gpt({ ...TANG_GPT, dropout: DROPOUT });
  console.log(`${gpt.parameterCount()} parameters, ${poems.length} poems, ${heldOut.length} held out`);
  const optimiser = new Adam(gpt.parameters(), {
    learningRate: RUN.learningRate,
    beta2: 0.99,
    weightDecay: WEIGHT_DECAY,
    clipNorm: 1,
  });
  const { context: T } = TANG_GPT;
  const encoded = new Map([...poems, ...heldOut].map(poem => [poem, characters.encode(POEM_END + poem)]));
  const end = characters.encode(POEM_END)[0];

  /** Rows that begin with these poems; after a short one comes the next of the list. */
  const batch = (list: string[]): Batch => {
    const rows = list.map((poem, i) => {
      const row = [...encoded.get(poem)!, ...encoded.get(list[(i + 1) % list.length])!, end, end];
      return row.slice(0, T + 1);
    });
    return tf.tidy(() => ({
      ids: tf.tensor2d(
        rows.map(row => row.slice(0, T)),
        [rows.length, T],
        'int32',
      ), //  [B, T]
      next: tf.tensor2d(
        rows.map(row => row.slice(1)),
        [rows.length, T],
        'int32',
      ), //    [B, T]
    }));
  };
  function* unseen(): Iterable<Batch> {
    for (let from = 0; from + RUN.size <= heldOut.length; from += RUN.size)
      yield batch(heldOut.slice(from, from + RUN.size));
  }

  await train({
    step: ({ ids, next }: Batch) => ({ loss: optimiser.minimize(() => gpt.loss(ids, next)) }),
    ...inChunks(RUN.steps, i => batch(shuffled(poems.length, RUN.size, i, RUN.seed).map(p => poems[p]))),
    evaluate: () => evaluate(({ ids, next }) => ({ unseen: gpt.loss(ids, next, false) }), unseen()),
    observers: [
      progressBar(),
      followRate(optimiser, riseAndFall(RUN)),
      logAndSave(
        'tang-gpt',
        { seed: RUN.seed, batch: RUN.size, steps: RUN.steps, dropout: DROPOUT, weightDecay: WEIGHT_DECAY },
        metadata => saveModule(weightsFile('tang-gpt'), gpt, metadata, { half: true }),
      ),
    ],
    checkpoint: { path: 'checkpoints/tang-gpt.safetensors', every: 2 * CHUNK, modules: { gpt }, optimiser },
  });
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
