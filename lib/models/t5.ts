/**
 * T5 (Raffel et al. 2020): an encoder reads a text both ways, a decoder writes the answer and looks at what was read. Positions
 * are only known as distances, as numbers that are added to the scores of attention. Version 1.0, and 1.1 with gated GELU
 * (Shazeer 2020) and an output layer of its own; its largest encoder conditions text-to-image nets with vectors 4,096 wide.
 *
 * Parameters carry the names of Hugging Face's transformers, so that published safetensors load.
 * B batch, S tokens read, T tokens written, H heads, D width of a head, C width, V vocabulary.
 */
import {
  attention,
  causalMask,
  Dropout,
  Embedding,
  geluTanh,
  Linear,
  logProbsOf,
  Module,
  mergeHeads,
  RmsNorm,
  splitHeads,
} from '../nn';
import { random, tf } from '../runtime';
import { expectNumber, expectSame, expectShape, expectSizes } from '../runtime/expect';

export interface T5Config {
  /** Number of different tokens; 0 is padding and begins every answer, 1 ends texts. */
  vocab: number;
  width: number;
  /** Numbers of a head; heads · headWidth need not be the width. */
  headWidth: number;
  heads: number;
  /** Numbers between the two layers of a block's last part. */
  hidden: number;
  /** Blocks of the encoder, and as many of the decoder. */
  layers: number;
  /** 1.0: ReLU, one table for embedding and output. 1.1: gated GELU, two tables. */
  version: '1.0' | '1.1';
  /** Kinds of distances, and the one from which on all are one. */
  buckets?: number;
  maxDistance?: number;
  dropout?: number;
}

const V11 = { vocab: 32128, headWidth: 64, version: '1.1' } as const;

/** Published ones: 60,506,624 (1.0 small), 247,577,856 (1.1 base) and 11,135,332,352 parameters (1.1 XXL; its encoder 4,762,310,656). */
export const T5: Record<'small' | 'base11' | 'xxl11', T5Config> = {
  small: { vocab: 32128, width: 512, headWidth: 64, heads: 8, hidden: 2048, layers: 6, version: '1.0' },
  base11: { ...V11, width: 768, heads: 12, hidden: 2048, layers: 12 },
  xxl11: { ...V11, width: 4096, heads: 64, hidden: 10240, layers: 24 },
};

const linear = (inputs: number, outputs: number, std: number) =>
  new Linear(inputs, outputs, { bias: false, init: shape => random.normal(shape, 0, std) });

/**
 * The kind of a distance, key minus query: each small one is its own, larger ones share one by their logarithm, all from
 * maxDistance on are the last. `both`: half of the kinds are for keys behind the query; else those are all kind 0.
 * @example distanceBucket(-20, true, 32, 128) // → 10
 */
export function distanceBucket(distance: number, both: boolean, buckets: number, maxDistance: number): number {
  const kinds = both ? buckets / 2 : buckets;
  const behind = both && distance > 0 ? kinds : 0;
  const far = both ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(kinds / 2);
  if (far < exact) return behind + far;
  const { fround } = Math; // PyTorch computes in 32 bits, which decides at the borders
  const share = fround(fround(Math.log(fround(far / exact))) / fround(Math.log(maxDistance / exact)));
  return behind + Math.min(kinds - 1, exact + Math.floor(fround(share * (kinds - exact))));
}

class Attention extends Module {
  readonly q: Linear;
  readonly k: Linear;
  readonly v: Linear;
  readonly o: Linear;
  /** Of the first block only; all share it. */
  readonly relative_attention_bias?: Embedding;

  constructor(
    readonly config: T5Config,
    withDistances: boolean,
  ) {
    super();
    const { width, headWidth, heads, buckets = 32 } = config;
    const inner = heads * headWidth;
    this.q = linear(width, inner, (width * headWidth) ** -0.5);
    this.k = linear(width, inner, width ** -0.5);
    this.v = linear(width, inner, width ** -0.5);
    this.o = linear(inner, width, inner ** -0.5);
    if (withDistances) {
      const init = (shape: number[]) => random.normal(shape, 0, width ** -0.5);
      this.relative_attention_bias = new Embedding(buckets, heads, { init });
    }
  }

  /** x: [B, T, C] asks, from: [B, S, C] answers; mask, bias: broadcast to [B, H, T, S] → [B, T, C]. No 1/√D: it is in q's start. */
  forward(x: tf.Tensor, from: tf.Tensor, mask?: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
    const split = (layer: Linear, of: tf.Tensor) => splitHeads(layer.forward(of), this.config.heads); // [B, H, T or S, D]
    const mixed = attention(split(this.q, x), split(this.k, from), split(this.v, from), mask, { scale: 1, bias }); // [B, H, T, D]
    return this.o.forward(mergeHeads(mixed));
  }

  /** What distances add to the scores of T tokens, [1, H, T, T]. */
  distances(T: number, both: boolean): tf.Tensor {
    const { buckets = 32, maxDistance = 128 } = this.config;
    const kinds = Int32Array.from({ length: T * T }, (_, i) =>
      distanceBucket((i % T) - Math.floor(i / T), both, buckets, maxDistance),
    );
    const rows = this.relative_attention_bias!.forward(tf.tensor2d(kinds, [T, T], 'int32')); // [T, T, H]
    return rows.transpose([2, 0, 1]).expandDims(0);
  }
}

/** Between the layers: ReLU in 1.0, and in 1.1 a GELU that opens and shuts the numbers of a second layer. */
class FeedForward extends Module {
  readonly wi?: Linear;
  readonly wi_0?: Linear;
  readonly wi_1?: Linear;
  readonly wo: Linear;

  constructor({ width, hidden, version }: T5Config) {
    super();
    const inner = () => linear(width, hidden, width ** -0.5);
    if (version === '1.0') this.wi = inner();
    else [this.wi_0, this.wi_1] = [inner(), inner()];
    this.wo = linear(hidden, width, hidden ** -0.5);
  }

  /** x: [B, T, C] → [B, T, C] */
  forward(x: tf.Tensor): tf.Tensor {
    const between = this.wi
      ? this.wi.forward(x).relu() //                                      [B, T, hidden]
      : geluTanh(this.wi_0!.forward(x)).mul(this.wi_1!.forward(x)); //    [B, T, hidden]
    return this.wo.forward(between);
  }
}

class SelfLayer extends Module {
  readonly SelfAttention: Attention;
  readonly layer_norm: RmsNorm;

  constructor(config: T5Config, withDistances: boolean) {
    super();
    this.SelfAttention = new Attention(config, withDistances);
    this.layer_norm = new RmsNorm(config.width);
  }
}

class CrossLayer extends Module {
  readonly EncDecAttention: Attention;
  readonly layer_norm: RmsNorm;

  constructor(config: T5Config) {
    super();
    this.EncDecAttention = new Attention(config, false);
    this.layer_norm = new RmsNorm(config.width);
  }
}

class FeedForwardLayer extends Module {
  readonly DenseReluDense: FeedForward; // called so in both versions
  readonly layer_norm: RmsNorm;

  constructor(config: T5Config) {
    super();
    this.DenseReluDense = new FeedForward(config);
    this.layer_norm = new RmsNorm(config.width);
  }
}

/** What a stack knows beside x. */
interface Pass {
  /** What distances add to the scores of the tokens among each other, [1, H, T, T], and what hides some of them. */
  bias: tf.Tensor;
  mask?: tf.Tensor;
  /** What was read, [B, S, C], and what hides its padding, [B, 1, 1, S]. */
  read?: tf.Tensor;
  hidden?: tf.Tensor;
}

/** x + part(norm(x)) for each part: attention to itself, to what was read (decoder), and the feed-forward layers. */
class Block extends Module {
  readonly layer: (SelfLayer | CrossLayer | FeedForwardLayer)[];
  private readonly drop: Dropout;

  constructor(config: T5Config, first: boolean, decoder: boolean) {
    super();
    const cross = decoder ? [new CrossLayer(config)] : [];
    this.layer = [new SelfLayer(config, first), ...cross, new FeedForwardLayer(config)];
    this.drop = new Dropout(config.dropout ?? 0);
  }

  /** x: [B, T, C] → [B, T, C] */
  forward(x: tf.Tensor, pass: Pass, training: boolean): tf.Tensor {
    return this.layer.reduce((h, part) => {
      const normal = part.layer_norm.forward(h); // [B, T, C]
      return h.add(this.drop.forward(through(part, normal, pass), training));
    }, x);
  }
}

function through(part: SelfLayer | CrossLayer | FeedForwardLayer, x: tf.Tensor, pass: Pass): tf.Tensor {
  if (part instanceof SelfLayer) return part.SelfAttention.forward(x, x, pass.mask, pass.bias);
  if (part instanceof CrossLayer) return part.EncDecAttention.forward(x, pass.read!, pass.hidden);
  return part.DenseReluDense.forward(x);
}

class Stack extends Module {
  readonly block: Block[];
  readonly final_layer_norm: RmsNorm;
  private readonly drop: Dropout;

  constructor(
    readonly config: T5Config,
    private readonly isDecoder: boolean,
  ) {
    super();
    this.block = Array.from({ length: config.layers }, (_, i) => new Block(config, i === 0, isDecoder));
    this.final_layer_norm = new RmsNorm(config.width);
    this.drop = new Dropout(config.dropout ?? 0);
  }

  /** x: [B, T, C] → [B, T, C] */
  forward(x: tf.Tensor, { hidden, read, training = false }: Partial<Pass> & { training?: boolean }): tf.Tensor3D {
    const T = x.shape[1] ?? 0;
    const bias = (this.block[0].layer[0] as SelfLayer).SelfAttention.distances(T, !this.isDecoder); // [1, H, T, T]
    const mask = this.isDecoder ? causalMask(T) : hidden; // [T, T] or [B, 1, 1, T]
    const start = this.drop.forward(x, training); // [B, T, C]
    const end = this.block.reduce((h, block) => block.forward(h, { bias, mask, read, hidden }, training), start);
    return this.drop.forward(this.final_layer_norm.forward(end), training) as tf.Tensor3D;
  }
}

/** seen: [B, S], 1 for what is to be looked at → [B, 1, 1, S] of 0 and −10⁹ */
const hiding = (seen: tf.Tensor): tf.Tensor =>
  seen
    .toFloat()
    .sub(1)
    .mul(1e9)
    .reshape([seen.shape[0], 1, 1, seen.shape[1] ?? 0]);

function check(config: T5Config): void {
  expectSizes('a T5', config, { dropout: { from: 0, below: 1 } });
  if (config.version !== '1.0' && config.version !== '1.1')
    throw new Error(`a T5: version is ${config.version}, expected '1.0' or '1.1'`);
  const { buckets = 32, maxDistance = 128 } = config;
  if (buckets < 4 || buckets % 2 !== 0) throw new Error(`a T5: buckets must be even and at least 4, got ${buckets}`);
  expectNumber(
    'a T5: maxDistance',
    maxDistance,
    { above: buckets / 2, whole: true },
    'shorter distances have kinds of their own',
  );
}

const table = ({ vocab, width }: T5Config) =>
  new Embedding(vocab, width, { init: shape => random.normal(shape, 0, 1) });

/**
 * The reading half on its own, as text-to-image nets use it.
 * @example shapesOnly(() => new T5Encoder(T5.xxl11)).parameterCount() // → 4762310656
 */
export class T5Encoder extends Module {
  readonly shared: Embedding;
  readonly encoder: Stack;

  constructor(readonly config: T5Config) {
    super();
    check(config);
    this.shared = table(config);
    this.encoder = new Stack(config, false);
  }

  /** ids: [B, S] int32, seen: [B, S] with 0 for padding → what each token means where it stands, [B, S, C]. */
  forward(ids: tf.Tensor, seen?: tf.Tensor, training = false): tf.Tensor3D {
    expectShape('token ids', ids, ['B', 'S'], 'expandDims(0) makes a batch of one');
    if (seen) expectSame({ ids, seen });
    return this.encoder.forward(this.shared.forward(ids), { hidden: seen && hiding(seen), training });
  }
}

/**
 * Text to text.
 * @example shapesOnly(() => new T5Model(T5.small)).parameterCount() // → 60506624
 */
export class T5Model extends Module {
  readonly shared: Embedding;
  readonly encoder: Stack;
  readonly decoder: Stack;
  readonly lm_head?: Linear;

  constructor(readonly config: T5Config) {
    super();
    check(config);
    this.shared = table(config);
    this.encoder = new Stack(config, false);
    this.decoder = new Stack(config, true);
    if (config.version === '1.1') this.lm_head = linear(config.width, config.vocab, config.width ** -0.5);
  }

  /** Reads: ids [B, S] int32, seen [B, S] with 0 for padding → [B, S, C]. */
  encode(ids: tf.Tensor, seen?: tf.Tensor, training = false): tf.Tensor3D {
    expectShape('token ids', ids, ['B', 'S'], 'expandDims(0) makes a batch of one');
    if (seen) expectSame({ ids, seen });
    return this.encoder.forward(this.shared.forward(ids), { hidden: seen && hiding(seen), training });
  }

  /** Writes: ids [B, T] int32, which begin with 0, to what was read [B, S, C] → logits of the next tokens [B, T, V]. */
  decode(ids: tf.Tensor, read: tf.Tensor, seen?: tf.Tensor, training = false): tf.Tensor3D {
    const { vocab, width, version } = this.config;
    expectShape('token ids', ids, ['B', 'T'], 'expandDims(0) makes a batch of one');
    const [B, T] = ids.shape;
    expectShape('what was read', read, [B, 'S', width], 'encode gives it');
    if (seen) expectShape('seen', seen, [B, read.shape[1] as number], '1 for each token that was read, 0 for padding');
    const hidden = seen && hiding(seen);
    const h = this.decoder.forward(this.shared.forward(ids), { read, hidden, training }); // [B, T, C]
    if (this.lm_head) return this.lm_head.forward(h) as tf.Tensor3D;
    const rows = h.mul(version === '1.0' ? width ** -0.5 : 1).reshape([-1, width]) as tf.Tensor2D; // [B·T, C]
    return tf.matMul(rows, this.shared.weight as tf.Tensor2D, false, true).reshape([B, T, vocab]) as tf.Tensor3D;
  }

  /**
   * Mean cross-entropy of the answer, in nats, its padding (0) not counted. ids: [B, S], seen: [B, S], answer: [B, T] with 1
   * at its end; it is moved by one for the decoder here.
   */
  loss(ids: tf.Tensor, answer: tf.Tensor, seen?: tf.Tensor, training = true): tf.Scalar {
    expectShape('the answer', answer, [ids.shape[0], 'T']);
    const [B, T] = answer.shape;
    const before = tf.concat([tf.zeros([B, 1], 'int32'), tf.slice(answer.toInt(), [0, 0], [B, T - 1])], 1); // [B, T]
    const logits = this.decode(before, this.encode(ids, seen, training), seen, training); // [B, T, V]
    const chosen = logProbsOf(logits, answer); // [B, T]
    const counted = answer.notEqual(0).toFloat(); // [B, T]
    return chosen.mul(counted).sum().div(counted.sum()).neg() as tf.Scalar;
  }
}
