/** Unpacking, as node:zlib does it, by fflate. */
import { deflateSync, gunzipSync as gunzip, inflateSync, unzlibSync, zlibSync } from 'fflate';
import { fromRoot, fs } from './files';
import { createHash } from './hash';

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const gunzipSync = (bytes: Uint8Array): Buffer => buffer(gunzip(bytes));

/** A page cannot unpack Brotli: the site has what comes out, under the checksum of what went in (scripts/site/files.ts). */
export const brotliDecompressSync = (bytes: Uint8Array): Buffer =>
  fs.readFileSync(fromRoot('unpacked', createHash('md5').update(bytes).digest('hex')));

/** What adm-zip asks of node:zlib. */
export const zlib = {
  deflateRawSync: (bytes: Uint8Array): Buffer => buffer(deflateSync(bytes)),
  inflateRawSync: (bytes: Uint8Array): Buffer => buffer(inflateSync(bytes)),
  deflateSync: (bytes: Uint8Array): Buffer => buffer(zlibSync(bytes)),
  inflateSync: (bytes: Uint8Array): Buffer => buffer(unzlibSync(bytes)),
  gunzipSync,
};
