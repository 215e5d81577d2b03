/** How much room words take, where there is no screen to measure them on. */

/** Scripts whose letters are square: Chinese, Japanese, Korean, full-width forms. */
const SQUARE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

export const isSquare = (letter: string): boolean => SQUARE.test(letter);

/** About the width of a line of text, in pixels. */
export function textWidth(text: string, fontSize = 14): number {
  let ems = 0;
  for (const letter of text) ems += isSquare(letter) ? 1 : 0.557;
  return ems * fontSize;
}

/** The text, or its beginning and an ellipsis where it is wider than `most` pixels. */
export function fitted(text: string, most: number, fontSize = 14): string {
  if (textWidth(text, fontSize) <= most) return text;
  let width = fontSize; // of the ellipsis
  let kept = '';
  for (const letter of text) {
    width += textWidth(letter, fontSize);
    if (width > most) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** Lines of at most `most` pixels, broken between words or square letters, where need be inside a word; the last of `lines` ends in an ellipsis. */
export function wrapped(text: string, most: number, lines: number, fontSize = 14): string[] {
  const done: string[] = [];
  for (const paragraph of text.split(/\r\n?|\n/)) {
    let line = '';
    for (const piece of pieces(paragraph, most, fontSize)) {
      if (line && textWidth(line + piece.trimEnd(), fontSize) > most) {
        done.push(line.trimEnd());
        line = '';
      }
      line += piece;
      if (done.length > lines) break;
    }
    done.push(line.trimEnd());
    if (done.length > lines) break;
  }
  if (done.length <= lines) return done;
  const last = fitted(done[lines - 1], most - fontSize, fontSize);
  return [...done.slice(0, lines - 1), last.endsWith('…') ? last : `${last}…`];
}

/** Where a line may end: after a space or a hyphen, around a square letter, and anywhere in a word that is wider than a line. */
function* pieces(text: string, most: number, fontSize: number): Generator<string> {
  for (const word of text.split(/(?<=[\s-])|(?<=[\u2e80-\ua4cf\uff00-\uff60])/)) {
    if (textWidth(word, fontSize) <= most) yield word;
    else for (const letter of word) yield letter;
  }
}

/** A name as a sentence has room for it. */
export const brief = (text: string, most = 80): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  const letters = Array.from(line.slice(0, 2 * most + 2));
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : line;
};
