/**
 * What SD3's and FLUX's Transformers share (Esser et al. 2024, "Scaling Rectified Flow Transformers for High-Resolution Image
 * Synthesis", section 4): text and picture are two streams with weights of their own that look at each other in one attention.
 *
 * Parameters carry the names of Hugging Face's diffusers, so that published safetensors load.
 * B batch, S text tokens, N patches, T = S + N, W width, H heads, D width of a head.
 */
import {
  attention,
  geluTanh,
  Layer,
  LayerNorm,
  Linear,
  Module,
  mergeHeads,
  RmsNorm,
  Sequential,
  silu,
  splitHeads,
  xavierUniform,
  zeros,
} from '../nn';
import { tf } from '../runtime';
import { modulate, TimeEmbedding } from './blocks';
import { ropeFrequencies } from './llama';

/** Sinusoids that tell a time apart. */
const FREQUENCIES = 256;

/** Times run from 0 to 1, and the nets were trained with 1,000 steps. */
const STEPS = 1000;

const linear = (inputs: number, outputs: number) => new Linear(inputs, outputs, { init: xavierUniform });

/** Norm without weights of its own: adaLN gives them. */
export const bareNorm = (width: number) => new LayerNorm(width, 1e-6, { affine: false });

/** A text's one vector → what steers every block. [B, from] → [B, W] */
class TextEmbedder extends Module {
  readonly linear_1: Linear;
  readonly linear_2: Linear;

  constructor(from: number, width: number) {
    super();
    this.linear_1 = new Linear(from, width);
    this.linear_2 = new Linear(width, width);
  }

  forward(pooled: tf.Tensor): tf.Tensor {
    return this.linear_2.forward(silu(this.linear_1.forward(pooled)));
  }
}

/** What every block is told: the time, the whole text's vector, and with `guidance` how strongly to follow it. */
export class Told extends Module {
  readonly timestep_embedder: TimeEmbedding;
  readonly guidance_embedder?: TimeEmbedding;
  readonly text_embedder: TextEmbedder;

  constructor(width: number, pooled: number, guidance = false) {
    super();
    this.timestep_embedder = new TimeEmbedding(FREQUENCIES, width, 'latent');
    if (guidance) this.guidance_embedder = new TimeEmbedding(FREQUENCIES, width, 'latent');
    this.text_embedder = new TextEmbedder(pooled, width);
  }

  /** t: [B] from 0 to 1, pooled: [B, P], guidance: [B] → [B, W] */
  forward(t: tf.Tensor, pooled: tf.Tensor, guidance?: tf.Tensor): tf.Tensor {
    const told = this.timestep_embedder.forward(t.mul(STEPS)).add(this.text_embedder.forward(pooled)); // [B, W]
    if (!this.guidance_embedder) return told;
    return told.add(this.guidance_embedder.forward(guidance!.mul(STEPS)));
  }
}

/** Shifts, scales and gates for a stream (adaLN-Zero, Peebles & Xie 2023, section 3.2): all 0 in a fresh net. */
export class Steering extends Module {
  readonly linear: Linear;

  constructor(
    width: number,
    private readonly parts: number,
  ) {
    super();
    this.linear = new Linear(width, parts * width, { init: zeros });
  }

  /** told: [B, W] → parts × [B, 1, W] */
  forward(told: tf.Tensor): tf.Tensor[] {
    return tf.split(this.linear.forward(silu(told)).expandDims(1), this.parts, 2);
  }
}

/** The last norm: its scale comes before its shift in the files. x: [B, N, W], told: [B, W] → [B, N, W] */
export const lastNorm = (steering: Steering, norm: LayerNorm, x: tf.Tensor, told: tf.Tensor): tf.Tensor => {
  const [scale, shift] = steering.forward(told); // 2 × [B, 1, W]
  return modulate(norm.forward(x), shift, scale);
};

class GeluLayer extends Layer {
  readonly proj: Linear;

  constructor(width: number) {
    super();
    this.proj = linear(width, 4 * width);
  }

  forward(x: tf.Tensor): tf.Tensor {
    return geluTanh(this.proj.forward(x));
  }
}

/** Two layers, the first four times as wide. [B, T, W] → [B, T, W] */
export class FeedForward extends Module {
  /** The middle one of three is a dropout in the files' code, which never drops anything. */
  readonly net: Sequential;

  constructor(width: number) {
    super();
    this.net = new Sequential(new GeluLayer(width), x => x, linear(4 * width, width));
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.net.forward(x);
  }
}

/** Turns of the queries and keys that tell where a token lies; each [T, D/2, 1]. */
export interface Turns {
  cos: tf.Tensor;
  sin: tf.Tensor;
}

/**
 * RoPE over several axes (Su et al. 2021, section 3.2.2, once for each): a head's numbers are dealt out among the axes, and
 * neighbours (2i, 2i + 1) turn by their axis' coordinate. places: [T][axes], widths: numbers of a head for each axis.
 */
export function turnsOf(places: number[][], widths: readonly number[]): Turns {
  const frequencies = widths.map(width => ropeFrequencies({ theta: 10000 }, width)); // axes × width/2
  const angles = places.map(place => frequencies.flatMap((each, axis) => each.map(f => f * place[axis]))); // [T][D/2]
  const table = (f: (angle: number) => number) => tf.tensor2d(angles.map(row => row.map(f))).expandDims(2); // [T, D/2, 1]
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** x: [B, H, T, D] → the same, each pair of neighbours turned. */
function turned(x: tf.Tensor4D, turns?: Turns): tf.Tensor4D {
  if (!turns) return x;
  const [B, H, T, D] = x.shape;
  const [a, b] = tf.split(x.reshape([B * H, T, D / 2, 2]), 2, 3); // 2 × [B·H, T, D/2, 1]
  const [cos, sin] = [turns.cos, turns.sin];
  return tf.concat([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], 3).reshape([B, H, T, D]);
}

export interface JointOptions {
  width: number;
  heads: number;
  /** Queries and keys are brought to one length before they meet (RMS norm per head), so that scores cannot grow without bound. */
  qkNorm: boolean;
  /** Does a text take part, and does it get an answer? */
  text?: 'asks' | 'only read';
  /** Without a layer after the attention where the caller has one. */
  out?: boolean;
}

/** Attention of a picture to itself, or of picture and text to both. */
export class JointAttention extends Module {
  readonly norm_q?: RmsNorm;
  readonly norm_k?: RmsNorm;
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out?: Linear[];
  readonly norm_added_q?: RmsNorm;
  readonly norm_added_k?: RmsNorm;
  readonly add_q_proj?: Linear;
  readonly add_k_proj?: Linear;
  readonly add_v_proj?: Linear;
  readonly to_add_out?: Linear;
  private readonly heads: number;

  constructor({ width, heads, qkNorm, text, out = true }: JointOptions) {
    super();
    this.heads = heads;
    const layer = () => linear(width, width);
    const norm = () => (qkNorm ? new RmsNorm(width / heads) : undefined);
    [this.norm_q, this.norm_k] = [norm(), norm()];
    [this.to_q, this.to_k, this.to_v] = [layer(), layer(), layer()];
    if (out) this.to_out = [layer()];
    if (!text) return;
    [this.norm_added_q, this.norm_added_k] = [norm(), norm()];
    [this.add_q_proj, this.add_k_proj, this.add_v_proj] = [layer(), layer(), layer()];
    if (text === 'asks') this.to_add_out = layer();
  }

  /** x: [B, T, W] looks at itself → [B, T, W] */
  forward(x: tf.Tensor, turns?: Turns): tf.Tensor {
    const [q, k, v] = this.ofPicture(x); // 3 × [B, H, T, D]
    const mixed = mergeHeads(attention(turned(q, turns), turned(k, turns), v)); // [B, T, W]
    return this.to_out ? this.to_out[0].forward(mixed) : mixed;
  }

  /** x: [B, N, W] and text: [B, S, W], each looking at both → the same two shapes. turns: of the text first, then of x. */
  joint(x: tf.Tensor, text: tf.Tensor, turns?: Turns): [tf.Tensor, tf.Tensor] {
    const words = this.ofText(text); // 3 × [B, H, S, D]
    const [q, k, v] = this.ofPicture(x).map((part, i) => tf.concat([words[i], part], 2)) as tf.Tensor4D[]; // [B, H, T, D]
    const mixed = mergeHeads(attention(turned(q, turns), turned(k, turns), v)); // [B, T, W]
    const [told, seen] = tf.split(mixed, [text.shape[1]!, x.shape[1]!], 1); // [B, S, W], [B, N, W]
    return [this.to_out![0].forward(seen), this.to_add_out ? this.to_add_out.forward(told) : told];
  }

  private ofPicture(x: tf.Tensor): tf.Tensor4D[] {
    return this.threeOf(x, [this.to_q, this.to_k, this.to_v], [this.norm_q, this.norm_k]);
  }

  private ofText(text: tf.Tensor): tf.Tensor4D[] {
    const layers = [this.add_q_proj!, this.add_k_proj!, this.add_v_proj!];
    return this.threeOf(text, layers, [this.norm_added_q, this.norm_added_k]);
  }

  /** Queries, keys and values: 3 × [B, H, T, D]. */
  private threeOf(x: tf.Tensor, layers: Linear[], norms: (RmsNorm | undefined)[]): tf.Tensor4D[] {
    const parts = layers.map(layer => splitHeads(layer.forward(x), this.heads));
    return parts.map((part, i) => (norms[i]?.forward(part) ?? part) as tf.Tensor4D);
  }
}
