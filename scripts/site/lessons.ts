/** Milliseconds of the small training step (lib/kernel/page/measure.ts) where the lessons took their `seconds`: 4.7 and more, as busy as that machine was. */
export const STEP = 5;

/**
 * Lessons whose pages can be run in the reader's browser. A lesson comes onto this list when all of its cells run there,
 * `npm run site -- --verify NN`; half a lesson with buttons would promise what it does not keep.
 * A cell that needs what a page cannot have (programs, TensorFlow's own library, a cell above of that kind) keeps its saved
 * output and says so; a lesson that is about programs stays off the list.
 * `short`: its trainings are those of the tests unless the reader asks for the full ones, which take WebAssembly too long.
 * `elsewhere`: so many of its cells keep their saved output.
 * `seconds`: of processor time on WebAssembly, loading included, where the page's small training step took `STEP` ms
 * (`npm run site -- --times NN`; those of 01, 15, 18 and 22 are of a busier hour, made less as docs/browser.md says); none, and its page gives no estimate.
 */
export const RUNNING: Readonly<Record<string, { short?: boolean; elsewhere?: number; seconds?: number }>> = {
  '00-welcome': { short: true, seconds: 14 },
  '01-pictures-are-tensors': { elsewhere: 1, seconds: 10 },
  '02-functions': { seconds: 7 },
  '03-bayes': { seconds: 16 },
  '04-entropy-kl': { seconds: 10 },
  '05-how-a-network-learns': { short: true, elsewhere: 1 },
  '06-convolution': { short: true, elsewhere: 3 },
  '07-depth': { short: true },
  '08-latent-spaces': { short: true },
  '09-elbo': { short: true, seconds: 13 },
  '10-training-a-vae': { short: true, seconds: 79 },
  '11-gan': { short: true },
  '12-diffusion': { short: true, seconds: 70 },
  '13-latent-diffusion': { short: true },
  '14-text-to-image': { short: true, seconds: 43 },
  '15-lora': { short: true, elsewhere: 1, seconds: 30 },
  '16-sequences': { short: true, seconds: 103 },
  '17-attention-gpt': { short: true, seconds: 59 },
  '18-transformer-family': { short: true, seconds: 23 },
  '19-tokens': { short: true, seconds: 20 },
  '20-tokens-to-think': { short: true, seconds: 20 },
  '21-pretrain-finetune-reward': { short: true, seconds: 23 },
  '22-r1': { short: true, seconds: 25 },
  '23-objects': { short: true, elsewhere: 8, seconds: 12 },
  '26-atlas': { short: true, seconds: 19 },
};

/** Of a lesson that was not timed yet: it may be long, so it begins early. */
const UNTIMED = 60;

/** All of these, as `npm test` runs them whole: those that take longest first. */
export const LONGEST_FIRST: readonly string[] = Object.entries(RUNNING)
  .sort(([, a], [, b]) => (b.seconds ?? UNTIMED) - (a.seconds ?? UNTIMED))
  .map(([name]) => name);
