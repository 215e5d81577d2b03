/**
 * CLIP (Radford et al. 2021): a net for pictures and a net for texts that answer with vectors of one space, trained so
 * that a picture and its own caption point the same way. Read it from the bottom up: `Clip`, then its two halves.
 *
 * Parameters carry the names of `CLIPModel` in Hugging Face's transformers, so that the published weights load.
 * B batch, T tokens, N patches, W width, D the common space.
 * @see notebooks/14-text-to-image.ipynb
 */
import { Conv2d, causalMask, Embedding, LayerNorm, Linear, Module, softmaxCrossEntropy, variable } from '../nn';
import { random, tf } from '../runtime';
import { expectShape, expectSizes } from '../runtime/expect';
import { type ClipActivation, ClipEncoder, type ClipTowerConfig } from './clip-encoder';

export interface ClipTextConfig extends ClipTowerConfig {
  /** Number of different tokens; the one with the highest number ends every text. */
  vocab: number;
  /** Tokens of a text, padding included. */
  context: number;
}

export interface ClipVisionConfig extends ClipTowerConfig {
  /** Height and width of the picture, and side of a patch, in pixels. */
  image: number;
  patch: number;
}

export interface ClipConfig {
  text: ClipTextConfig;
  vision: ClipVisionConfig;
  /** Numbers of the common space. */
  embedding: number;
  activation?: ClipActivation;
}

const TEXT_B: ClipTextConfig = { vocab: 49408, context: 77, width: 512, layers: 12, heads: 8 };
const TEXT_L: ClipTextConfig = { ...TEXT_B, width: 768, heads: 12 };
const VISION_B: ClipVisionConfig = { image: 224, patch: 32, width: 768, layers: 12, heads: 12 };
const VISION_L: ClipVisionConfig = { image: 224, patch: 14, width: 1024, layers: 24, heads: 16 };

/** The published ones: 151,277,313, 149,620,737, 427,616,513 and 427,944,193 parameters. */
export const CLIP: Record<'base32' | 'base16' | 'large14' | 'large14at336', ClipConfig> = {
  base32: { text: TEXT_B, vision: VISION_B, embedding: 512 },
  base16: { text: TEXT_B, vision: { ...VISION_B, patch: 16 }, embedding: 512 },
  large14: { text: TEXT_L, vision: VISION_L, embedding: 768 },
  large14at336: { text: TEXT_L, vision: { ...VISION_L, image: 336 }, embedding: 768 },
};

/** ln(1/0.07), where the logit scale starts, and ln 100, above which it never gets (section 2.5). */
export const CLIP_SCALE = { start: Math.log(1 / 0.07), most: Math.log(100) };

class TextEmbeddings extends Module {
  readonly token_embedding: Embedding;
  readonly position_embedding: Embedding;

  constructor({ vocab, context, width }: ClipTextConfig) {
    super();
    const init = (shape: number[]) => random.normal(shape, 0, 0.02);
    this.token_embedding = new Embedding(vocab, width, { init });
    this.position_embedding = new Embedding(context, width, { init });
  }
}

/** The text half: a causal Transformer, so every token knows those before it. */
class TextTransformer extends Module {
  readonly embeddings: TextEmbeddings;
  readonly encoder: ClipEncoder;
  readonly final_layer_norm: LayerNorm;

  constructor(
    readonly config: ClipTextConfig,
    activation: ClipActivation,
  ) {
    super();
    this.embeddings = new TextEmbeddings(config);
    this.encoder = new ClipEncoder(config, activation);
    this.final_layer_norm = new LayerNorm(config.width);
  }

  /** ids: [B, T] int32 → what each token has come to mean, [B, T, W]. This is what conditions a diffusion model. */
  sequence(ids: tf.Tensor): tf.Tensor3D {
    return this.final_layer_norm.forward(this.upTo(ids, this.config.layers)) as tf.Tensor3D;
  }

  /** ids: [B, T] → what the tokens mean after some of the layers, without the last norm, [B, T, W]. */
  upTo(ids: tf.Tensor, layers: number): tf.Tensor3D {
    const { context, width } = this.config;
    const T = ids.shape[1] ?? 0;
    if (ids.rank !== 2 || T > context) {
      throw new Error(`expected token ids [B, T] with T of at most ${context}, got [${ids.shape}]; cut the text`);
    }
    const { token_embedding, position_embedding } = this.embeddings;
    const positions = tf.slice(position_embedding.weight, [0, 0], [T, width]); // [T, W]
    const x = token_embedding.forward(ids).add(positions); //                     [B, T, W]
    return this.encoder.forward(x, causalMask(T), layers) as tf.Tensor3D;
  }

  /** ids: [B, T] → the sequence at the end token, which has seen the whole text, [B, W]. */
  pooled(ids: tf.Tensor): tf.Tensor2D {
    const sequence = this.sequence(ids); //                                  [B, T, W]
    const end = tf.oneHot(ids.argMax(1), ids.shape[1] ?? 0).reshape([...ids.shape, 1]); // [B, T, 1], 1 at the end
    return sequence.mul(end).sum(1) as tf.Tensor2D; //                       [B, W]
  }
}

class VisionEmbeddings extends Module {
  readonly class_embedding: tf.Variable;
  readonly patch_embedding: Conv2d;
  readonly position_embedding: Embedding;

  constructor({ image, patch, width }: ClipVisionConfig) {
    super();
    if (image % patch !== 0) throw new Error(`patches of ${patch} do not tile an image of ${image} pixels`);
    const init = (shape: number[]) => random.normal(shape, 0, 0.02);
    this.class_embedding = variable(init([width]));
    this.patch_embedding = new Conv2d(3, width, patch, { stride: patch, bias: false });
    this.position_embedding = new Embedding((image / patch) ** 2 + 1, width, { init });
  }

  /** x: [B, H, W, 3] → class token and patches, [B, 1+N, width] */
  forward(x: tf.Tensor): tf.Tensor {
    const cells = this.patch_embedding.forward(x); //                              [B, H/p, W/p, width]
    const [B, width] = [cells.shape[0], cells.shape[3] as number];
    const token = this.class_embedding.mul(tf.ones([B, 1, 1])); //                 [B, 1, width]
    const row = tf.concat([token, cells.reshape([B, -1, width])], 1); //           [B, 1+N, width]
    return row.add(this.position_embedding.weight);
  }
}

/** The picture half: a vision Transformer with one more norm in front. */
class VisionTransformer extends Module {
  readonly embeddings: VisionEmbeddings;
  readonly pre_layrnorm: LayerNorm; // spelt so in the published files
  readonly encoder: ClipEncoder;
  readonly post_layernorm: LayerNorm;

  constructor(
    readonly config: ClipVisionConfig,
    activation: ClipActivation,
  ) {
    super();
    this.embeddings = new VisionEmbeddings(config);
    this.pre_layrnorm = new LayerNorm(config.width);
    this.encoder = new ClipEncoder(config, activation);
    this.post_layernorm = new LayerNorm(config.width);
  }

  /** x: [B, image, image, 3] → what the class token has gathered, [B, W]. */
  pooled(x: tf.Tensor): tf.Tensor2D {
    const { image, width } = this.config;
    if (String(x.shape.slice(1)) !== String([image, image, 3])) {
      throw new Error(`expected images [B, ${image}, ${image}, 3], got [${x.shape}]; resize them`);
    }
    const h = this.encoder.forward(this.pre_layrnorm.forward(this.embeddings.forward(x))); // [B, 1+N, W]
    const first = tf.slice(h, [0, 0, 0], [-1, 1, width]).reshape([-1, width]); //             [B, W]
    return this.post_layernorm.forward(first) as tf.Tensor2D;
  }
}

/**
 * The text half on its own, as Stable Diffusion 1 uses it: with `CLIP.large14.text`, 123,060,480 parameters, 77 × 768.
 * @example shapesOnly(() => new ClipTextModel(CLIP.large14.text)).parameterCount() // → 123060480
 */
export class ClipTextModel extends Module {
  readonly text_model: TextTransformer;
  readonly text_projection?: Linear;

  /** projection: numbers of a whole text's vector, where the net makes one. */
  constructor(config: ClipTextConfig, activation: ClipActivation = 'quickGelu', projection?: number) {
    super();
    this.text_model = new TextTransformer(config, activation);
    if (projection) this.text_projection = new Linear(config.width, projection, { bias: false });
  }

  /** ids: [B, T] int32 → [B, T, W]. */
  forward(ids: tf.Tensor): tf.Tensor3D {
    return this.text_model.sequence(ids);
  }

  /** The same before the last layer and its norm, as SDXL and SD3 read it (Podell et al. 2023, section 2.1). */
  beforeLast(ids: tf.Tensor): tf.Tensor3D {
    return this.text_model.upTo(ids, this.text_model.config.layers - 1);
  }

  /** ids: [B, T] → the vectors of the whole texts, [B, projection]; without a projection the end token's, [B, W]. */
  whole(ids: tf.Tensor): tf.Tensor2D {
    const end = this.text_model.pooled(ids); // [B, W]
    return (this.text_projection?.forward(end) as tf.Tensor2D | undefined) ?? end;
  }
}

/**
 * @example new Clip(emojiClip(50)).embedTexts(tf.zeros([2, 16], 'int32')).shape // → [2, 64]
 */
export class Clip extends Module {
  readonly logit_scale: tf.Variable;
  readonly text_model: TextTransformer;
  readonly vision_model: VisionTransformer;
  readonly visual_projection: Linear;
  readonly text_projection: Linear;

  constructor(readonly config: ClipConfig) {
    super();
    const { text, vision, embedding, activation = 'quickGelu' } = config;
    for (const [part, sizes] of Object.entries({
      CLIP: { embedding },
      'its text half': text,
      'its picture half': vision,
    })) {
      expectSizes(part, sizes);
    }
    this.logit_scale = variable(tf.scalar(CLIP_SCALE.start));
    this.text_model = new TextTransformer(text, activation);
    this.vision_model = new VisionTransformer(vision, activation);
    this.visual_projection = new Linear(vision.width, embedding, { bias: false });
    this.text_projection = new Linear(text.width, embedding, { bias: false });
  }

  /** Pictures [B, image, image, 3] → unit vectors [B, D]. */
  embedImages(x: tf.Tensor): tf.Tensor2D {
    return unit(this.visual_projection.forward(this.vision_model.pooled(x)));
  }

  /** Token ids [B, T] int32 → unit vectors [B, D]. */
  embedTexts(ids: tf.Tensor): tf.Tensor2D {
    return unit(this.text_projection.forward(this.text_model.pooled(ids)));
  }

  /** How well each picture fits each text: cosine times the scale. images, texts: unit vectors → [B images, B texts]. */
  logits(images: tf.Tensor2D, texts: tf.Tensor2D): tf.Tensor2D {
    expectShape('vectors of pictures', images, ['B', 'D']);
    expectShape('vectors of texts', texts, ['N', images.shape[1]], 'of the same space as the pictures');
    const scale = this.logit_scale.minimum(CLIP_SCALE.most).exp(); // []
    return tf.matMul(images, texts, false, true).mul(scale);
  }

  /**
   * Each picture must find its text among the batch, each text its picture: the mean of both cross-entropies, in nats
   * (figure 3 of the paper). Untrained: about ln B. x: [B, image, image, 3], ids: [B, T]; row i belongs to row i.
   */
  loss(x: tf.Tensor, ids: tf.Tensor): tf.Scalar {
    return contrastiveLoss(this.logits(this.embedImages(x), this.embedTexts(ids)));
  }
}

/**
 * logits: [B, B] with the pairs on the diagonal → nats.
 * @example contrastiveLoss(tf.tensor2d([[9, 0], [0, 9]])) // → 0.0001
 */
export function contrastiveLoss(logits: tf.Tensor2D): tf.Scalar {
  expectShape('logits', logits, ['B', logits.shape[0]], 'as many texts as pictures, row i belongs to row i');
  const pairs = tf.range(0, logits.shape[0], 1, 'int32'); //          [B]
  const [texts, images] = [logits, logits.transpose()].map(rows => softmaxCrossEntropy(rows, pairs));
  return texts.add(images).div(2) as tf.Scalar;
}

/** Rows of length 1. [B, D] → [B, D] */
function unit(x: tf.Tensor): tf.Tensor2D {
  return x.div(x.square().sum(-1, true).sqrt()) as tf.Tensor2D;
}
