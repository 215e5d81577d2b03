import type { tf } from '../runtime';
import { checkCount } from './checks';
import type { Figure } from './figure';
import { type GridOptions, imageGrid } from './images';
import { type ScatterOptions, scatter } from './points';

/**
 * Where an encoder puts each picture: codes [N, 2] as points, coloured by label.
 * @see notebooks/10-training-a-vae.ipynb
 * @example await latentMap(tf.tensor2d([[0, 1], [1, 0]]), ['cat', 'dog'])
 */
export async function latentMap(
  codes: tf.Tensor,
  labels: ArrayLike<number | string>,
  options: ScatterOptions = {},
): Promise<Figure> {
  const [n, width] = codes.shape;
  if (codes.rank !== 2 || width !== 2 || labels.length !== n) {
    throw new Error(
      `expected codes [N, 2] and N labels, got codes [${codes.shape.join(', ')}] and ${labels.length} labels; slice two dimensions first`,
    );
  }
  const z = await codes.data();
  const points = Array.from({ length: n }, (_, i) => ({ x: z[2 * i], y: z[2 * i + 1], label: labels[i] }));
  return scatter(points, { xTitle: 'z₁', yTitle: 'z₂', square: [-4, 4], size: n > 1000 ? 14 : 30, ...options });
}

/**
 * What a decoder makes of a regular grid over a 2-D latent space, drawn where its codes lie: z₁ grows to the right, z₂ upwards.
 * @param decode codes [n, 2] → pictures [n, H, W, 1 | 3]
 * @example await latentGrid(codes => tf.zeros([codes.length, 8, 8, 1]), { side: 3 })
 */
export async function latentGrid(
  decode: (codes: number[][]) => tf.Tensor | Promise<tf.Tensor>,
  { side = 20, reach = 2.5, ...options }: GridOptions & { side?: number; reach?: number } = {},
): Promise<Figure> {
  checkCount('side', side, 2, 100);
  const at = (i: number) => -reach + (2 * reach * i) / (side - 1);
  const codes = Array.from({ length: side * side }, (_, i) => [at(i % side), -at(Math.floor(i / side))]);
  const pictures = await decode(codes);
  const alt = `Decoded pictures on a ${side} by ${side} grid of codes: z₁ from ${-reach} on the left to ${reach} on the right, z₂ from ${-reach} at the bottom to ${reach} at the top.`;
  const figure = await imageGrid(pictures, { columns: side, gap: 0, scale: 1, alt, ...options });
  pictures.dispose();
  return figure;
}
