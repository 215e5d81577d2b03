export { brotliDecompressSync, gunzipSync } from 'node:zlib';
