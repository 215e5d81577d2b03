/**
 * Residual networks for small images (He et al. 2016, section 4.2): 6n + 2 layers with weights, three stages of
 * 16, 32 and 64 channels. The shortcut has no weights: where the shape changes it skips every other pixel and adds
 * channels of zeros (the paper's option A). With `residual: false` the same layers stand in a plain row.
 * @see notebooks/07-depth.ipynb
 */
import { BatchNorm2d, Conv2d, heNormal, Linear, Module } from '../nn';
import { tf } from '../runtime';
import { expectSizes } from '../runtime/expect';

export interface ResNetConfig {
  /** Layers with weights: 6n + 2, so 8, 14, 20, 32, 44, 56, 110. */
  depth: number;
  channels?: number;
  classes?: number;
  /** Channels of the first stage; the others have twice and four times as many. */
  width?: number;
  residual?: boolean;
}

class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;

  constructor(
    from: number,
    readonly to: number,
    readonly stride: number,
    readonly residual: boolean,
  ) {
    super();
    this.conv1 = new Conv2d(from, to, 3, { stride, padding: 1, bias: false, init: heNormal });
    this.bn1 = new BatchNorm2d(to);
    this.conv2 = new Conv2d(to, to, 3, { padding: 1, bias: false, init: heNormal });
    this.bn2 = new BatchNorm2d(to);
  }

  /** [B, H, W, from] → [B, H/stride, W/stride, to] */
  forward(x: tf.Tensor, training: boolean): tf.Tensor {
    const h = tf.relu(this.bn1.forward(this.conv1.forward(x), training)); // [B, H/s, W/s, to]
    const f = this.bn2.forward(this.conv2.forward(h), training); // [B, H/s, W/s, to]
    return tf.relu(this.residual ? f.add(this.shortcut(x)) : f);
  }

  private shortcut(x: tf.Tensor): tf.Tensor {
    if (this.stride === 1) return x;
    const kept = tf.avgPool(x as tf.Tensor4D, 1, this.stride, 'valid'); // every other pixel
    const missing = this.to - (x.shape[3] as number);
    return tf.pad(kept, [
      [0, 0],
      [0, 0],
      [0, 0],
      [Math.floor(missing / 2), Math.ceil(missing / 2)],
    ]);
  }
}

/**
 * @example new ResNet({ depth: 8 }).parameterCount() > 70_000 // → true
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly linear: Linear;

  constructor(readonly config: ResNetConfig) {
    super();
    const { depth, channels = 3, classes = 10, width = 16, residual = true } = config;
    expectSizes('a ResNet', config);
    if (depth < 8 || (depth - 2) % 6 !== 0) throw new Error(`depth must be 6n + 2 (8, 14, 20, …), got ${depth}`);
    const stage = (from: number, to: number, stride: number) =>
      Array.from({ length: (depth - 2) / 6 }, (_, i) => new BasicBlock(i ? to : from, to, i ? 1 : stride, residual));
    this.conv1 = new Conv2d(channels, width, 3, { padding: 1, bias: false, init: heNormal });
    this.bn1 = new BatchNorm2d(width);
    this.layer1 = stage(width, width, 1);
    this.layer2 = stage(width, 2 * width, 2);
    this.layer3 = stage(2 * width, 4 * width, 2);
    this.linear = new Linear(4 * width, classes);
  }

  /** x: [B, H, W, channels] → logits [B, classes] */
  forward(x: tf.Tensor, training = false): tf.Tensor2D {
    let h = tf.relu(this.bn1.forward(this.conv1.forward(x), training)); // [B, H, W, w]
    for (const block of [...this.layer1, ...this.layer2, ...this.layer3]) h = block.forward(h, training); // [B, H/4, W/4, 4w]
    return this.linear.forward(h.mean([1, 2])) as tf.Tensor2D; // [B, classes]
  }
}
