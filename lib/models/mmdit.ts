/**
 * MMDiT, the Transformer of Stable Diffusion 3 and 3.5 (Esser et al. 2024, "Scaling Rectified Flow Transformers for
 * High-Resolution Image Synthesis", section 4 and figure 2): a DiT to which text is no label but a second stream of tokens.
 * Both streams have weights of their own; in every block they meet in one attention. It answers flow matching's velocity.
 *
 * Parameters carry the names of Hugging Face's diffusers, so that published safetensors load.
 * B batch, S text tokens, N patches, W width.
 */
import { Conv2d, type LayerNorm, Linear, Module, variable, xavierUniform, zeros } from '../nn';
import { tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { fromPatches, gridPositions, modulate } from './blocks';
import {
  bareNorm,
  FeedForward,
  JointAttention,
  type JointOptions,
  lastNorm,
  Steering,
  Told,
  type Turns,
} from './mmdit-parts';

export interface MmditConfig {
  /** Channels of the latent map. */
  channels: number;
  /** Side of a patch, in latents. */
  patch: number;
  width: number;
  heads: number;
  layers: number;
  /** Numbers of a text token, and of the vector of a whole text. */
  text: number;
  pooled: number;
  /** Patches that a side had in training, and the most that it may have: positions beyond are not known. */
  side: number;
  most: number;
  /** RMS norm of queries and keys (3.5). */
  qkNorm: boolean;
  /** Blocks, from the first on, in which the picture also looks at itself alone (3.5 medium: 13). */
  dual: number;
}

/** 1024 × 1024 pixels: latents of 128 × 128 × 16; texts of two CLIPs and T5. */
const SD3 = { channels: 16, patch: 2, text: 4096, pooled: 2048, side: 64 };

/** Published ones: 2,028,328,000 (3 medium), 2,243,171,520 (3.5 medium) and 8,056,627,520 parameters (3.5 large). */
export const MMDIT: Record<'sd3Medium' | 'sd35Medium' | 'sd35Large', MmditConfig> = {
  sd3Medium: { ...SD3, width: 1536, heads: 24, layers: 24, most: 192, qkNorm: false, dual: 0 },
  sd35Medium: { ...SD3, width: 1536, heads: 24, layers: 24, most: 384, qkNorm: true, dual: 13 },
  sd35Large: { ...SD3, width: 2432, heads: 38, layers: 38, most: 192, qkNorm: true, dual: 0 },
};

/**
 * @example shapesOnly(() => new Mmdit(MMDIT.sd3Medium)).parameterCount() // → 2028328000
 */
export class Mmdit extends Module {
  readonly pos_embed: PatchEmbed;
  readonly time_text_embed: Told;
  readonly context_embedder: Linear;
  readonly transformer_blocks: JointBlock[];
  readonly norm_out: Steering;
  readonly proj_out: Linear;
  private readonly norm: LayerNorm;

  constructor(readonly config: MmditConfig) {
    super();
    const { channels, patch, width, heads, layers, text, pooled, side, most, qkNorm, dual } = config;
    expectSizes('an MMDiT', config, { dual: { from: 0, to: layers, whole: true } });
    if (width % 4 !== 0) throw new Error(`width must be divisible by 4 for the positions, got ${width}`);
    if (width % heads !== 0) throw new Error(`width ${width} can't be split into ${heads} equal heads`);
    if (most < side) throw new Error(`most must be at least side, ${side} patches, got ${most}`);
    this.pos_embed = new PatchEmbed(config);
    this.time_text_embed = new Told(width, pooled);
    this.context_embedder = new Linear(text, width);
    this.transformer_blocks = Array.from(
      { length: layers },
      (_, i) => new JointBlock({ width, heads, qkNorm, dual: i < dual, last: i === layers - 1 }),
    );
    this.norm_out = new Steering(width, 2);
    this.proj_out = new Linear(width, patch ** 2 * channels, { init: zeros });
    this.norm = bareNorm(width);
  }

  /**
   * The velocity noise − data (`flowLoss`, `flowField`). x: noisy latents [B, h, w, C], t: their times [B] from 0, data, to 1,
   * noise; text: tokens [B, S, text] (`captionTokens`); pooled: the whole text's vector [B, pooled] → [B, h, w, C]. A fresh
   * net answers 0.
   * @throws Error where a size does not fit, or the map has more patches a side than positions are known for
   */
  forward(x: tf.Tensor, t: tf.Tensor, text: tf.Tensor, pooled: tf.Tensor): tf.Tensor4D {
    const { patch, text: wide } = this.config;
    const B = x.shape[0];
    expectShape('times', t, [B], 'one for each latent map');
    expectShape('the text', text, [B, 'S', wide], 'captionTokens makes it');
    expectShape('the vectors of the texts', pooled, [B, this.config.pooled], 'one for each latent map');
    const told = this.time_text_embed.forward(t, pooled); //                 [B, W]
    let streams: Streams = { x: this.pos_embed.forward(x), text: this.context_embedder.forward(text) };
    for (const block of this.transformer_blocks) streams = block.forward(streams, told);
    const patches = this.proj_out.forward(lastNorm(this.norm_out, this.norm, streams.x, told)); // [B, N, p·p·C]
    return fromPatches(patches, x.shape[1]! / patch, x.shape[2]! / patch, patch);
  }
}

class PatchEmbed extends Module {
  readonly proj: Conv2d;
  /** Where each patch of the largest map lies, [1, most², W]; fixed. Smaller maps lie in its middle. */
  readonly pos_embed: tf.Variable;

  constructor(private readonly config: MmditConfig) {
    super();
    const { channels, patch, width, side, most } = config;
    const init = (shape: number[]) => xavierUniform(shape, channels * patch ** 2, width);
    this.proj = new Conv2d(channels, width, patch, { stride: patch, init });
    this.pos_embed = variable(gridPositions(most, width, side / most), false);
  }

  /** [B, h, w, C] → [B, N, W] */
  forward(x: tf.Tensor): tf.Tensor {
    const { channels, patch, width, most } = this.config;
    expectShape('latents', x, ['B', 'h', 'w', channels]);
    const [rows, columns] = [1, 2].map(axis => x.shape[axis]! / patch);
    const fits = (n: number) => Number.isInteger(n) && n <= most;
    if (!fits(rows) || !fits(columns))
      throw new Error(
        `latents [B, h, w, C] must have h and w divisible by ${patch} and of at most ${most * patch}, got [${x.shape}]`,
      );
    const cells = this.proj.forward(x); //                                  [B, rows, columns, W]
    const from = [rows, columns].map(n => Math.floor((most - n) / 2));
    const all = this.pos_embed.reshape([1, most, most, width]);
    const places = tf.slice(all, [0, ...from, 0], [1, rows, columns, width]); // [1, rows, columns, W]
    return cells.add(places).reshape([x.shape[0], rows * columns, width]);
  }
}

/** The picture's patches, x [B, N, W], and the text's tokens [B, S, W]. */
export interface Streams {
  x: tf.Tensor;
  text: tf.Tensor;
}

export interface JointBlockOptions extends Pick<JointOptions, 'width' | 'heads' | 'qkNorm'> {
  /** The picture looks at itself alone, too. */
  dual?: boolean;
  /** Nobody reads the text any more, so that its stream ends here. */
  last?: boolean;
}

/**
 * Two DiT blocks side by side, one for each stream, with a common attention (figure 2b of the paper).
 * @example new JointBlock({ width: 8, heads: 2, qkNorm: true }).forward({ x: tf.ones([1, 4, 8]), text: tf.ones([1, 3, 8]) }, tf.ones([1, 8])).text.shape // → [1, 3, 8]
 */
export class JointBlock extends Module {
  readonly norm1: Steering;
  readonly norm1_context: Steering;
  readonly attn: JointAttention;
  readonly attn2?: JointAttention;
  readonly ff: FeedForward;
  readonly ff_context?: FeedForward;
  private readonly norm: LayerNorm;

  constructor({ width, heads, qkNorm, dual = false, last = false }: JointBlockOptions) {
    super();
    this.norm1 = new Steering(width, dual ? 9 : 6);
    this.norm1_context = new Steering(width, last ? 2 : 6);
    this.attn = new JointAttention({ width, heads, qkNorm, text: last ? 'only read' : 'asks' });
    if (dual) this.attn2 = new JointAttention({ width, heads, qkNorm });
    this.ff = new FeedForward(width);
    if (!last) this.ff_context = new FeedForward(width);
    this.norm = bareNorm(width);
  }

  /** told: [B, W]; turns: where the tokens lie, the text's first (FLUX). With gates of 0, as at the start, the streams themselves. */
  forward({ x, text }: Streams, told: tf.Tensor, turns?: Turns): Streams {
    const { norm, ff_context } = this;
    const [shift, scale, gate, shiftFf, scaleFf, gateFf, shift2, scale2, gate2] = this.norm1.forward(told); // each [B, 1, W]
    const normal = norm.forward(x); //                                                         [B, N, W]
    const ofText = this.norm1_context.forward(told);
    const asked = ff_context
      ? modulate(norm.forward(text), ofText[0], ofText[1])
      : lastNorm(this.norm1_context, norm, text, told); //                                     [B, S, W]
    const [seen, read] = this.attn.joint(modulate(normal, shift, scale), asked, turns); //     [B, N, W], [B, S, W]
    let h = x.add(seen.mul(gate)); //                                                          [B, N, W]
    if (this.attn2) h = h.add(this.attn2.forward(modulate(normal, shift2, scale2)).mul(gate2));
    h = h.add(this.ff.forward(modulate(norm.forward(h), shiftFf, scaleFf)).mul(gateFf));
    if (!ff_context) return { x: h, text };
    const [, , gateText, shiftText, scaleText, gateTextFf] = ofText;
    const g = text.add(read.mul(gateText)); //                                                 [B, S, W]
    return { x: h, text: g.add(ff_context.forward(modulate(norm.forward(g), shiftText, scaleText)).mul(gateTextFf)) };
  }
}

/**
 * SD3's caption: the tokens of its two CLIPs side by side, filled up with zeros to T5's width, and T5's behind them (Esser et
 * al. 2024, section 4 and figure 2a). clips: each [B, 77, …], the layer before CLIP's last; t5: [B, S, text] →
 * [B, 77 + S, text]. The vector of the whole text is the CLIPs' own, one behind the other: `tf.concat([a, b], 1)`.
 * @example captionTokens([tf.ones([1, 2, 1]), tf.ones([1, 2, 2])], tf.ones([1, 3, 4])).shape // → [1, 5, 4]
 */
export function captionTokens(clips: tf.Tensor[], t5: tf.Tensor): tf.Tensor3D {
  expectShape("T5's tokens", t5, ['B', 'S', 'W']);
  const [B, , W] = t5.shape as [number, number, number];
  if (clips.length === 0) throw new Error('expected the tokens of at least one CLIP');
  for (const clip of clips)
    expectShape("a CLIP's tokens", clip, [B, clips[0].shape[1]!, 'D'], 'as many texts and tokens');
  return tf.tidy(() => {
    const both = tf.concat(clips, 2); // [B, 77, sum of widths]
    const spare = W - both.shape[2]!;
    if (spare < 0) throw new Error(`the CLIPs have ${both.shape[2]} numbers a token, T5 only ${W}`);
    return tf.concat(
      [
        tf.pad(both, [
          [0, 0],
          [0, 0],
          [0, spare],
        ]),
        t5,
      ],
      1,
    ) as tf.Tensor3D;
  });
}
