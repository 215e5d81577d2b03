/** Bytes as visible letters, as GPT-2's vocabulary writes them: printable ones stand for themselves, the others follow from U+0100 on. */

const LETTERS = Array.from({ length: 256 }, () => '');
const BYTES = new Map<string, number>();

let next = 256;
for (let byte = 0; byte < 256; byte++) {
  const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  LETTERS[byte] = String.fromCharCode(printable ? byte : next++);
  BYTES.set(LETTERS[byte], byte);
}

/** The 256 letters, by byte. */
export const BYTE_LETTERS: readonly string[] = LETTERS;

/**
 * 'é' → 'Ã©': a letter for each byte of its UTF-8. A half of a surrogate pair becomes the replacement character.
 * @example toLetters('é') // → Ã©
 */
export const toLetters = (text: string): string => lettersOf(new TextEncoder().encode(text));

/**
 * Bytes → a letter each.
 * @example lettersOf(Uint8Array.from([195, 169])) // → Ã©
 */
export function lettersOf(bytes: Uint8Array): string {
  let letters = '';
  for (const byte of bytes) letters += LETTERS[byte];
  return letters;
}

/**
 * Letters → bytes; undefined where one stands for no byte.
 * @example fromLetters('Ã©')?.length // → 2
 */
export function fromLetters(letters: string): Uint8Array | undefined {
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) {
    const byte = BYTES.get(letters[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
