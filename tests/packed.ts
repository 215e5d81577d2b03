/**
 * Reference values packed with Brotli, a third of their size as text. A reference script writes NAME.json; then
 * `node --import tsx tests/packed.ts tests/models/NAME.json` packs it as NAME.json.br beside it and takes the text away; so it does
 * with a log of JSON lines, and with weights of the course (NAME.safetensors, an eighth smaller), once they are trained.
 */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

/** The values of NAME.json, kept as NAME.json.br. */
// biome-ignore lint/suspicious/noExplicitAny: the form of each file is that of its script
export const readPacked = <T = any>(...place: string[]): T =>
  JSON.parse(zlib.brotliDecompressSync(fs.readFileSync(`${path.join(...place)}.br`)).toString('utf8')) as T;

/** Packs a file of JSON or weights and takes the unpacked one away. */
export function pack(file: string): void {
  const text = fs.readFileSync(file);
  const lines = text.toString('utf8').trim().split('\n');
  if (!file.endsWith('.safetensors'))
    for (const part of file.endsWith('.log') ? lines : [lines.join('\n')]) JSON.parse(part);
  fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(text));
  fs.rmSync(file);
}

if (require.main === module) process.argv.slice(2).forEach(pack);
