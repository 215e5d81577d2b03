/**
 * Who says what a painted picture shows: small convolutional classifiers, a committee for things and one for colours. They
 * learn from pictures only, in drawing styles that the painter never sees, and share nothing with CLIP or the painter.
 * scripts/train/thing-judge.ts trained them.
 * @see notebooks/14-text-to-image.ipynb
 */
import { COLOURS, type Colour, thingNames } from '../data';
import { BatchNorm2d, Conv2d, heNormal, Linear, Module } from '../nn';
import { tf } from '../runtime';
import { expectFitting, expectShape } from '../runtime/expect';
import { loadPretrained } from './pretrained';

const PORTION = 128;

/**
 * Four convolutions, each followed by 2 × 2 max pooling, then one layer.
 * @example new PictureClassifier(3, [4, 4, 4, 4]).forward(tf.zeros([2, 32, 32, 3])).shape // → [2, 3]
 */
export class PictureClassifier extends Module {
  readonly convolutions: Conv2d[];
  readonly out: Linear;

  /** widths: channels of the four convolutions. */
  constructor(
    readonly classes: number,
    readonly widths: readonly number[],
  ) {
    super();
    this.convolutions = widths.map((width, i) => new Conv2d(i ? widths[i - 1] : 3, width, 3, { padding: 1 }));
    this.out = new Linear(4 * widths[widths.length - 1], classes);
  }

  /** Features of the last pooling. Pictures [B, 32, 32, 3] in −1..1 → [B, 4 · width]. */
  features(x: tf.Tensor): tf.Tensor2D {
    expectShape('pictures', x, ['B', 32, 32, 3], 'values in −1..1');
    let h = x;
    for (const convolution of this.convolutions) {
      h = tf.relu(tf.maxPool(convolution.forward(h) as tf.Tensor4D, 2, 2, 'valid')); // [B, H/2, W/2, width]
    }
    return h.reshape([x.shape[0], -1]) as tf.Tensor2D; // [B, 2 · 2 · width]
  }

  /** Pictures [B, 32, 32, 3] in −1..1 → logits [B, classes]. `keep` drops features at random, in training. */
  forward(x: tf.Tensor, keep?: tf.Tensor): tf.Tensor2D {
    const features = this.features(x); // [B, 4 · width]
    if (keep) expectFitting('keep', keep, features.shape);
    return this.out.forward(keep ? features.mul(keep) : features) as tf.Tensor2D; // [B, classes]
  }
}

/** Two convolutions with batch norm beside a shortcut of one (He et al. 2016). */
class Block extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly shortcut: Conv2d;

  constructor(from: number, to: number) {
    super();
    this.conv1 = new Conv2d(from, to, 3, { padding: 1, bias: false, init: heNormal });
    this.bn1 = new BatchNorm2d(to);
    this.conv2 = new Conv2d(to, to, 3, { padding: 1, bias: false, init: heNormal });
    this.bn2 = new BatchNorm2d(to);
    this.shortcut = new Conv2d(from, to, 1, { bias: false });
  }

  /** [B, H, W, from] → [B, H, W, to] */
  forward(x: tf.Tensor, training: boolean): tf.Tensor {
    const h = tf.relu(this.bn1.forward(this.conv1.forward(x), training)); // [B, H, W, to]
    const f = this.bn2.forward(this.conv2.forward(h), training); //          [B, H, W, to]
    return tf.relu(f.add(this.shortcut.forward(x)));
  }
}

/**
 * A convolution, then residual blocks, each after 2 × 2 max pooling; the mean over all places goes through one layer.
 * @example new ResidualClassifier(3, [4, 4, 8, 8]).forward(tf.zeros([2, 32, 32, 3])).shape // → [2, 3]
 */
export class ResidualClassifier extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;
  readonly blocks: Block[];
  readonly out: Linear;

  /** widths: channels of the convolution and of each block. */
  constructor(
    readonly classes: number,
    readonly widths: readonly number[],
  ) {
    super();
    this.conv = new Conv2d(3, widths[0], 3, { padding: 1, bias: false, init: heNormal });
    this.bn = new BatchNorm2d(widths[0]);
    this.blocks = widths.slice(1).map((width, i) => new Block(widths[i], width));
    this.out = new Linear(widths[widths.length - 1], classes);
  }

  /** Pictures [B, 32, 32, 3] in −1..1 → logits [B, classes]. In training batch norm counts; `keep` drops features. */
  forward(x: tf.Tensor, training = false, keep?: tf.Tensor): tf.Tensor2D {
    expectShape('pictures', x, ['B', 32, 32, 3], 'values in −1..1');
    let h = tf.relu(this.bn.forward(this.conv.forward(x), training)); // [B, 32, 32, widths[0]]
    for (const block of this.blocks) {
      h = block.forward(tf.maxPool(h as tf.Tensor4D, 2, 2, 'valid'), training); // [B, H/2, W/2, width]
    }
    const features = h.mean([1, 2]); // [B, width]
    if (keep) expectFitting('keep', keep, features.shape);
    return this.out.forward(keep ? features.mul(keep) : features) as tf.Tensor2D; // [B, classes]
  }
}

/**
 * Several nets that learnt the same from other random numbers; what they say is averaged.
 * @example new Committee([1, 2].map(() => new ResidualClassifier(3, [4, 4]))).probabilities(tf.zeros([2, 32, 32, 3])).shape // → [2, 3]
 */
export class Committee extends Module {
  constructor(readonly members: ResidualClassifier[]) {
    super();
  }

  /** Pictures [B, 32, 32, 3] in −1..1 → mean of the members' probabilities [B, classes]. */
  probabilities(x: tf.Tensor): tf.Tensor2D {
    const said = this.members.map(member => tf.tidy(() => tf.softmax(member.forward(x)))); // members × [B, classes]; their maps are let go
    return tf.addN(said).div(said.length); //                                                 [B, classes]
  }
}

export const THING_CLASSIFIER = { members: 2, widths: [32, 40, 64, 96] };
export const COLOUR_CLASSIFIER = { widths: [12, 16, 24, 32] };

export interface Judgement {
  /** Number of the thing in `thingNames()`. */
  thing: number;
  colour: Colour;
}

/**
 * @example
 * // needs the judge's weights, which come with the course's text-to-image lesson
 * const judge = ThingJudge.load();
 */
export class ThingJudge {
  private constructor(
    readonly things: Committee,
    readonly colours: PictureClassifier,
    /** What is written about the judge of things in its file: its shares of real pictures among them. */
    readonly facts: Record<string, string>,
  ) {}

  /** Reads the weights. */
  static load(): ThingJudge {
    const [things, colours] = [thingCommittee(), new PictureClassifier(COLOURS.length, COLOUR_CLASSIFIER.widths)];
    loadPretrained('colour-judge', colours);
    return new ThingJudge(things, colours, loadPretrained('thing-judge', things));
  }

  /** What each picture shows, [N, 32, 32, 3] in −1..1. The colour says nothing where a picture has none. */
  judge(pictures: tf.Tensor): Judgement[] {
    const [things, colours] = [this.things, this.colours].map(net => mostLikely(net, pictures));
    return things.map((thing, i) => ({ thing, colour: COLOURS[colours[i]] }));
  }

  dispose(): void {
    this.things.dispose();
    this.colours.dispose();
  }
}

/**
 * The committee for things, not trained.
 * @example thingCommittee().members.length // → 2
 */
export const thingCommittee = (): Committee =>
  new Committee(
    Array.from(
      { length: THING_CLASSIFIER.members },
      () => new ResidualClassifier(thingNames().length, THING_CLASSIFIER.widths),
    ),
  );

/** Sides of the views in which a thing is looked at, as shares of the picture's. */
const VIEWS = [1, 0.875, 0.75];

/**
 * The likeliest class of each picture, seen as it is and mirrored by a net; by a committee also a little smaller, on white.
 * 128 pictures at a time. pictures: [N, 32, 32, 3] in −1..1.
 * @example mostLikely(new PictureClassifier(3, [4, 4, 4, 4]), tf.zeros([2, 32, 32, 3])).length // → 2
 */
export function mostLikely(net: PictureClassifier | Committee, pictures: tf.Tensor): number[] {
  const probabilities = (x: tf.Tensor) =>
    net instanceof Committee ? net.probabilities(x) : tf.softmax(net.forward(x)); // [B, classes]
  const classOf = (x: tf.Tensor) => {
    const sizes = (net instanceof Committee ? VIEWS : [1]).map(share => smaller(x, share)); //  views × [B, 32, 32, 3]
    const said = sizes.flatMap(view => [view, tf.reverse(view, 2)].map(probabilities)); // 2 · views × [B, classes]
    return tf.addN(said).argMax(1); //                                                          [B]
  };
  const found: number[] = [];
  for (let from = 0; from < pictures.shape[0]; from += PORTION) {
    const size = Math.min(PORTION, pictures.shape[0] - from);
    const classes = tf.tidy(() => classOf(tf.slice(pictures, [from], [size]))); //              [B]
    found.push(...classes.dataSync());
    classes.dispose();
  }
  return found;
}

/** The same pictures with sides of `share`, in the middle of white. [B, 32, 32, 3] → [B, 32, 32, 3]. */
function smaller(x: tf.Tensor, share: number): tf.Tensor {
  const [, side] = x.shape as number[];
  const inner = Math.round(share * side);
  const before = (side - inner) >> 1;
  if (inner === side) return x;
  const small = tf.image.resizeBilinear(x as tf.Tensor4D, [inner, inner]); // [B, inner, inner, 3]
  const edge: [number, number] = [before, side - inner - before];
  return tf.pad(small, [[0, 0], edge, edge, [0, 0]], 1);
}
