/** Milliseconds of the small training step (lib/kernel/page/measure.ts) on the machine where the lessons took their `seconds`: the median of 25 pages. */
export const STEP = 6.1;

/**
 * Lessons whose pages can be run in the reader's browser. A lesson comes onto this list when all of its cells run there,
 * `npm run site -- --verify NN`; half a lesson with buttons would promise what it does not keep.
 * A cell that needs what a page cannot have (programs, TensorFlow's own library, a cell above of that kind) keeps its saved
 * output and says so; a lesson that is about programs stays off the list.
 * `short`: its trainings are those of the tests unless the reader asks for the full ones, which take WebAssembly too long.
 * `elsewhere`: so many of its cells keep their saved output.
 * `seconds`: of processor time on WebAssembly, loading included, where the page's small training step took `STEP` ms
 * (`npm run site -- --times NN`; docs/browser.md has the table).
 */
export const RUNNING: Readonly<Record<string, { short?: boolean; elsewhere?: number; seconds: number }>> = {
  '00-welcome': { short: true, seconds: 15 },
  '01-pictures-are-tensors': { elsewhere: 1, seconds: 11 },
  '02-functions': { seconds: 7 },
  '03-bayes': { seconds: 15 },
  '04-entropy-kl': { seconds: 11 },
  '05-how-a-network-learns': { short: true, elsewhere: 1, seconds: 33 },
  '06-convolution': { short: true, elsewhere: 3, seconds: 33 },
  '07-depth': { short: true, seconds: 34 },
  '08-latent-spaces': { short: true, seconds: 42 },
  '09-elbo': { short: true, seconds: 15 },
  '10-training-a-vae': { short: true, seconds: 99 },
  '11-gan': { short: true, seconds: 44 },
  '12-diffusion': { short: true, seconds: 87 },
  '13-latent-diffusion': { short: true, seconds: 92 },
  '14-text-to-image': { short: true, seconds: 48 },
  '15-lora': { short: true, elsewhere: 1, seconds: 53 },
  '16-sequences': { short: true, seconds: 22 },
  '17-attention-gpt': { short: true, seconds: 48 },
  '18-transformer-family': { short: true, seconds: 30 },
  '19-tokens': { short: true, seconds: 18 },
  '20-tokens-to-think': { short: true, seconds: 22 },
  '21-pretrain-finetune-reward': { short: true, seconds: 23 },
  '22-r1': { short: true, seconds: 34 },
  '23-objects': { short: true, elsewhere: 8, seconds: 11 },
  '26-atlas': { short: true, seconds: 20 },
};

/** All of these, as `npm test` runs them whole: those that take longest first. */
export const LONGEST_FIRST: readonly string[] = Object.entries(RUNNING)
  .sort(([, a], [, b]) => b.seconds - a.seconds)
  .map(([name]) => name);
