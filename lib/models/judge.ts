/**
 * Who says what a painted picture shows: two small convolutional classifiers, one of things and one of colours. They learn
 * from pictures only, in drawing styles that the painter never sees, and share nothing with CLIP or the painter.
 * scripts/train/thing-judge.ts trained them.
 * @see notebooks/14-text-to-image.ipynb
 */
import { COLOURS, type Colour, thingNames } from '../data';
import { Conv2d, Linear, Module } from '../nn';
import { compile, tf } from '../runtime';
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

export const THING_CLASSIFIER = { widths: [16, 32, 64, 128] };
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
    readonly things: PictureClassifier,
    readonly colours: PictureClassifier,
  ) {}

  /** Reads the weights. */
  static load(): ThingJudge {
    const judge = new ThingJudge(
      new PictureClassifier(thingNames().length, THING_CLASSIFIER.widths),
      new PictureClassifier(COLOURS.length, COLOUR_CLASSIFIER.widths),
    );
    loadPretrained('thing-judge', judge.things);
    loadPretrained('colour-judge', judge.colours);
    return judge;
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
 * The likeliest class of each picture, seen as it is and mirrored; 128 pictures at a time. pictures: [N, 32, 32, 3] in −1..1.
 * @example mostLikely(new PictureClassifier(3, [4, 4, 4, 4]), tf.zeros([2, 32, 32, 3])).length // → 2
 */
export function mostLikely(net: PictureClassifier, pictures: tf.Tensor): number[] {
  const classOf = compile((x: tf.Tensor) => {
    const views = [x, tf.reverse(x, 2)].map(view => tf.softmax(net.forward(view))); // 2 × [B, classes]
    return tf.addN(views).argMax(1); //                                                 [B]
  });
  const found: number[] = [];
  for (let from = 0; from < pictures.shape[0]; from += PORTION) {
    const size = Math.min(PORTION, pictures.shape[0] - from);
    const part = tf.slice(pictures, [from], [size]);
    const classes = classOf(part);
    found.push(...classes.dataSync());
    tf.dispose([part, classes]);
  }
  classOf.dispose();
  return found;
}
