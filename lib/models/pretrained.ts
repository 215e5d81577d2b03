/** Weights that come with the course, each made by a script under scripts/train, with a log beside it. */

import { loadModule, type Module } from '../nn';
import { brotliDecompressSync, fromRoot, fs, PNG, path } from '../platform';
import { tf } from '../runtime';

const FOLDER = fromRoot('datasets', 'checkpoints');

/**
 * Fills a module with the weights of datasets/checkpoints/NAME.safetensors, or of NAME.safetensors.br, packed.
 * @returns what is written about them there: seed, steps, seconds, the script that made them
 * @see notebooks/12-diffusion.ipynb
 * @example
 * const classifier = new DigitClassifier();
 * loadPretrained('mnist-classifier', classifier);
 */
export function loadPretrained(name: string, module: Module): Record<string, string> {
  const file = path.join(FOLDER, `${name}.safetensors`);
  const there = [file, `${file}.br`].find(each => fs.existsSync(each)); // one trained anew goes before the packed one
  if (!there) {
    const named = fs.readdirSync(FOLDER).map(f => /^(.*)\.safetensors(?:\.br)?$/.exec(f)?.[1]);
    const names = [...new Set(named.filter(Boolean))].join(', ');
    throw new Error(`the course has no weights named ${name}; it has ${names}`);
  }
  return loadModule(there, module);
}

/**
 * What the script said while it made them: the lines of datasets/checkpoints/NAME.log, or of NAME.log.br, packed.
 * @example trainingLog('mnist-classifier').length > 0 // → true
 */
export function trainingLog(name: string): Record<string, string | number>[] {
  const file = path.join(FOLDER, `${name}.log`);
  const packed = `${file}.br`; // a long one
  if (![file, packed].some(each => fs.existsSync(each)))
    throw new Error(`the course has no training log named ${name}; see datasets/checkpoints`);
  const bytes = fs.existsSync(file) ? fs.readFileSync(file) : brotliDecompressSync(fs.readFileSync(packed));
  const lines = bytes.toString('utf8').trim().split('\n');
  return lines.map(line => JSON.parse(line) as Record<string, string | number>);
}

/**
 * A picture that a script left beside its log, datasets/checkpoints/NAME.png: [height, width, 3], from 0 to 1.
 * @example trainingPicture('decoder-losses').shape // → [128, 384, 3]
 */
export function trainingPicture(name: string): tf.Tensor3D {
  const file = path.join(FOLDER, `${name}.png`);
  if (!fs.existsSync(file)) throw new Error(`the course has no picture named ${name}; see datasets/checkpoints`);
  const { data, height, width } = PNG.sync.read(fs.readFileSync(file)); // RGBA, 0–255
  const pixels = Float32Array.from(data, v => v / 255);
  return tf.tidy(() => tf.slice(tf.tensor3d(pixels, [height, width, 4]), [0, 0, 0], [height, width, 3]));
}
