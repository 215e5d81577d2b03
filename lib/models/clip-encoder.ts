/**
 * The Transformer that both halves of CLIP are made of (Radford et al. 2021), with the names of Hugging Face's transformers.
 * B batch, T tokens, W width.
 * @see notebooks/14-text-to-image.ipynb
 */
import { attention, gelu, LayerNorm, Linear, Module, mergeHeads, splitHeads } from '../nn';
import { tf } from '../runtime';

export interface ClipTowerConfig {
  width: number;
  layers: number;
  heads: number;
}

/** What stands between the two layers of a block: OpenAI's nets have the quick one, OpenCLIP's the exact one. */
export type ClipActivation = 'quickGelu' | 'gelu';

/** x·σ(1.702x), OpenAI's approximation of gelu. */
const quickGelu = (x: tf.Tensor): tf.Tensor => x.mul(x.mul(1.702).sigmoid());

class SelfAttention extends Module {
  readonly k_proj: Linear;
  readonly v_proj: Linear;
  readonly q_proj: Linear;
  readonly out_proj: Linear;

  constructor(
    width: number,
    private readonly heads: number,
  ) {
    super();
    this.k_proj = new Linear(width, width);
    this.v_proj = new Linear(width, width);
    this.q_proj = new Linear(width, width);
    this.out_proj = new Linear(width, width);
  }

  /** x: [B, T, W] → [B, T, W] */
  forward(x: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    const [q, k, v] = [this.q_proj, this.k_proj, this.v_proj].map(layer => splitHeads(layer.forward(x), this.heads));
    return this.out_proj.forward(mergeHeads(attention(q, k, v, mask)));
  }
}

class Mlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;

  constructor(
    width: number,
    private readonly activation: (x: tf.Tensor) => tf.Tensor,
  ) {
    super();
    this.fc1 = new Linear(width, 4 * width);
    this.fc2 = new Linear(4 * width, width);
  }

  /** x: [B, T, W] → [B, T, W] */
  forward(x: tf.Tensor): tf.Tensor {
    return this.fc2.forward(this.activation(this.fc1.forward(x)));
  }
}

/** x + attention(norm(x)), then x + mlp(norm(x)). */
class EncoderLayer extends Module {
  readonly self_attn: SelfAttention;
  readonly layer_norm1: LayerNorm;
  readonly mlp: Mlp;
  readonly layer_norm2: LayerNorm;

  constructor({ width, heads }: ClipTowerConfig, activation: (x: tf.Tensor) => tf.Tensor) {
    super();
    this.self_attn = new SelfAttention(width, heads);
    this.layer_norm1 = new LayerNorm(width);
    this.mlp = new Mlp(width, activation);
    this.layer_norm2 = new LayerNorm(width);
  }

  forward(x: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    const attended = x.add(this.self_attn.forward(this.layer_norm1.forward(x), mask)); // [B, T, W]
    return attended.add(this.mlp.forward(this.layer_norm2.forward(attended))); //         [B, T, W]
  }
}

/** A stack of blocks, or the first `count` of them. [B, T, W] → [B, T, W] */
export class ClipEncoder extends Module {
  readonly layers: EncoderLayer[];

  constructor(config: ClipTowerConfig, activation: ClipActivation) {
    super();
    const between = activation === 'gelu' ? gelu : quickGelu;
    this.layers = Array.from({ length: config.layers }, () => new EncoderLayer(config, between));
  }

  forward(x: tf.Tensor, mask?: tf.Tensor, count = this.layers.length): tf.Tensor {
    return this.layers.slice(0, count).reduce((h, layer) => tf.tidy(() => layer.forward(h, mask)), x);
  }
}
