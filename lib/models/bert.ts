/**
 * BERT (Devlin et al. 2019): a Transformer that looks both ways, trained to guess words that were hidden. It gives a vector for
 * each token and one for the text; it writes nothing by itself.
 *
 * Parameters carry the names of Hugging Face's transformers, so that published safetensors load.
 * B batch, T tokens, H heads, C width, V vocabulary.
 */
import {
  attention,
  Dropout,
  Embedding,
  gelu,
  LayerNorm,
  Linear,
  logProbsOf,
  Module,
  mergeHeads,
  softmaxCrossEntropy,
  splitHeads,
  variable,
} from '../nn';
import { random, tf } from '../runtime';
import { expectSame, expectShape, expectSizes } from '../runtime/expect';

export interface BertConfig {
  /** Number of different tokens. */
  vocab: number;
  /** Longest text, in tokens. */
  context: number;
  width: number;
  /** Numbers between the two layers of a block's second part; 4·width unless given. */
  hidden?: number;
  layers: number;
  heads: number;
  /** Kinds of tokens: those of a first text, of a second … */
  kinds?: number;
  dropout?: number;
}

/** The published ones, without heads: 109,482,240 and 335,141,888 parameters (uncased vocabulary, pooler included). */
export const BERT: Record<'base' | 'large', BertConfig> = {
  base: { vocab: 30522, context: 512, width: 768, layers: 12, heads: 12 },
  large: { vocab: 30522, context: 512, width: 1024, layers: 24, heads: 16 },
};

/** What is said beside the tokens. */
export interface BertInputs {
  /** 1 for tokens that are to be looked at, 0 for padding, [B, T]. */
  seen?: tf.Tensor;
  /** Which text a token is of, [B, T] int32; 0 unless given. */
  kinds?: tf.Tensor;
  training?: boolean;
}

/** The paper's epsilon, smaller than others'. */
const EPSILON = 1e-12;
const init = (shape: number[]) => random.normal(shape, 0, 0.02);
const linear = (inputs: number, outputs: number) => new Linear(inputs, outputs, { init });

class Embeddings extends Module {
  readonly word_embeddings: Embedding;
  readonly position_embeddings: Embedding;
  readonly token_type_embeddings: Embedding;
  readonly LayerNorm: LayerNorm;

  constructor({ vocab, context, width, kinds = 2 }: BertConfig) {
    super();
    this.word_embeddings = new Embedding(vocab, width, { init });
    this.position_embeddings = new Embedding(context, width, { init });
    this.token_type_embeddings = new Embedding(kinds, width, { init });
    this.LayerNorm = new LayerNorm(width, EPSILON);
  }

  /** ids, kinds: [B, T] → [B, T, C] */
  forward(ids: tf.Tensor, kinds: tf.Tensor): tf.Tensor {
    const { weight } = this.position_embeddings;
    const positions = tf.slice(weight, [0, 0], [ids.shape[1] ?? 0, weight.shape[1] ?? 0]); // [T, C]
    const words = this.word_embeddings.forward(ids).add(this.token_type_embeddings.forward(kinds)); // [B, T, C]
    return this.LayerNorm.forward(words.add(positions));
  }
}

class SelfAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;

  constructor(readonly config: BertConfig) {
    super();
    const { width } = config;
    this.query = linear(width, width);
    this.key = linear(width, width);
    this.value = linear(width, width);
  }

  /** x: [B, T, C], mask: [B, 1, 1, T] → [B, T, C] */
  forward(x: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
    const heads = (layer: Linear) => splitHeads(layer.forward(x), this.config.heads); // [B, H, T, D]
    return mergeHeads(attention(heads(this.query), heads(this.key), heads(this.value), mask));
  }
}

/** What closes both parts of a block: norm(x + dense(y)). The norms stand behind, unlike GPT's. */
class Output extends Module {
  readonly dense: Linear;
  readonly LayerNorm: LayerNorm;
  private readonly drop: Dropout;

  constructor(inputs: number, { width, dropout = 0 }: BertConfig) {
    super();
    this.dense = linear(inputs, width);
    this.LayerNorm = new LayerNorm(width, EPSILON);
    this.drop = new Dropout(dropout);
  }

  forward(y: tf.Tensor, x: tf.Tensor, training: boolean): tf.Tensor {
    return this.LayerNorm.forward(x.add(this.drop.forward(this.dense.forward(y), training))); // [B, T, C]
  }
}

class Attention extends Module {
  readonly self: SelfAttention;
  readonly output: Output;

  constructor(config: BertConfig) {
    super();
    this.self = new SelfAttention(config);
    this.output = new Output(config.width, config);
  }
}

class Intermediate extends Module {
  readonly dense: Linear;

  constructor({ width, hidden = 4 * width }: BertConfig) {
    super();
    this.dense = linear(width, hidden);
  }
}

class Layer extends Module {
  readonly attention: Attention;
  readonly intermediate: Intermediate;
  readonly output: Output;

  constructor(config: BertConfig) {
    super();
    this.attention = new Attention(config);
    this.intermediate = new Intermediate(config);
    this.output = new Output(config.hidden ?? 4 * config.width, config);
  }

  /** x: [B, T, C] → [B, T, C] */
  forward(x: tf.Tensor, mask: tf.Tensor | undefined, training: boolean): tf.Tensor {
    const attended = this.attention.output.forward(this.attention.self.forward(x, mask), x, training); // [B, T, C]
    const between = gelu(this.intermediate.dense.forward(attended)); //                                  [B, T, hidden]
    return this.output.forward(between, attended, training);
  }
}

class Encoder extends Module {
  readonly layer: Layer[];

  constructor(config: BertConfig) {
    super();
    this.layer = Array.from({ length: config.layers }, () => new Layer(config));
  }
}

class Pooler extends Module {
  readonly dense: Linear;

  constructor({ width }: BertConfig) {
    super();
    this.dense = linear(width, width);
  }
}

/**
 * The encoder, with the pooler that the published files have.
 * @example shapesOnly(() => new Bert(BERT.base)).parameterCount() // → 109482240
 */
export class Bert extends Module {
  readonly embeddings: Embeddings;
  readonly encoder: Encoder;
  readonly pooler?: Pooler;
  private readonly drop: Dropout;

  constructor(
    readonly config: BertConfig,
    { pooler = true } = {},
  ) {
    super();
    expectSizes('a BERT', config, { dropout: { from: 0, below: 1 } });
    if (config.width % config.heads !== 0)
      throw new Error(`a BERT: width ${config.width} can't be split into ${config.heads} equal heads`);
    this.embeddings = new Embeddings(config);
    this.encoder = new Encoder(config);
    if (pooler) this.pooler = new Pooler(config);
    this.drop = new Dropout(config.dropout ?? 0);
  }

  /** ids: [B, T] int32 → what each token means where it stands, [B, T, C]. */
  forward(ids: tf.Tensor, { seen, kinds, training = false }: BertInputs = {}): tf.Tensor3D {
    expectShape('token ids', ids, ['B', 'T'], 'expandDims(0) makes a batch of one');
    const [B, T] = ids.shape;
    const { context } = this.config;
    if (T > context) throw new Error(`${T} tokens do not fit the context of ${context}; cut the text`);
    if (seen) expectSame({ ids, seen });
    if (kinds) expectSame({ ids, kinds });
    const mask = seen?.toFloat().sub(1).mul(1e9).reshape([B, 1, 1, T]); // [B, 1, 1, T]: 0, and −10⁹ for padding
    const embedded = this.embeddings.forward(ids, kinds ?? tf.zeros([B, T], 'int32')); // [B, T, C]
    const x = this.drop.forward(embedded, training);
    return this.encoder.layer.reduce((h, layer) => tf.tidy(() => layer.forward(h, mask, training)), x) as tf.Tensor3D;
  }

  /** The first token's vector, which stands for the text, through one more layer: [B, T, C] → [B, C]. */
  pooled(sequence: tf.Tensor): tf.Tensor2D {
    if (!this.pooler) throw new Error('this BERT has no pooler; make it with { pooler: true }');
    const C = this.config.width;
    expectShape('the sequence', sequence, ['B', 'T', C]);
    const first = tf.slice(sequence, [0, 0, 0], [-1, 1, C]).reshape([-1, C]); // [B, C]
    return this.pooler.dense.forward(first).tanh() as tf.Tensor2D;
  }
}

class Transform extends Module {
  readonly dense: Linear;
  readonly LayerNorm: LayerNorm;

  constructor({ width }: BertConfig) {
    super();
    this.dense = linear(width, width);
    this.LayerNorm = new LayerNorm(width, EPSILON);
  }
}

class Predictions extends Module {
  readonly bias: tf.Variable;
  readonly transform: Transform;

  constructor(config: BertConfig) {
    super();
    this.bias = variable(tf.zeros([config.vocab]));
    this.transform = new Transform(config);
  }
}

class Heads extends Module {
  readonly predictions: Predictions;

  constructor(config: BertConfig) {
    super();
    this.predictions = new Predictions(config);
  }
}

/**
 * BERT that guesses hidden tokens: its embedding is the last layer, too.
 * @example new BertForMaskedLm({ vocab: 9, context: 8, width: 4, layers: 1, heads: 2 }).forward(tf.zeros([1, 5], 'int32')).shape // → [ 1, 5, 9 ]
 */
export class BertForMaskedLm extends Module {
  readonly bert: Bert;
  readonly cls: Heads;

  constructor(readonly config: BertConfig) {
    super();
    this.bert = new Bert(config, { pooler: false });
    this.cls = new Heads(config);
  }

  /** ids: [B, T] int32 → logits of what stands at each place, [B, T, V]. */
  forward(ids: tf.Tensor, inputs: BertInputs = {}): tf.Tensor3D {
    const [B, T] = ids.shape;
    const { transform, bias } = this.cls.predictions;
    const h = transform.LayerNorm.forward(gelu(transform.dense.forward(this.bert.forward(ids, inputs)))); // [B, T, C]
    const rows = h.reshape([-1, this.config.width]) as tf.Tensor2D; // [B·T, C]
    const words = this.bert.embeddings.word_embeddings.weight as tf.Tensor2D; // [V, C]
    return tf.matMul(rows, words, false, true).add(bias).reshape([B, T, this.config.vocab]) as tf.Tensor3D;
  }

  /** Mean cross-entropy over the places that `hidden` [B, T] marks with 1, in nats. right: [B, T], the tokens as they were. */
  loss(ids: tf.Tensor, right: tf.Tensor, hidden: tf.Tensor, inputs: BertInputs = {}): tf.Scalar {
    expectSame({ ids, 'right ids': right, hidden });
    const weights = hidden.toFloat(); // [B, T]
    const asked = tf.where(weights.notEqual(0), right, tf.zerosLike(right)); // [B, T], elsewhere any number may stand
    const chosen = logProbsOf(this.forward(ids, inputs), asked); // [B, T]
    return chosen.mul(weights).sum().div(weights.sum()).neg() as tf.Scalar;
  }
}

/**
 * BERT that tells classes of texts, from the pooled vector.
 * @example new BertClassifier({ vocab: 9, context: 8, width: 4, layers: 1, heads: 2 }, 3).forward(tf.zeros([2, 5], 'int32')).shape // → [ 2, 3 ]
 */
export class BertClassifier extends Module {
  readonly bert: Bert;
  readonly classifier: Linear;
  private readonly drop: Dropout;

  constructor(
    readonly config: BertConfig,
    readonly classes: number,
  ) {
    super();
    this.bert = new Bert(config);
    this.classifier = linear(config.width, classes);
    this.drop = new Dropout(config.dropout ?? 0);
  }

  /** ids: [B, T] int32 → logits [B, classes]. */
  forward(ids: tf.Tensor, inputs: BertInputs = {}): tf.Tensor2D {
    const pooled = this.bert.pooled(this.bert.forward(ids, inputs)); // [B, C]
    return this.classifier.forward(this.drop.forward(pooled, inputs.training)) as tf.Tensor2D;
  }

  /** Mean cross-entropy, in nats. labels: [B] of class numbers. */
  loss(ids: tf.Tensor, labels: tf.Tensor, inputs: BertInputs = {}): tf.Scalar {
    return softmaxCrossEntropy(this.forward(ids, inputs), labels);
  }
}
