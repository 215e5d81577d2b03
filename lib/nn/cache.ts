/**
 * What a causal Transformer has already worked out of the tokens before: their keys and values, so that the next token costs
 * one position instead of all. Made for compiled steps: the memory has a fixed size, and a tensor says how much is filled.
 */
import { tf } from '../runtime';
import { isRecording } from '../runtime/compile/recorder';
import { expectCount, expectNumber, expectShape, expectSizes } from '../runtime/expect';
import { maskAfter } from './attention';
import { variable } from './init';

export interface CacheSizes {
  layers: number;
  /** Heads of the keys and values: fewer than those of the queries where these share them. */
  heads: number;
  /** Numbers of a head. */
  width: number;
  /** Positions that there is room for. */
  capacity: number;
  /** Texts side by side, all of them equally long. */
  batch?: number;
}

/**
 * @example new KeyValueCache({ layers: 1, heads: 2, width: 8, capacity: 16 }).bytes // → 2048
 */
export class KeyValueCache {
  private readonly keys: tf.Variable[];
  private readonly values: tf.Variable[];
  /** How many positions are filled: [], a whole float. */
  private readonly filled: tf.Variable;

  constructor(readonly sizes: CacheSizes) {
    expectSizes('a cache', sizes);
    const { layers, heads, width, capacity, batch = 1 } = sizes;
    const room = () => variable(tf.zeros([batch * heads * capacity, width]), false); // [B·G·S, D]
    this.keys = Array.from({ length: layers }, room);
    this.values = Array.from({ length: layers }, room);
    this.filled = variable(tf.scalar(0), false);
  }

  /** Bytes of the memory: 2·L·G·D numbers a position and text. */
  get bytes(): number {
    return 8 * this.keys.reduce((sum, each) => sum + each.size, 0);
  }

  /** The positions of the next n tokens: [n] whole floats. */
  positions(n: number): tf.Tensor1D {
    return tf.range(0, expectCount('new tokens', n, this.sizes.capacity)).add(this.filled) as tf.Tensor1D;
  }

  /** What they may see: [n, S] of 0 and −10⁹. */
  mask(n: number): tf.Tensor2D {
    return maskAfter(this.positions(n), this.sizes.capacity);
  }

  /** The rows of the memory that they belong to: [B·G·n, 1] int32, for `write` of every layer. */
  rows(n: number): tf.Tensor2D {
    const { heads, capacity, batch = 1 } = this.sizes;
    const starts = tf
      .range(0, batch * heads)
      .mul(capacity)
      .reshape([-1, 1]); // [B·G, 1]
    return starts
      .add(this.positions(n).reshape([1, n]))
      .toInt()
      .reshape([-1, 1]) as tf.Tensor2D;
  }

  /** Puts keys and values [B, G, n, D] of a layer into `rows`, and returns all there are, [B, G, S, D]. */
  write(layer: number, rows: tf.Tensor2D, k: tf.Tensor, v: tf.Tensor): { k: tf.Tensor4D; v: tf.Tensor4D } {
    const { heads, width, capacity, batch = 1 } = this.sizes;
    expectShape('keys', k, [batch, heads, 'n', width], 'of the sizes that the cache was made for');
    expectNumber(
      'layer',
      layer,
      { from: 0, to: this.keys.length - 1, whole: true },
      'the cache was made for fewer layers',
    );
    const put = (memory: tf.Variable, fresh: tf.Tensor) => {
      memory.assign(tf.tensorScatterUpdate(memory, rows, fresh.reshape([-1, width]))); // [B·G·S, D]
      return memory.reshape([batch, heads, capacity, width]) as tf.Tensor4D; //           [B, G, S, D]
    };
    return { k: put(this.keys[layer], k), v: put(this.values[layer], v) };
  }

  /** Counts n more positions as filled; a scalar tensor inside a compiled step. */
  advance(n: number | tf.Tensor): void {
    if (!isRecording()) {
      const count = typeof n === 'number' ? n : n.dataSync()[0];
      expectNumber(
        'new tokens',
        count,
        { from: 0, to: this.sizes.capacity - this.known(), whole: true },
        'make it larger with grown(…)',
      );
    }
    this.filled.assign(this.filled.add(n));
  }

  /** The values; where more than `most` positions are filled, which a compiled step cannot refuse, NaN. */
  within<T extends tf.Tensor>(values: T, most: number): T {
    const limit = Math.min(most, this.sizes.capacity);
    if (isRecording()) return values.add(tf.where(this.filled.lessEqual(limit), tf.scalar(0), tf.scalar(Number.NaN)));
    if (this.known() <= limit) return values;
    throw new Error(`${this.known()} tokens do not fit the context of ${limit}; rewind, or cut the text`);
  }

  /** How many positions are filled, where it can be looked at. */
  private known(): number {
    return this.filled.dataSync()[0];
  }

  /** Forgets what comes after the first n positions. */
  rewind(n = 0): void {
    const most = isRecording() ? this.sizes.capacity : this.known();
    expectNumber('positions to keep', n, { from: 0, to: most, whole: true }, 'no more than are filled');
    tf.tidy(() => this.filled.assign(tf.scalar(n)));
  }

  /** A cache with more room that knows the same; this one is gone then. */
  grown(capacity: number): KeyValueCache {
    const { layers, heads, width, batch = 1, capacity: before } = this.sizes;
    expectCount('the larger capacity', capacity - before);
    const larger = new KeyValueCache({ layers, heads, width, batch, capacity });
    const pads: [number, number][] = [
      [0, 0],
      [0, capacity - before],
      [0, 0],
    ];
    tf.tidy(() => {
      const move = (from: tf.Variable, to: tf.Variable) =>
        to.assign(tf.pad(from.reshape([batch * heads, before, width]), pads).reshape(to.shape));
      for (let i = 0; i < layers; i++) {
        move(this.keys[i], larger.keys[i]);
        move(this.values[i], larger.values[i]);
      }
      larger.filled.assign(this.filled);
    });
    this.dispose();
    return larger;
  }

  dispose(): void {
    tf.dispose([...this.keys, ...this.values, this.filled]);
  }
}
