/**
 * FLUX.1's Transformer (Black Forest Labs 2024, github.com/black-forest-labs/flux): SD3's blocks with two streams, then
 * blocks in which text and picture are one sequence and attention and feed-forward layers run side by side (Dehghani et al.
 * 2023, "Scaling Vision Transformers to 22 Billion Parameters", section 2). Places are turns of queries and keys: RoPE over
 * row and column. T5 gives the tokens, CLIP the vector of the whole text.
 *
 * Parameters carry the names of Hugging Face's diffusers, so that published safetensors load.
 * B batch, S text tokens, N patches, T = S + N, W width.
 */
import { geluTanh, type LayerNorm, Linear, Module, xavierUniform, zeros } from '../nn';
import { tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { modulate } from './blocks';
import { JointBlock, type Streams } from './mmdit';
import { bareNorm, JointAttention, lastNorm, Steering, Told, type Turns, turnsOf } from './mmdit-parts';

export interface FluxConfig {
  /** Channels of the latent map, of which 2 × 2 make a patch. */
  channels: number;
  width: number;
  heads: number;
  /** Blocks with two streams, and blocks with one. */
  layers: number;
  singles: number;
  /** Numbers of a text token, and of the vector of a whole text. */
  text: number;
  pooled: number;
  /** Numbers of a head that turn by kind, row and column; even, together a head's width. */
  turning: [number, number, number];
  /** Told how strongly to follow the text, instead of being asked twice (guidance distillation, Meng et al. 2023). */
  guided: boolean;
}

const FLUX1 = { channels: 16, width: 3072, heads: 24, layers: 19, singles: 38, text: 4096, pooled: 768 };
const TURNING: [number, number, number] = [16, 56, 56];

/** Published ones: 11,901,408,320 (dev) and 11,891,178,560 parameters (schnell, for 4 steps). */
export const FLUX: Record<'dev' | 'schnell', FluxConfig> = {
  dev: { ...FLUX1, turning: TURNING, guided: true },
  schnell: { ...FLUX1, turning: TURNING, guided: false },
};

/** Side of a patch, in latents. */
const PATCH = 2;

/**
 * @example shapesOnly(() => new Flux(FLUX.dev)).parameterCount() // → 11901408320
 */
export class Flux extends Module {
  readonly time_text_embed: Told;
  readonly context_embedder: Linear;
  readonly x_embedder: Linear;
  readonly transformer_blocks: JointBlock[];
  readonly single_transformer_blocks: SingleBlock[];
  readonly norm_out: Steering;
  readonly proj_out: Linear;
  private readonly norm: LayerNorm;

  constructor(readonly config: FluxConfig) {
    super();
    const { channels, width, heads, layers, singles, text, pooled, turning, guided } = config;
    expectSizes('a FLUX', config);
    const turns = turning.reduce((a, b) => a + b, 0);
    if (turns * heads !== width || turning.some(each => each % 2 !== 0))
      throw new Error(
        `turning must be even numbers that make a head's width, ${width / heads}, got ${turning.join(' + ')}`,
      );
    const numbers = PATCH ** 2 * channels;
    this.time_text_embed = new Told(width, pooled, guided);
    this.context_embedder = new Linear(text, width);
    this.x_embedder = new Linear(numbers, width);
    this.transformer_blocks = Array.from({ length: layers }, () => new JointBlock({ width, heads, qkNorm: true }));
    this.single_transformer_blocks = Array.from({ length: singles }, () => new SingleBlock(width, heads));
    this.norm_out = new Steering(width, 2);
    this.proj_out = new Linear(width, numbers, { init: zeros });
    this.norm = bareNorm(width);
  }

  /**
   * The velocity noise − data. x: noisy latents [B, h, w, C], t: their times [B] from 0, data, to 1, noise; text: T5's tokens
   * [B, S, text]; pooled: CLIP's vectors [B, pooled]; guidance: [B], 3.5 is usual, for `guided` nets alone → [B, h, w, C]. A
   * fresh net answers 0.
   */
  forward(x: tf.Tensor, t: tf.Tensor, text: tf.Tensor, pooled: tf.Tensor, guidance?: tf.Tensor): tf.Tensor4D {
    this.check(x, t, text, pooled, guidance);
    const [rows, columns] = [x.shape[1]! / PATCH, x.shape[2]! / PATCH];
    const S = text.shape[1]!;
    const told = this.time_text_embed.forward(t, pooled, guidance); //       [B, W]
    const turns = turnsOf(placesOf(S, rows, columns), this.config.turning); // each [T, D/2, 1]
    let streams: Streams = { x: this.x_embedder.forward(packed(x)), text: this.context_embedder.forward(text) };
    for (const block of this.transformer_blocks) streams = block.forward(streams, told, turns);
    let both = tf.concat([streams.text, streams.x], 1); //                   [B, T, W]
    for (const block of this.single_transformer_blocks) both = block.forward(both, told, turns);
    const seen = tf.slice(both, [0, S, 0], [-1, rows * columns, -1]); //     [B, N, W]
    return unpacked(this.proj_out.forward(lastNorm(this.norm_out, this.norm, seen, told)), rows, columns);
  }

  private check(x: tf.Tensor, t: tf.Tensor, text: tf.Tensor, pooled: tf.Tensor, guidance?: tf.Tensor): void {
    const { channels, guided, text: wide } = this.config;
    expectShape('latents', x, ['B', 'h', 'w', channels]);
    const B = x.shape[0];
    if (x.shape[1]! % PATCH || x.shape[2]! % PATCH)
      throw new Error(`latents [B, h, w, C] must have h and w divisible by ${PATCH}, got [${x.shape}]`);
    expectShape('times', t, [B], 'one for each latent map');
    expectShape('the text', text, [B, 'S', wide], "T5's tokens");
    expectShape('the vectors of the texts', pooled, [B, this.config.pooled], "CLIP's, one for each latent map");
    if (guided !== Boolean(guidance))
      throw new Error(guided ? 'this FLUX is told its guidance; give it, [B]' : 'this FLUX is not told a guidance');
    if (guidance) expectShape('the guidance', guidance, [B], 'one for each latent map');
  }
}

/** Attention and feed-forward layers side by side, both of the same norm, and one layer for what both found. */
class SingleBlock extends Module {
  readonly norm: Steering;
  readonly proj_mlp: Linear;
  readonly proj_out: Linear;
  readonly attn: JointAttention;
  private readonly before: LayerNorm;

  constructor(width: number, heads: number) {
    super();
    this.norm = new Steering(width, 3);
    this.proj_mlp = new Linear(width, 4 * width, { init: xavierUniform });
    this.proj_out = new Linear(5 * width, width, { init: xavierUniform });
    this.attn = new JointAttention({ width, heads, qkNorm: true, out: false });
    this.before = bareNorm(width);
  }

  /** x: [B, T, W], told: [B, W] → [B, T, W] */
  forward(x: tf.Tensor, told: tf.Tensor, turns: Turns): tf.Tensor {
    const [shift, scale, gate] = this.norm.forward(told); // 3 × [B, 1, W]
    const normal = modulate(this.before.forward(x), shift, scale); // [B, T, W]
    const found = tf.concat([this.attn.forward(normal, turns), geluTanh(this.proj_mlp.forward(normal))], 2); // [B, T, 5W]
    return x.add(this.proj_out.forward(found).mul(gate));
  }
}

/** Kind, row and column of each token, [T][3]: all words lie at 0, 0, 0, the patches on their grid. */
const placesOf = (words: number, rows: number, columns: number): number[][] => [
  ...Array.from({ length: words }, () => [0, 0, 0]),
  ...Array.from({ length: rows * columns }, (_, n) => [0, Math.floor(n / columns), n % columns]),
];

/** [B, 2·rows, 2·columns, C] → [B, N, 4·C], a channel's four pixels side by side. */
function packed(x: tf.Tensor): tf.Tensor {
  const [B, h, w, C] = x.shape as [number, number, number, number];
  const [rows, columns] = [h / PATCH, w / PATCH];
  const cells = x.reshape([B * rows, PATCH, columns, PATCH, C]).transpose([0, 2, 4, 1, 3]); // [B·rows, columns, C, 2, 2]
  return cells.reshape([B, rows * columns, C * PATCH ** 2]);
}

/** The way back: [B, N, 4·C] → [B, 2·rows, 2·columns, C]. */
function unpacked(patches: tf.Tensor, rows: number, columns: number): tf.Tensor4D {
  const B = patches.shape[0];
  const C = patches.shape[2]! / PATCH ** 2;
  const cells = patches.reshape([B * rows, columns, C, PATCH, PATCH]).transpose([0, 3, 1, 4, 2]); // [B·rows, 2, columns, 2, C]
  return cells.reshape([B, rows * PATCH, columns * PATCH, C]);
}
