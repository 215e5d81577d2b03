import fs from 'node:fs';
import zlib from 'node:zlib';

/** Writes a text packed with brotli; returns the number of bytes. `committedText` of lib/data/sheets.ts reads it. */
export function writePacked(file: string, text: string): number {
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
    [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
    [zlib.constants.BROTLI_PARAM_MODE]: zlib.constants.BROTLI_MODE_TEXT,
  };
  const packed = zlib.brotliCompressSync(Buffer.from(text), { params });
  fs.writeFileSync(file, packed);
  return packed.length;
}
