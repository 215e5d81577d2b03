/**
 * GPT-2 (Radford et al. 2019): a stack of causal Transformer blocks that predicts the next token at every position.
 * Weights are named and laid out as in OpenAI's release, so its safetensors load by name.
 */
import {
  attention,
  causalMask,
  Dropout,
  Embedding,
  geluTanh,
  type KeyValueCache,
  Layer,
  LayerNorm,
  Module,
  mergeHeads,
  softmaxCrossEntropy,
  splitHeads,
  variable,
} from '../nn';
import { random, tf } from '../runtime';
import { expectSame, expectShape, expectSizes } from '../runtime/expect';

export interface GptConfig {
  /** Number of different tokens. */
  vocab: number;
  /** Longest sequence, in tokens. */
  context: number;
  layers: number;
  heads: number;
  width: number;
  /** Biases in linear layers and norms; GPT-2 has them, nanoGPT's small ones do not. */
  bias?: boolean;
  dropout?: number;
}

export const GPT2: Record<'small' | 'medium' | 'large' | 'xl', GptConfig> = {
  small: { vocab: 50257, context: 1024, layers: 12, heads: 12, width: 768 },
  medium: { vocab: 50257, context: 1024, layers: 24, heads: 16, width: 1024 },
  large: { vocab: 50257, context: 1024, layers: 36, heads: 20, width: 1280 },
  xl: { vocab: 50257, context: 1024, layers: 48, heads: 25, width: 1600 },
};

/** y = x W + b; GPT-2 keeps W as [in, out] and calls the layer Conv1D. */
class Conv1D extends Layer {
  readonly weight: tf.Variable;
  readonly bias?: tf.Variable;

  constructor(inputs: number, outputs: number, bias: boolean, std = 0.02) {
    super();
    this.weight = variable(random.normal([inputs, outputs], 0, std));
    if (bias) this.bias = variable(tf.zeros([outputs]));
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [B, T, C] = x.shape;
    const y = tf.matMul(x.reshape([B * T, C]) as tf.Tensor2D, this.weight as tf.Tensor2D); // [B·T, out]
    return (this.bias ? y.add(this.bias) : y).reshape([B, T, -1]); // [B, T, out]
  }
}

/** What a pass through the layers knows beside x. */
interface Pass {
  mask: tf.Tensor;
  training: boolean;
  /** Where keys and values of earlier tokens lie, and the rows for the new ones. */
  cache?: KeyValueCache;
  rows?: tf.Tensor2D;
}

class CausalSelfAttention extends Module {
  readonly c_attn: Conv1D;
  readonly c_proj: Conv1D;
  readonly drop: Dropout;

  constructor(readonly config: GptConfig) {
    super();
    const { width, bias = true, layers, dropout = 0 } = config;
    this.c_attn = new Conv1D(width, 3 * width, bias);
    this.c_proj = new Conv1D(width, width, bias, 0.02 / Math.sqrt(2 * layers));
    this.drop = new Dropout(dropout);
  }

  forward(x: tf.Tensor, layer: number, { mask, training, cache, rows }: Pass): tf.Tensor {
    const parts = tf.split(this.c_attn.forward(x), 3, 2); // 3 × [B, T, C]
    const [q, k, v] = parts.map(part => splitHeads(part, this.config.heads)); // 3 × [B, H, T, D]
    const all = cache && rows ? cache.write(layer, rows, k, v) : { k, v }; // [B, H, S, D]
    const mixed = mergeHeads(attention(q, all.k, all.v, mask)); // [B, T, C]
    return this.drop.forward(this.c_proj.forward(mixed), training); // [B, T, C]
  }
}

class Mlp extends Module {
  readonly c_fc: Conv1D;
  readonly c_proj: Conv1D;
  readonly drop: Dropout;

  constructor({ width, bias = true, layers, dropout = 0 }: GptConfig) {
    super();
    this.c_fc = new Conv1D(width, 4 * width, bias);
    this.c_proj = new Conv1D(4 * width, width, bias, 0.02 / Math.sqrt(2 * layers));
    this.drop = new Dropout(dropout);
  }

  forward(x: tf.Tensor, training: boolean): tf.Tensor {
    const hidden = geluTanh(this.c_fc.forward(x)); // [B, T, 4C]
    return this.drop.forward(this.c_proj.forward(hidden), training); // [B, T, C]
  }
}

/** x + attention(norm(x)), then x + mlp(norm(x)): the norms stand before each part. */
class Block extends Module {
  readonly ln_1: LayerNorm;
  readonly attn: CausalSelfAttention;
  readonly ln_2: LayerNorm;
  readonly mlp: Mlp;

  constructor(config: GptConfig) {
    super();
    const bias = config.bias ?? true;
    this.ln_1 = new LayerNorm(config.width, 1e-5, { bias });
    this.attn = new CausalSelfAttention(config);
    this.ln_2 = new LayerNorm(config.width, 1e-5, { bias });
    this.mlp = new Mlp(config);
  }

  forward(x: tf.Tensor, layer: number, pass: Pass): tf.Tensor {
    const attended = x.add(this.attn.forward(this.ln_1.forward(x), layer, pass)); // [B, T, C]
    return attended.add(this.mlp.forward(this.ln_2.forward(attended), pass.training)); // [B, T, C]
  }
}

class Transformer extends Module {
  readonly wte: Embedding;
  readonly wpe: Embedding;
  readonly h: Block[];
  readonly ln_f: LayerNorm;

  constructor(config: GptConfig) {
    super();
    const init = (shape: number[]) => random.normal(shape, 0, 0.02);
    this.wte = new Embedding(config.vocab, config.width, { init });
    this.wpe = new Embedding(config.context, config.width, { init });
    this.h = Array.from({ length: config.layers }, () => new Block(config));
    this.ln_f = new LayerNorm(config.width, 1e-5, { bias: config.bias ?? true });
  }
}

/**
 * @example
 * const gpt = new Gpt({ vocab: 65, context: 8, layers: 1, heads: 2, width: 16 });
 * gpt.forward(tf.zeros([1, 8], 'int32')).shape // → [1, 8, 65]
 */
export class Gpt extends Module {
  readonly transformer: Transformer;

  constructor(readonly config: GptConfig) {
    super();
    expectSizes('a GPT', config, { dropout: { from: 0, below: 1 } });
    if (config.width % config.heads !== 0)
      throw new Error(`a GPT: width ${config.width} can't be split into ${config.heads} equal heads`);
    this.transformer = new Transformer(config);
  }

  /** ids: [B, T] int32, T ≤ context → logits for the next token at each position [B, T, vocab]. */
  forward(ids: tf.Tensor, training = false): tf.Tensor3D {
    expectShape('token ids', ids, ['B', 'T'], 'expandDims(0) makes a batch of one');
    const [B, T] = ids.shape;
    const { context, width, vocab } = this.config;
    if (T > context) throw new Error(`${T} tokens do not fit the context of ${context}; cut the start off`);
    const positions = tf.slice(this.transformer.wpe.weight, [0, 0], [T, width]); // [T, C]
    const h = this.layers(ids, positions, { mask: causalMask(T), training }); // [B, T, C]
    return this.logits(h.reshape([B * T, width])).reshape([B, T, vocab]) as tf.Tensor3D;
  }

  /** Layers, heads and numbers of the keys and values, for a `KeyValueCache`. */
  get memory(): { layers: number; heads: number; width: number } {
    const { layers, heads, width } = this.config;
    return { layers, heads, width: width / heads };
  }

  /**
   * The same for the tokens that follow those in the cache, which is filled: ids [B, n], of which the first `count` are meant
   * and the others are padding → logits after the last one meant, [B, vocab].
   */
  next(ids: tf.Tensor, cache: KeyValueCache, count: tf.Tensor): tf.Tensor2D {
    expectShape('token ids', ids, [cache.sizes.batch ?? 1, 'n'], 'one row for each text of the cache');
    const n = ids.shape[1] as number;
    const places = cache
      .positions(n)
      .minimum(this.config.context - 1)
      .toInt(); // [n]; padding may reach further
    const positions = tf.gather(this.transformer.wpe.weight, places); // [n, C]
    const h = this.layers(ids, positions, { mask: cache.mask(n), training: false, cache, rows: cache.rows(n) }); // [B, n, C]
    const last = tf.gather(h, count.sub(1).toInt().reshape([]), 1); // [B, C]
    cache.advance(count);
    return cache.within(this.logits(last), this.config.context);
  }

  /** ids: [B, T], positions: [T, C] → [B, T, C] */
  private layers(ids: tf.Tensor, positions: tf.Tensor, pass: Pass): tf.Tensor {
    const { wte, h, ln_f } = this.transformer;
    const x = wte.forward(ids).add(positions); // [B, T, C]
    const end = h.reduce((hidden, block, i) => tf.tidy(() => block.forward(hidden, i, pass)), x); // [B, T, C]
    return ln_f.forward(end); // [B, T, C]
  }

  /** Tied weights: the embedding is the last layer, too. rows: [N, C] → [N, vocab] */
  private logits(rows: tf.Tensor): tf.Tensor2D {
    return tf.matMul(rows as tf.Tensor2D, this.transformer.wte.weight as tf.Tensor2D, false, true);
  }

  /** Mean cross-entropy of the next token, in nats. ids, next: [B, T] int32. Untrained: about ln(vocab). */
  loss(ids: tf.Tensor, next: tf.Tensor, training = true): tf.Scalar {
    expectSame({ ids, 'next ids': next });
    const logits = this.forward(ids, training); // [B, T, V]
    return softmaxCrossEntropy(logits.reshape([-1, this.config.vocab]), next.flatten());
  }
}
