/**
 * Text token by token, with what was worked out before kept in a cache. The step is compiled once for pieces of a prompt and
 * once for single tokens, whatever the lengths.
 */
import { KeyValueCache } from '../nn';
import { type CompileOptions, compile, tf } from '../runtime';
import { expectCount } from '../runtime/expect';

/** A net that can go on from a cache: `Llama`, `Gpt`. */
export interface CausalModel {
  readonly config: { vocab: number; context: number };
  readonly memory: { layers: number; heads: number; width: number };
  next(ids: tf.Tensor, cache: KeyValueCache, count: tf.Tensor): tf.Tensor2D;
}

/** Tokens of a prompt that are read at once. */
const PIECE = 32;

export interface DecoderOptions {
  /** Positions to have room for at first; it doubles where more are needed. */
  capacity?: number;
  /** Texts side by side. */
  batch?: number;
  /**
   * Let XLA fuse the step of a single token. For a net of SmolLM2's size that takes seconds, again whenever the capacity
   * doubles; from then on a token takes half of the processor time: it pays after a few hundred.
   */
  xla?: CompileOptions['xla'];
}

/**
 * @example
 * const net = new Gpt({ vocab: 65, context: 64, layers: 1, heads: 2, width: 16 });
 * const decoder = new Decoder(net, { capacity: 64 });
 * decoder.length // → 0
 */
export class Decoder {
  private cache: KeyValueCache;
  private steps: ReturnType<typeof compiled>;
  private filled = 0;

  private readonly xla: CompileOptions['xla'];

  constructor(
    readonly model: CausalModel,
    { capacity = 256, batch = 1, xla = false }: DecoderOptions = {},
  ) {
    expectCount('capacity', capacity);
    this.xla = xla;
    this.cache = new KeyValueCache({ ...model.memory, batch, capacity: Math.max(capacity, PIECE) });
    this.steps = compiled(model, this.cache, xla);
  }

  /** Tokens that the cache knows. */
  get length(): number {
    return this.filled;
  }

  /** Bytes of the cache. */
  get bytes(): number {
    return this.cache.bytes;
  }

  /**
   * Goes on with these tokens.
   * @param rows for each text as many tokens, at least one
   * @returns logits for what follows the last one, [B, V]; the caller disposes them
   */
  feed(rows: readonly (readonly number[])[]): tf.Tensor2D {
    const { batch = 1 } = this.cache.sizes;
    const { vocab, context } = this.model.config;
    const length = rows[0]?.length ?? 0;
    if (rows.length !== batch || length === 0 || rows.some(row => row.length !== length)) {
      const got = `rows of ${rows.map(row => row.length).join(', ') || 'nothing'}`;
      throw new Error(`expected tokens of ${batch} texts, as many of each and at least one, got ${got}`);
    }
    const wrong = rows.flat().find(id => !(Number.isInteger(id) && id >= 0 && id < vocab));
    if (wrong !== undefined) throw new Error(`tokens must be whole numbers from 0 to ${vocab - 1}, got ${wrong}`);
    if (this.filled + length > context) {
      throw new Error(`${this.filled + length} tokens do not fit the context of ${context}; rewind, or cut the text`);
    }
    let logits: tf.Tensor2D | undefined;
    for (let from = 0; from < length; ) {
      const size = length - from === 1 ? 1 : PIECE;
      logits?.dispose();
      logits = this.read(
        rows.map(row => row.slice(from, from + size)),
        size,
      );
      from += size;
    }
    return logits!;
  }

  /** A piece of at most `size` tokens a text, padded to that. */
  private read(rows: readonly (readonly number[])[], size: number): tf.Tensor2D {
    if (this.filled + size > this.cache.sizes.capacity) this.grow(this.filled + size);
    const count = rows[0].length;
    const padded = rows.map(row => [...row, ...Array<number>(size - count).fill(0)]);
    const args = { ids: tf.tensor2d(padded, [rows.length, size], 'int32'), count: tf.scalar(count) };
    const logits = size === 1 ? this.steps.token(args) : this.steps.piece(args); // [B, V]
    tf.dispose(args);
    this.filled += count;
    return logits;
  }

  private grow(least: number): void {
    let { capacity } = this.cache.sizes;
    while (capacity < least) capacity *= 2;
    this.forgetSteps();
    this.cache = this.cache.grown(capacity);
    this.steps = compiled(this.model, this.cache, this.xla);
  }

  /** Forgets what comes after the first n tokens. */
  rewind(n = 0): void {
    if (!(Number.isInteger(n) && n >= 0 && n <= this.filled)) {
      throw new Error(`rewind to ${n}: expected a whole number between 0 and the ${this.filled} tokens that are known`);
    }
    this.cache.rewind(n);
    this.filled = n;
  }

  dispose(): void {
    this.forgetSteps();
    this.cache.dispose();
  }

  private forgetSteps(): void {
    this.steps.piece.dispose();
    this.steps.token.dispose();
  }
}

/** The same step twice: pieces of a prompt are few, and large products already; only single tokens gain by XLA. */
function compiled(model: CausalModel, cache: KeyValueCache, xla: CompileOptions['xla']) {
  const next = ({ ids, count }: { ids: tf.Tensor; count: tf.Tensor }) => model.next(ids, cache, count);
  return { piece: compile(next), token: compile(next, { xla }) };
}
