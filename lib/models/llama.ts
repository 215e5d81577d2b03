/**
 * The Llama family (Touvron et al. 2023): what GPT-2 became. Positions are turns of the queries and keys (RoPE), norms only
 * scale (RMSNorm), the two layers between are gated (SwiGLU), and several heads of queries share one of keys and values
 * (grouped queries). SmolLM2, Qwen2.5, Llama 3.2 and R1's distilled nets differ in sizes and small switches only.
 *
 * Parameters carry the names of Hugging Face's transformers, so that published safetensors load.
 * B batch, T tokens, S tokens that may be seen, H heads, G heads of keys and values, D width of a head, C width, V vocabulary.
 */
import {
  attention,
  causalMask,
  Embedding,
  type KeyValueCache,
  Linear,
  Module,
  mergeHeads,
  RmsNorm,
  silu,
  softmaxCrossEntropy,
  splitHeads,
} from '../nn';
import { random, tf } from '../runtime';
import { expectSame, expectShape, expectSizes } from '../runtime/expect';

export interface LlamaConfig {
  /** Number of different tokens. */
  vocab: number;
  /** Longest sequence that it was trained for, in tokens. */
  context: number;
  width: number;
  /** Numbers between the two layers of a block's gated part. */
  hidden: number;
  layers: number;
  heads: number;
  /** Heads of keys and values, of which `heads` is a multiple. */
  keyHeads: number;
  /** Numbers of a head; width/heads unless given. */
  headWidth?: number;
  /** RoPE's base: pair i turns by θ^(−2i/D) a position. */
  theta: number;
  /** Slower turns for texts longer than those trained on (Llama 3.1's). */
  scaling?: RopeScaling;
  /** Under the root of the norms. */
  epsilon?: number;
  /** Biases of queries, keys and values, which Qwen has. */
  bias?: boolean;
  /** The embedding is also the last layer. */
  tied?: boolean;
}

/** Wavelengths above originalContext/low are stretched by `factor`, those below originalContext/high stay. */
export interface RopeScaling {
  factor: number;
  low: number;
  high: number;
  originalContext: number;
}

const QWEN = { context: 32768, theta: 1e6, epsilon: 1e-6, bias: true };

/** Published ones: 134,515,008, 494,032,768, 1,235,814,400 and 1,777,088,000 parameters. */
export const LLAMA: Record<'smollm2-135m' | 'qwen2.5-0.5b' | 'llama-3.2-1b' | 'r1-distill-qwen-1.5b', LlamaConfig> = {
  'smollm2-135m': {
    vocab: 49152,
    context: 8192,
    width: 576,
    hidden: 1536,
    layers: 30,
    heads: 9,
    keyHeads: 3,
    theta: 1e5,
    epsilon: 1e-5,
    tied: true,
  },
  'qwen2.5-0.5b': {
    ...QWEN,
    vocab: 151936,
    width: 896,
    hidden: 4864,
    layers: 24,
    heads: 14,
    keyHeads: 2,
    tied: true,
  },
  'llama-3.2-1b': {
    vocab: 128256,
    context: 131072,
    width: 2048,
    hidden: 8192,
    layers: 16,
    heads: 32,
    keyHeads: 8,
    theta: 5e5,
    scaling: { factor: 32, low: 1, high: 4, originalContext: 8192 },
    epsilon: 1e-5,
    tied: true,
  },
  'r1-distill-qwen-1.5b': {
    ...QWEN,
    context: 131072,
    theta: 1e4,
    vocab: 151936,
    width: 1536,
    hidden: 8960,
    layers: 28,
    heads: 12,
    keyHeads: 2,
  },
};

/** Cosines and sines of the turns at some positions, [T, D/2] each, shared by all layers. */
interface Turns {
  cos: tf.Tensor;
  sin: tf.Tensor;
}

/**
 * How far each pair of numbers of a head turns per position, in radians: D/2 of them (Su et al. 2021, section 3.2.2).
 * @example ropeFrequencies(LLAMA['smollm2-135m'], 64).length // → 32
 */
export function ropeFrequencies({ theta, scaling }: Pick<LlamaConfig, 'theta' | 'scaling'>, D: number): number[] {
  if (!(Number.isInteger(D) && D > 0 && D % 2 === 0))
    throw new Error(`expected heads of an even width, got ${D}: numbers are turned in pairs`);
  const plain = Array.from({ length: D / 2 }, (_, i) => theta ** ((-2 * i) / D));
  if (!scaling) return plain;
  const { factor, low, high, originalContext } = scaling;
  return plain.map(frequency => {
    const turns = (originalContext * frequency) / (2 * Math.PI); // full turns within the context trained on
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low))); // 1: a fast pair, stays as it is
    return kept * frequency + ((1 - kept) * frequency) / factor;
  });
}

/** positions: [T] whole floats */
function turnsAt(config: LlamaConfig, D: number, positions: tf.Tensor): Turns {
  const angles = positions.reshape([-1, 1]).mul(tf.tensor2d([ropeFrequencies(config, D)])); // [T, D/2]
  return { cos: angles.cos(), sin: angles.sin() };
}

/** x: [B, H, T, D] → the same, each pair (i, i + D/2) turned by its position's angle. */
function turn(x: tf.Tensor, { cos, sin }: Turns): tf.Tensor4D {
  const [a, b] = tf.split(x, 2, 3); // 2 × [B, H, T, D/2]
  return tf.concat([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], 3) as tf.Tensor4D;
}

/** Small numbers to start from, as transformers draws them. */
const init = (shape: number[]) => random.normal(shape, 0, 0.02);
const linear = (inputs: number, outputs: number, bias = false) => new Linear(inputs, outputs, { bias, init });

/** What a pass through the layers knows beside x. */
interface Pass {
  turns: Turns;
  mask: tf.Tensor;
  /** Where keys and values of earlier tokens lie, and the rows for the new ones. */
  cache?: KeyValueCache;
  rows?: tf.Tensor2D;
}

class SelfAttention extends Module {
  readonly q_proj: Linear;
  readonly k_proj: Linear;
  readonly v_proj: Linear;
  readonly o_proj: Linear;

  constructor(readonly config: LlamaConfig) {
    super();
    const { width, heads, keyHeads, bias } = config;
    const D = headWidth(config);
    this.q_proj = linear(width, heads * D, bias);
    this.k_proj = linear(width, keyHeads * D, bias);
    this.v_proj = linear(width, keyHeads * D, bias);
    this.o_proj = linear(heads * D, width);
  }

  /** x: [B, T, C] → [B, T, C] */
  forward(x: tf.Tensor, layer: number, { turns, mask, cache, rows }: Pass): tf.Tensor {
    const { heads, keyHeads } = this.config;
    const q = turn(splitHeads(this.q_proj.forward(x), heads), turns); //     [B, H, T, D]
    const k = turn(splitHeads(this.k_proj.forward(x), keyHeads), turns); //  [B, G, T, D]
    const v = splitHeads(this.v_proj.forward(x), keyHeads); //               [B, G, T, D]
    const all = cache && rows ? cache.write(layer, rows, k, v) : { k, v }; // [B, G, S, D]
    return this.o_proj.forward(mergeHeads(attention(q, all.k, all.v, mask))); // [B, T, C]
  }
}

/** SwiGLU (Shazeer 2020): one layer opens and shuts the numbers of another. */
class Mlp extends Module {
  readonly gate_proj: Linear;
  readonly up_proj: Linear;
  readonly down_proj: Linear;

  constructor({ width, hidden }: LlamaConfig) {
    super();
    this.gate_proj = linear(width, hidden);
    this.up_proj = linear(width, hidden);
    this.down_proj = linear(hidden, width);
  }

  /** x: [B, T, C] → [B, T, C] */
  forward(x: tf.Tensor): tf.Tensor {
    const gated = silu(this.gate_proj.forward(x)).mul(this.up_proj.forward(x)); // [B, T, hidden]
    return this.down_proj.forward(gated);
  }
}

/** x + attention(norm(x)), then x + mlp(norm(x)). */
class Block extends Module {
  readonly self_attn: SelfAttention;
  readonly mlp: Mlp;
  readonly input_layernorm: RmsNorm;
  readonly post_attention_layernorm: RmsNorm;

  constructor(config: LlamaConfig) {
    super();
    this.self_attn = new SelfAttention(config);
    this.mlp = new Mlp(config);
    this.input_layernorm = new RmsNorm(config.width, config.epsilon);
    this.post_attention_layernorm = new RmsNorm(config.width, config.epsilon);
  }

  forward(x: tf.Tensor, layer: number, pass: Pass): tf.Tensor {
    const attended = x.add(this.self_attn.forward(this.input_layernorm.forward(x), layer, pass)); // [B, T, C]
    return attended.add(this.mlp.forward(this.post_attention_layernorm.forward(attended))); //       [B, T, C]
  }
}

class Transformer extends Module {
  readonly embed_tokens: Embedding;
  readonly layers: Block[];
  readonly norm: RmsNorm;

  constructor(config: LlamaConfig) {
    super();
    this.embed_tokens = new Embedding(config.vocab, config.width, { init });
    this.layers = Array.from({ length: config.layers }, () => new Block(config));
    this.norm = new RmsNorm(config.width, config.epsilon);
  }

  /** ids: [B, T] → [B, T, C] */
  forward(ids: tf.Tensor, pass: Pass): tf.Tensor {
    const x = this.embed_tokens.forward(ids); // [B, T, C]
    return this.norm.forward(this.layers.reduce((h, block, i) => tf.tidy(() => block.forward(h, i, pass)), x));
  }
}

/**
 * @example shapesOnly(() => new Llama(LLAMA['smollm2-135m'])).parameterCount() // → 134515008
 */
export class Llama extends Module {
  readonly model: Transformer;
  readonly lm_head?: Linear;

  constructor(readonly config: LlamaConfig) {
    super();
    checkConfig(config);
    this.model = new Transformer(config);
    if (!config.tied) this.lm_head = linear(config.width, config.vocab);
  }

  /** Layers, heads and numbers of the keys and values, for a `KeyValueCache`. */
  get memory(): { layers: number; heads: number; width: number } {
    return { layers: this.config.layers, heads: this.config.keyHeads, width: headWidth(this.config) };
  }

  /** ids: [B, T] int32, T ≤ context → logits for the next token at each position [B, T, V]. */
  forward(ids: tf.Tensor): tf.Tensor3D {
    expectShape('token ids', ids, ['B', 'T'], 'expandDims(0) makes a batch of one');
    const [, T] = ids.shape;
    const { context } = this.config;
    if (T > context) throw new Error(`${T} tokens do not fit the context of ${context}; cut the start off`);
    const turns = turnsAt(this.config, headWidth(this.config), tf.range(0, T)); // [T, D/2]
    return this.logits(this.model.forward(ids, { turns, mask: causalMask(T) })) as tf.Tensor3D;
  }

  /**
   * The same for the tokens that follow those in the cache, which is filled: ids [B, n], of which the first `count` are meant
   * and the others are padding → logits after the last one meant, [B, V].
   */
  next(ids: tf.Tensor, cache: KeyValueCache, count: tf.Tensor): tf.Tensor2D {
    expectShape('token ids', ids, [cache.sizes.batch ?? 1, 'n'], 'one row for each text of the cache');
    const n = ids.shape[1] as number;
    const turns = turnsAt(this.config, headWidth(this.config), cache.positions(n)); // [n, D/2]
    const pass = { turns, mask: cache.mask(n), cache, rows: cache.rows(n) };
    const h = this.model.forward(ids, pass); //                             [B, n, C]
    const last = tf.gather(h, count.sub(1).toInt().reshape([]), 1); //      [B, C]
    cache.advance(count);
    return cache.within(this.logits(last) as tf.Tensor2D, this.config.context);
  }

  /** Mean cross-entropy of the next token, in nats. ids, next: [B, T] int32. Untrained: about ln V. */
  loss(ids: tf.Tensor, next: tf.Tensor): tf.Scalar {
    expectSame({ ids, 'next ids': next });
    const logits = this.forward(ids); // [B, T, V]
    return softmaxCrossEntropy(logits.reshape([-1, this.config.vocab]), next.flatten());
  }

  /** h: [..., C] → [..., V] */
  private logits(h: tf.Tensor): tf.Tensor {
    if (this.lm_head) return this.lm_head.forward(h);
    const { vocab, width } = this.config;
    const rows = h.reshape([-1, width]) as tf.Tensor2D; // [B·T, C]
    const table = this.model.embed_tokens.weight as tf.Tensor2D; // [V, C]
    return tf.matMul(rows, table, false, true).reshape([...h.shape.slice(0, -1), vocab]);
  }
}

const headWidth = ({ headWidth, width, heads }: LlamaConfig): number => headWidth ?? width / heads;

function checkConfig(config: LlamaConfig): void {
  const positive = { above: 0 };
  expectSizes('a Llama', config, { theta: positive, epsilon: positive });
  if (config.scaling)
    expectSizes("a Llama's scaling", config.scaling, { factor: positive, low: positive, high: positive });
  if (config.scaling && !(config.scaling.low < config.scaling.high))
    throw new Error(`a Llama's scaling: low must be below high, got ${config.scaling.low} and ${config.scaling.high}`);
  const { heads, keyHeads, width } = config;
  if (heads % keyHeads !== 0)
    throw new Error(`a Llama: ${heads} heads can't share ${keyHeads} heads of keys equally; expected a divisor`);
  const D = headWidth(config);
  if (!Number.isInteger(D)) throw new Error(`a Llama: width ${width} can't be split into ${heads} equal heads`);
  if (D % 2 !== 0) throw new Error(`a Llama: heads of ${D} numbers can't be turned in pairs; expected an even width`);
}
