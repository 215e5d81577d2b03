/** PNG (W3C, third edition) as far as pngjs serves the lib: 8 bits and less a value, not interlaced. */
import { unzlibSync, zlibSync } from 'fflate';
import type { PNG as NodePng } from 'pngjs';
import { crc32 } from './crc';

interface Size {
  width?: number;
  height?: number;
}

/** A picture, RGBA with 8 bits each. */
class Png {
  readonly width: number;
  readonly height: number;
  data: Buffer;

  constructor({ width = 0, height = 0 }: Size = {}) {
    this.width = width;
    this.height = height;
    this.data = Buffer.alloc(4 * width * height);
  }

  static readonly sync = { read, write };
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

interface Packing {
  deflateLevel?: number;
  /** PNG's codes: 0 grey, 2 colour, +4 with alpha. */
  colorType?: number;
  /** The same for `data`, where it isn't RGBA. */
  inputColorType?: number;
  /** PNG's codes, 0 none to 4 Paeth, for all rows; −1, which row by row takes the best in Node, is 0 here. */
  filterType?: number;
}

function write({ width, height, data }: Png, packing: Packing = {}): Buffer {
  const { deflateLevel = 9, colorType = 6, inputColorType = 6, filterType = -1 } = packing;
  const [inside, filter] = [CHANNELS[inputColorType], Math.max(0, filterType)];
  const last = inside - 1; // grey stands for red, green and blue; what has no opacity is opaque
  const sources = !(colorType & 2) ? [0] : inputColorType & 2 ? [0, 1, 2] : [0, 0, 0];
  if (colorType & 4) sources.push(inputColorType & 4 ? last : -1);
  const channels = sources.length;
  const stride = channels * width;
  const rows = new Uint8Array(height * stride);
  for (let i = 0, at = 0; i < width * height; i++)
    for (const c of sources) rows[at++] = c < 0 ? 255 : data[inside * i + c];
  const raw = new Uint8Array(height * (1 + stride)); // each row behind the number of its filter
  for (let y = 0, at = 0; y < height; y++) {
    raw[at++] = filter;
    for (let i = 0; i < stride; i++) {
      const from = y * stride + i;
      const left = i >= channels ? rows[from - channels] : 0;
      const above = y > 0 ? rows[from - stride] : 0;
      const corner = y > 0 && i >= channels ? rows[from - stride - channels] : 0;
      raw[at++] = rows[from] - foretold(filter, left, above, corner);
    }
  }
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, colorType, 0, 0, 0], 8);
  const packed = zlibSync(raw, { level: deflateLevel as 9 });
  const parts = [chunk('IHDR', head), chunk('IDAT', packed), chunk('IEND', new Uint8Array(0))];
  return Buffer.concat([Uint8Array.from(SIGNATURE), ...parts]);
}

function read(file: Uint8Array): Png {
  const chunks = chunksOf(file);
  const one = (type: string): Uint8Array | undefined => chunks.find(each => each.type === type)?.data;
  const head = one('IHDR')!;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [width, height, depth, type] = [view.getUint32(0), view.getUint32(4), head[8], head[9]];
  if (depth > 8 || head[12] !== 0) throw new Error(`expected a PNG of up to 8 bits, not interlaced, got ${depth} bits`);
  const parts = chunks.filter(each => each.type === 'IDAT').map(each => each.data);
  const channels = CHANNELS[type];
  const rows = unfiltered(unzlibSync(Uint8Array.from(Buffer.concat(parts))), height, channels * depth, width);
  const png = new Png({ width, height });
  const [palette, clear] = [one('PLTE'), one('tRNS')];
  const stride = Math.ceil((channels * depth * width) / 8);
  const most = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    const sample = (n: number): number => {
      if (depth === 8) return rows[y * stride + n];
      return (rows[y * stride + ((n * depth) >> 3)] >> (8 - depth - ((n * depth) & 7))) & most;
    };
    for (let x = 0; x < width; x++) {
      const to = 4 * (y * width + x);
      if (type === 3) {
        const colour = sample(x);
        png.data.set(palette!.subarray(3 * colour, 3 * colour + 3), to);
        png.data[to + 3] = clear?.[colour] ?? 255;
        continue;
      }
      const grey = channels < 3;
      for (let c = 0; c < 3; c++) png.data[to + c] = (sample(x * channels + (grey ? 0 : c)) * 255) / most;
      png.data[to + 3] = channels % 2 === 0 ? sample(x * channels + channels - 1) : 255;
    }
  }
  return png;
}

function chunksOf(file: Uint8Array): { type: string; data: Uint8Array }[] {
  if (SIGNATURE.some((byte, i) => file[i] !== byte)) throw new Error('Invalid file signature');
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const found: { type: string; data: Uint8Array }[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    found.push({ type, data: file.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return found;
}

/** Undoes the filters of the rows: what each byte adds to what its neighbours foretell. */
function unfiltered(raw: Uint8Array, height: number, bits: number, width: number): Uint8Array {
  const stride = Math.ceil((bits * width) / 8);
  const step = Math.max(1, bits >> 3);
  const out = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const to = y * stride + i;
      const left = i >= step ? out[to - step] : 0;
      const above = y > 0 ? out[to - stride] : 0;
      const corner = y > 0 && i >= step ? out[to - stride - step] : 0;
      out[to] = raw[y * (stride + 1) + 1 + i] + foretold(filter, left, above, corner);
    }
  }
  return out;
}

function foretold(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const guess = left + above - corner; // Paeth
  const [toLeft, toAbove, toCorner] = [left, above, corner].map(each => Math.abs(guess - each));
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

export const PNG = Png as unknown as typeof NodePng;
export type PNG = NodePng;

/** The picture as PNG; a page keeps it for a moment only, so that one way of packing does. */
export const pngBytes = (png: PNG, colorType: 0 | 2 | 4 | 6): Buffer => write(png as unknown as Png, { colorType });
