/**
 * The texts that a PNG carries beside its pixels, by keyword (PNG specification, third edition, section 11.3.3): `tEXt` for
 * Latin-1, `iTXt` for everything else, `zTXt` is read. Any program for pictures shows them.
 */
import fs from 'node:fs';
import zlib from 'node:zlib';
import { statOf } from '../../lib/formats/files';

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
/** A compressed text may become so long, in bytes: a file of a few kilobytes must not fill the memory. */
const LONGEST = 2 ** 20;

/** A file's bytes. @throws Error where it is none: a folder, or a pipe or device, which might never end */
export function bytesOf(file: string, takes: string): Buffer {
  const there = statOf(file);
  if (!there) throw new Error(`no picture at ${file || "''"}; ${takes}`);
  if (!there.isFile()) throw new Error(`${file} is a ${there.isDirectory() ? 'folder' : 'device or a pipe'}; ${takes}`);
  return fs.readFileSync(file);
}

interface Chunk {
  kind: string;
  data: Buffer;
}

/**
 * The same picture with these texts, right behind its first chunk.
 * @throws Error where a keyword is empty, longer than 79 letters or no Latin-1
 */
export function withTexts(png: Buffer, texts: Record<string, string>): Buffer {
  const [header, ...rest] = chunksOf(png, 'the picture');
  const told = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  return Buffer.concat([SIGNATURE, ...[header, ...told, ...rest].map(written)]);
}

/**
 * Texts of a PNG by keyword; the first counts where one comes twice.
 * @throws Error that names the file and what is wrong with it, the byte included
 */
export function textsOf(file: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const chunk of chunksOf(bytesOf(file, '--from takes a PNG that this command has made'), file)) {
    const read = READERS[chunk.kind];
    if (!read) continue;
    const end = chunk.data.indexOf(0);
    if (end < 1) throw new Error(`${file}: a text without a keyword in its chunk ${chunk.kind}; the file is damaged`);
    const keyword = chunk.data.toString('latin1', 0, end);
    if (!texts.has(keyword)) texts.set(keyword, read(chunk.data.subarray(end + 1), `${file}: the text '${keyword}'`));
  }
  return texts;
}

const READERS: Record<string, (data: Buffer, name: string) => string> = {
  tEXt: data => data.toString('latin1'),
  zTXt: (data, name) => inflated(data.subarray(1), name).toString('latin1'),
  iTXt: (data, name) => {
    const [packed, method] = data;
    const language = data.indexOf(0, 2); //           the language's tag, then the translated keyword, each ended by 0
    const translated = data.indexOf(0, language + 1);
    if (data.length < 4 || packed > 1 || (packed === 1 && method !== 0) || language < 0 || translated < 0)
      throw new Error(`${name} is not put together as iTXt is; the file is damaged`);
    const text = data.subarray(translated + 1);
    return (packed === 1 ? inflated(text, name) : text).toString('utf8');
  },
};

function inflated(data: Buffer, name: string, most = LONGEST): Buffer {
  try {
    return zlib.inflateSync(data, { maxOutputLength: most });
  } catch (error) {
    throw new Error(`${name} can't be unpacked (${(error as Error).message}); the file is damaged`);
  }
}

function textChunk(keyword: string, text: string): Chunk {
  if (!/^[\x21-\x7e\xa1-\xff](?:[\x20-\x7e\xa1-\xff]{0,77}[\x21-\x7e\xa1-\xff])?$/.test(keyword))
    throw new Error(`a keyword of a PNG has 1 to 79 letters of Latin-1, got ${JSON.stringify(keyword)}`);
  const name = Buffer.from(`${keyword}\0`, 'latin1');
  if (/^[\n\x20-\x7e\xa0-\xff]*$/.test(text))
    return { kind: 'tEXt', data: Buffer.concat([name, Buffer.from(text, 'latin1')]) };
  const plain = Buffer.from([0, 0, 0, 0]); // not compressed, by no method, no language, no translated keyword
  return { kind: 'iTXt', data: Buffer.concat([name, plain, Buffer.from(text, 'utf8')]) };
}

function written({ kind, data }: Chunk): Buffer {
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Pixels of a picture that is read, at most: more would not fit into memory as numbers. */
export const MOST_PIXELS = 2 ** 26;

/** Bits a pixel may have for each number, and how many numbers, by the colour type (section 11.2.2). */
const COLOURS: Record<number, { depths: number[]; numbers: number }> = {
  0: { depths: [1, 2, 4, 8, 16], numbers: 1 },
  2: { depths: [8, 16], numbers: 3 },
  3: { depths: [1, 2, 4, 8], numbers: 1 },
  4: { depths: [8, 16], numbers: 2 },
  6: { depths: [8, 16], numbers: 4 },
};
/** First column and row of each pass of an interlaced picture, and the steps between (section 8.2). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/**
 * The picture alone: its header, palette and pixels. pngjs fills what a file has too few pixels for with whatever lies in memory,
 * takes the last of two headers, and blackens the colour that a chunk calls transparent; none of it can happen with what comes out.
 * @throws Error where this is no whole PNG, says what is wrong with `name`, and at which byte
 */
export function plainPng(bytes: Buffer, name: string): Buffer {
  const chunks = chunksOf(bytes, name);
  const [header] = chunks;
  if (header.data.length !== 13)
    throw new Error(`${name} has a first chunk of ${header.data.length} bytes, expected 13`);
  const [width, height] = [header.data.readUInt32BE(0), header.data.readUInt32BE(4)];
  if (width * height > MOST_PIXELS || width * height === 0)
    throw new Error(`${name} has ${width} × ${height} pixels, between 1 and ${MOST_PIXELS} are read`);
  const [depth, colour, , , interlace] = header.data.subarray(8);
  if (!COLOURS[colour]?.depths.includes(depth) || interlace > 1)
    throw new Error(
      `${name} has colour type ${colour}, depth ${depth} and interlace method ${interlace}, which no PNG has`,
    );
  const pixels = Buffer.concat(chunks.filter(({ kind }) => kind === 'IDAT').map(({ data }) => data));
  const expected = (interlace ? PASSES : [[0, 0, 1, 1]]).reduce((sum, [x, y, dx, dy]) => {
    const [columns, rows] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)];
    return columns > 0 && rows > 0
      ? sum + rows * (1 + Math.ceil((columns * depth * COLOURS[colour].numbers) / 8))
      : sum;
  }, 0);
  const got = inflated(pixels, `${name}: its pixels`, expected + 1).length;
  if (got !== expected)
    throw new Error(`${name} has ${got} bytes of pixels, expected ${expected}; the file is damaged`);
  const palettes = colour === 3 ? chunks.filter(({ kind }) => kind === 'PLTE') : [];
  const kept = [header, ...palettes, { kind: 'IDAT', data: pixels }, { kind: 'IEND', data: Buffer.alloc(0) }];
  return Buffer.concat([SIGNATURE, ...kept.map(written)]);
}

/** All chunks, from IHDR to IEND, each with its check sum right. */
function chunksOf(bytes: Buffer, name: string): Chunk[] {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error(`${name} does not begin as a PNG does`);
  const chunks: Chunk[] = [];
  for (let at = 8; chunks.at(-1)?.kind !== 'IEND'; ) {
    const end = at + 12 + (at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0);
    if (end > bytes.length)
      throw new Error(`${name} ends inside a chunk that begins at byte ${at}; the file is cut short`);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    if (zlib.crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      throw new Error(`${name}: chunk ${kind} at byte ${at} does not have its check sum; the file is damaged`);
    if (chunks.length === 0 && kind !== 'IHDR') throw new Error(`${name} must begin with IHDR, got ${kind}`);
    chunks.push({ kind, data: bytes.subarray(at + 8, end - 4) });
    at = end;
  }
  return chunks;
}
