/**
 * The element types of GGUF files. A quantised one keeps a block of numbers as small whole ones and a scale in half
 * precision, some with a smallest value, too; here a block becomes floats again, by ggml's formulas (ggml-quants.c).
 */
import { halfToNumber } from './dtypes';

export interface Quantisation {
  name: string;
  /** Numbers of a block, and the bytes that they take. */
  block: number;
  bytes: number;
  /** The block that begins at byte `from` → numbers from `at` on. */
  unpack(view: DataView, from: number, out: Float32Array, at: number): void;
}

/** By ggml's number of the type. */
export const QUANTISATIONS: Record<number, Quantisation> = {
  0: plain('F32', 4, (view, from) => view.getFloat32(from, true)),
  1: plain('F16', 2, half),
  2: { name: 'Q4_0', block: 32, bytes: 18, unpack: unpackQ40 },
  3: { name: 'Q4_1', block: 32, bytes: 20, unpack: unpackQ41 },
  8: { name: 'Q8_0', block: 32, bytes: 34, unpack: unpackQ80 },
  14: { name: 'Q6_K', block: 256, bytes: 210, unpack: unpackQ6K },
  30: plain('BF16', 2, brain),
};

function plain(name: string, bytes: number, read: (view: DataView, from: number) => number): Quantisation {
  return {
    name,
    block: 1,
    bytes,
    unpack(view, from, out, at) {
      out[at] = read(view, from);
    },
  };
}

function half(view: DataView, from: number): number {
  return halfToNumber(view.getUint16(from, true));
}

const word = new DataView(new ArrayBuffer(4));

/** A float32 of which only the upper half was kept. */
function brain(view: DataView, from: number): number {
  word.setUint16(0, view.getUint16(from, true));
  return word.getFloat32(0);
}

/** d·(nibble − 8); the lower nibbles are the first sixteen numbers. */
function unpackQ40(view: DataView, from: number, out: Float32Array, at: number): void {
  const d = half(view, from);
  for (let i = 0; i < 16; i++) {
    const both = view.getUint8(from + 2 + i);
    out[at + i] = d * ((both & 15) - 8);
    out[at + i + 16] = d * ((both >> 4) - 8);
  }
}

/** d·nibble + m. */
function unpackQ41(view: DataView, from: number, out: Float32Array, at: number): void {
  const [d, m] = [half(view, from), half(view, from + 2)];
  for (let i = 0; i < 16; i++) {
    const both = view.getUint8(from + 4 + i);
    out[at + i] = d * (both & 15) + m;
    out[at + i + 16] = d * (both >> 4) + m;
  }
}

/** d·q with q from −128 to 127. */
function unpackQ80(view: DataView, from: number, out: Float32Array, at: number): void {
  const d = half(view, from);
  for (let i = 0; i < 32; i++) out[at + i] = d * view.getInt8(from + 2 + i);
}

/**
 * d·s·(q − 32): 128 bytes of lower nibbles, 64 of upper pairs of bits, a scale s for each 16 numbers, and d. Each half of the
 * block has four rows of 32 numbers; rows share the bytes of their bits.
 */
function unpackQ6K(view: DataView, from: number, out: Float32Array, at: number): void {
  const d = half(view, from + 208);
  for (let i = 0; i < 256; i++) {
    const [part, row, column] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = view.getUint8(from + 64 * part + 32 * (row & 1) + column) >> (row < 2 ? 0 : 4);
    const high = view.getUint8(from + 128 + 32 * part + column) >> (2 * row);
    const scale = view.getInt8(from + 192 + 8 * part + 2 * row + (column >> 4));
    out[at + i] = d * scale * (((low & 15) | ((high & 3) << 4)) - 32);
  }
}
