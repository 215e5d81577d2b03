/** What the scripts share that draw little pictures out of icon sets: a set's file, its drawings as SVG, 32 × 32 pixels of them. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const CELL = 32;
/** Drawn so many times larger and averaged: thin lines stay. */
const FINER = 4;

interface Icon {
  body: string;
  width?: number;
  height?: number;
}
export interface Icons {
  icons: Record<string, Icon>;
  aliases?: Record<string, { parent: string }>;
  width?: number;
  height?: number;
}
/** The part of sharp that is used here. */
interface Drawing {
  ensureAlpha(): { raw(): { toBuffer(): Promise<Buffer> } };
  png(options: { palette: true; colours: number; dither: number; effort: number }): { toBuffer(): Promise<Buffer> };
}
type Sharp = (data: Buffer, options?: { raw: { width: number; height: number; channels: 3 } }) => Drawing;

/** `folder`: where sharp and the sets are installed. */
export const sharpOf = (folder: string): Sharp => createRequire(path.join(path.resolve(folder), 'x.js'))('sharp');

export const readSet = <T = Icons>(folder: string, set: string, file = 'icons.json'): T =>
  JSON.parse(fs.readFileSync(path.join(folder, 'node_modules/@iconify-json', set, file), 'utf8'));

export function svgOf(icon: Icon, set: Icons): string {
  const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${CELL * FINER}" height="${CELL * FINER}">${icon.body}</svg>`;
}

/** SVG → 32 × 32 RGB on white. */
export async function drawnSmall(sharp: Sharp, svg: string): Promise<Uint8Array> {
  return shrink(await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer());
}

/** Averages blocks of `FINER`² pixels over a white ground. RGBA (not premultiplied) → 32 × 32 RGB. */
function shrink(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(CELL * CELL * 3);
  for (let y = 0; y < CELL; y++) {
    for (let x = 0; x < CELL; x++) {
      const sum = [0, 0, 0];
      for (let i = 0; i < FINER * FINER; i++) {
        const at = 4 * ((y * FINER + Math.floor(i / FINER)) * CELL * FINER + x * FINER + (i % FINER));
        const alpha = pixels[at + 3] / 255;
        for (let c = 0; c < 3; c++) sum[c] += pixels[at + c] * alpha + 255 * (1 - alpha);
      }
      for (let c = 0; c < 3; c++) out[3 * (y * CELL + x) + c] = Math.round(sum[c] / FINER ** 2);
    }
  }
  return out;
}
