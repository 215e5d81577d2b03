/** Milliseconds of the small training step (lib/kernel/page/measure.ts) that the lessons' `seconds` go with. */
export const STEP = 5;

/**
 * Lessons whose pages can be run in the reader's browser. A lesson comes onto this list when all of its cells run there,
 * `npm run site -- --verify NN`; half a lesson with buttons would promise what it does not keep.
 * A cell that needs what a page cannot have (programs, TensorFlow's own library, a cell above of that kind) keeps its saved
 * output and says so; a lesson that is about programs stays off the list.
 * `short`: its trainings are those of the tests unless the reader asks for the full ones, which take WebAssembly too long.
 * `elsewhere`: so many of its cells keep their saved output.
 * `seconds`: of processor time on WebAssembly, loading included, where the page's small training step takes `STEP` ms
 * (`npm run site -- --times NN`); none, and its page gives no estimate.
 */
export const RUNNING: Readonly<Record<string, { short?: boolean; elsewhere?: number; seconds?: number }>> = {
  '00-welcome': { short: true },
  '01-pictures-are-tensors': { elsewhere: 1 },
  '02-functions': {},
  '03-bayes': { seconds: 15 },
  '04-entropy-kl': {},
  '05-how-a-network-learns': { short: true, elsewhere: 1 },
  '06-convolution': { short: true, elsewhere: 3 },
  '07-depth': { short: true },
  '08-latent-spaces': { short: true },
  '09-elbo': { short: true },
  '10-training-a-vae': { short: true },
  '11-gan': { short: true },
  '12-diffusion': { short: true },
  '13-latent-diffusion': { short: true },
  '14-text-to-image': { short: true },
  '15-lora': { short: true, elsewhere: 1 },
  '16-sequences': { short: true },
  '17-attention-gpt': { short: true },
  '18-transformer-family': { short: true },
  '19-tokens': { short: true },
  '20-tokens-to-think': { short: true },
  '21-pretrain-finetune-reward': { short: true },
  '22-r1': { short: true },
  '23-objects': { short: true, elsewhere: 8 },
  '26-atlas': { short: true },
};
