/** Random numbers on the host: for shuffles, choices and initial values drawn in JavaScript. */
import { expectNumber } from './expect';

/**
 * Seeded generator: xoshiro128** (Blackman & Vigna 2018), its four words filled from the seed by splitmix32.
 * @example
 * const dice = new HostRandom(5);
 * dice.integer(6) < 6 // → true
 */
export class HostRandom {
  private words: Uint32Array;

  constructor(seed: number) {
    expectNumber('a seed', seed, { whole: true });
    this.words = new Uint32Array(4);
    let s = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      s = (s + 0x9e3779b9) >>> 0;
      let z = Math.imul(s ^ (s >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.words[i] = z ^ (z >>> 15);
    }
  }

  /** Four words; assigning them continues the stream exactly there. */
  get state(): number[] {
    return Array.from(this.words);
  }
  set state(words: number[]) {
    const fits = words.length === 4 && words.every(word => Number.isInteger(word) && word >= 0 && word < 2 ** 32);
    if (!fits) throw new Error(`a generator's state must have 4 words of 32 bits, got [${words}]`);
    this.words = Uint32Array.from(words);
  }

  /** The next 32 random bits, as a number from 0 to 2³² − 1. */
  bits(): number {
    const w = this.words;
    const five = Math.imul(w[1], 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = w[1] << 9;
    w[2] ^= w[0];
    w[3] ^= w[1];
    w[1] ^= w[2];
    w[0] ^= w[3];
    w[2] ^= shifted;
    w[3] = (w[3] << 11) | (w[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /** Standard normal (Box & Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Uniform over 0, 1, …, n − 1. */
  integer(n: number): number {
    if (!(Number.isSafeInteger(n) && n >= 1)) throw new Error(`integer(n) needs a whole n of at least 1, got ${n}`);
    return Math.floor(this.uniform() * n);
  }

  /** A shuffled copy (Fisher & Yates; Durstenfeld 1964). Works on arrays and typed arrays. */
  shuffle<T extends { length: number; slice(): T; [index: number]: unknown }>(items: T): T {
    const copy = items.slice() as T & Record<number, unknown>;
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = copy[i];
      (copy as Record<number, unknown>)[i] = copy[j];
      (copy as Record<number, unknown>)[j] = held;
    }
    return copy;
  }
}
