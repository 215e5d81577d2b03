/** Text that every program can read: pairs of surrogates stay together, halves without their other half do not travel. */
import { StringDecoder } from 'node:string_decoder';

const REPLACEMENT = '\ufffd';
const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00;

/** The first `length` UTF-16 units, or one fewer where the cut would fall inside a character such as an emoji. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, isHigh(text.charCodeAt(length - 1)) ? length - 1 : length);
}

/** JSON text without escaped half surrogates: Python reads `\ud83d`, and can then neither print nor save it. */
export function wellFormedJson(json: string): string {
  if (!/\\ud[89a-f]/.test(json)) return json;
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/gs, (written, half) => (half ? REPLACEMENT : written));
}

/** Halves that stand alone, replaced. */
export const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, REPLACEMENT);

/** Joins what is written piece by piece: halves of characters, as text or as bytes, wait for the piece that follows. */
export class TextJoiner {
  private readonly decoder = new StringDecoder('utf8');
  private half = '';

  /** @param encoding of a piece that is text and stands for bytes: 'hex', 'base64', 'latin1' … */
  push(piece: string | Uint8Array, encoding: BufferEncoding = 'utf8'): string {
    if (piece.length === 0) return '';
    if (typeof piece !== 'string') return this.bytes(piece);
    return /^utf-?8$/i.test(encoding) ? this.text(piece) : this.bytes(Buffer.from(piece, encoding));
  }

  /** What still waits, now that nothing follows. */
  end(): string {
    const rest = this.half ? REPLACEMENT : this.decoder.end();
    this.half = '';
    return rest;
  }

  private text(piece: string): string {
    const whole = this.decoder.end() + this.half + piece;
    this.half = isHigh(whole.charCodeAt(whole.length - 1)) ? whole.slice(-1) : '';
    return wellFormed(this.half ? whole.slice(0, -1) : whole);
  }

  private bytes(piece: Uint8Array): string {
    const before = this.half ? this.end() : '';
    return before + this.decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }
}
