/**
 * `npm run text-to-image -- --model FOLDER --prompt "…"`: paints with Stable Diffusion 1.x from a folder as Hugging Face
 * distributes it (unet, vae, text_encoder, tokenizer, scheduler, with safetensors). Nothing is fetched.
 */
import fs from 'node:fs';
import { PNG } from 'pngjs';
import { StableDiffusion } from '../lib/models/stable-diffusion';
import { tf } from '../lib/runtime';
import { parseCommand, runCommand } from './notebooks/command';

const HELP = `npm run text-to-image -- --model FOLDER --prompt "…" [options]
  --negative "…"      what to keep away from
  --steps 50          denoising steps
  --guidance 7.5      how strongly the prompt counts; 1 is not at all beyond the plain answer
  --seed 1            the noise that everything starts from
  --size 512          height and width in pixels
  --image in.png      start from a picture instead of from noise …
  --strength 0.8      … of which 0 keeps everything and 1 nothing
  --out out.png`;
const VALUED = ['model', 'prompt', 'negative', 'steps', 'guidance', 'seed', 'size', 'image', 'strength', 'out'];

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, VALUED, ['help']);
  const [folder, prompt] = [options.get('model'), options.get('prompt')];
  if (words.length) throw new Error(`unexpected ${JSON.stringify(words[0])}; put the prompt in quotes\n${HELP}`);
  if (options.has('help') || !folder || prompt === undefined) {
    console.log(HELP);
    return options.has('help') ? 0 : 1;
  }
  const number = (name: string, otherwise: number) => {
    const value = Number(options.get(name) ?? otherwise);
    if (!Number.isFinite(value)) throw new Error(`--${name} must be a number, got ${options.get(name)}`);
    return value;
  };
  const size = options.has('size') ? number('size', 0) : undefined;
  const image = options.get('image');
  const out = options.get('out') ?? 'out.png';
  const source = image === undefined ? undefined : readPng(image);
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const model = StableDiffusion.load(folder, size === undefined ? undefined : [size, size]);
  console.log(`${folder}: ${model.unet.parameterCount().toLocaleString('en')} parameters in the U-Net, ${seconds()}`);
  const how = {
    negative: options.get('negative') ?? '',
    steps: number('steps', 50),
    guidance: number('guidance', 7.5),
    seed: number('seed', 1),
    onStep: ({ step, of }: { step: number; of: number }) => console.log(`  step ${step} of ${of}, ${seconds()}`),
  };
  const picture = source
    ? await model.repaint(fitted(source, model), [prompt], { ...how, strength: number('strength', 0.8) })
    : await model.paint([prompt], how);
  writePng(out, picture);
  console.log(`✓ ${out}, ${seconds()}`);
  return 0;
}

/** A PNG as numbers in −1..1, [1, H, W, 3]. */
function readPng(file: string): tf.Tensor4D {
  if (!fs.existsSync(file)) throw new Error(`no picture at ${file}; --image takes a PNG`);
  const { data, width, height } = PNG.sync.read(fs.readFileSync(file)); // RGBA
  const rgb = Float32Array.from(
    data.filter((_, i) => i % 4 !== 3),
    byte => byte / 127.5 - 1,
  );
  return tf.tensor4d(rgb, [1, height, width, 3]);
}

/** The middle of a picture, cut to the model's proportions and brought to its size. */
function fitted(x: tf.Tensor4D, { parts, vae }: StableDiffusion): tf.Tensor4D {
  return tf.tidy(() => {
    const [height, width] = [parts.latent[0] * vae.factor, parts.latent[1] * vae.factor];
    const [, H, W] = x.shape;
    const zoom = Math.min(H / height, W / width);
    const [h, w] = [Math.floor(height * zoom), Math.floor(width * zoom)];
    const middle = tf.slice(x, [0, (H - h) >> 1, (W - w) >> 1, 0], [1, h, w, 3]);
    return tf.image.resizeBilinear(middle, [height, width]); // [1, height, width, 3]
  });
}

function writePng(file: string, picture: tf.Tensor4D): void {
  const [, height, width] = picture.shape;
  const png = new PNG({ width, height });
  picture.dataSync().forEach((value, i) => {
    png.data[Math.floor(i / 3) * 4 + (i % 3)] = Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5);
  });
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  fs.writeFileSync(file, PNG.sync.write(png));
}

if (require.main === module) runCommand(main);
