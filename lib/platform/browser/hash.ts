/**
 * MD5 (RFC 1321) and SHA-256 (FIPS 180-4), at once: the browser's own crypto answers later, and only on https and localhost.
 */
type Algorithm = (message: Uint8Array) => Uint8Array;

/** The message with a 1 bit, zeros and its length in bits, in blocks of 64 bytes. */
function padded(message: Uint8Array, littleEndian: boolean): DataView {
  const blocks = (message.length + 8) >> 6;
  const bytes = new Uint8Array((blocks + 1) * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  const [high, low] = [Math.floor(message.length / 2 ** 29), (message.length << 3) >>> 0];
  view.setUint32(bytes.length - 8, littleEndian ? low : high, littleEndian);
  view.setUint32(bytes.length - 4, littleEndian ? high : low, littleEndian);
  return view;
}

/** The first n primes. */
function primes(n: number): number[] {
  const found: number[] = [];
  for (let each = 2; found.length < n; each++) if (found.every(prime => each % prime)) found.push(each);
  return found;
}
const fraction = (x: number): number => Math.floor((x % 1) * 2 ** 32);

const ROUNDS = Uint32Array.from(primes(64), prime => fraction(Math.cbrt(prime)));
const START = Uint32Array.from(primes(8), prime => fraction(Math.sqrt(prime)));
const right = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

const sha256: Algorithm = message => {
  const view = padded(message, false);
  const state = Uint32Array.from(START);
  const w = new Uint32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15], w[i - 2]];
      const s0 = right(x, 7) ^ right(x, 18) ^ (x >>> 3);
      const s1 = right(y, 17) ^ right(y, 19) ^ (y >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const choice = (e & f) ^ (~e & g);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const t1 = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + choice + ROUNDS[i] + w[i]) | 0;
      const t2 = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + majority) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => {
      state[i] += x;
    });
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((x, i) => {
    out.setUint32(4 * i, x);
  });
  return new Uint8Array(out.buffer);
};

const TURNS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
const WORD = Uint8Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4] & 15);

const md5: Algorithm = message => {
  const view = padded(message, true);
  const w = new Int32Array(16);
  let [a, b, c, d] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let at = 0; at < view.byteLength; at += 64) {
    const [a0, b0, c0, d0] = [a, b, c, d];
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i, true);
    for (let i = 0; i < 64; i++) {
      let f: number;
      if (i < 16) f = (b & c) | (~b & d);
      else if (i < 32) f = (d & b) | (~d & c);
      else if (i < 48) f = b ^ c ^ d;
      else f = c ^ (b | ~d);
      f = (f + a + SINES[i] + w[WORD[i]]) | 0;
      a = d;
      d = c;
      c = b;
      const turn = TURNS[((i >> 4) << 2) | (i & 3)];
      b = (b + ((f << turn) | (f >>> (32 - turn)))) | 0;
    }
    a = (a + a0) | 0;
    b = (b + b0) | 0;
    c = (c + c0) | 0;
    d = (d + d0) | 0;
  }
  const out = new DataView(new ArrayBuffer(16));
  [a, b, c, d].forEach((x, i) => {
    out.setInt32(4 * i, x, true);
  });
  return new Uint8Array(out.buffer);
};

const ALGORITHMS: Record<string, Algorithm> = { md5, sha256 };

/** As node:crypto's; knows 'md5' and 'sha256'. */
class Hash {
  private readonly parts: Uint8Array[] = [];
  constructor(private readonly algorithm: Algorithm) {}

  update(data: string | Uint8Array): this {
    this.parts.push(typeof data === 'string' ? new TextEncoder().encode(data) : data);
    return this;
  }

  digest(encoding?: BufferEncoding): Buffer | string {
    const message = this.parts.length === 1 ? this.parts[0] : Uint8Array.from(Buffer.concat(this.parts));
    const made = Buffer.from(this.algorithm(message));
    return encoding ? made.toString(encoding) : made;
  }
}

export const createHash = ((name: string) => {
  const algorithm = ALGORITHMS[name];
  if (!algorithm) throw new Error(`no hash ${name} in a page; expected one of ${Object.keys(ALGORITHMS).join(', ')}`);
  return new Hash(algorithm);
}) as unknown as typeof import('node:crypto').createHash;

export function randomUUID(): `${string}-${string}-${string}-${string}-${string}` {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
