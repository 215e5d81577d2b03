/**
 * Signs that a Chinese or Japanese keyboard types where code has narrow ones: wide brackets, commas, quotes, digits; and signs
 * of print, × and ≤, that code writes otherwise.
 */
import type { Diagnostic } from '../messages';

const NARROW: Record<string, string> = {
  '，': ',',
  '、': ',',
  '。': '.',
  '；': ';',
  '：': ':',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '「': '"',
  '」': '"',
  '『': '"',
  '』': '"',
  '《': '"',
  '》': '"',
  '【': '[',
  '】': ']',
  '×': '*',
  '÷': '/',
  '−': '-',
  '–': '-',
  '—': '-',
  '≤': '<=',
  '≥': '>=',
  '≠': '!==',
  '→': '=>',
  '⇒': '=>',
  '…': '...',
  '¥': '$',
  '￥': '$',
};

/** What code has in the place of a sign; undefined where it is none of these. */
function narrow(sign: string): string | undefined {
  if (Object.hasOwn(NARROW, sign)) return NARROW[sign];
  const code = sign.charCodeAt(0);
  return code > 0xff00 && code < 0xff5f ? String.fromCharCode(code - 0xfee0) : undefined; // ！ to ～
}

/** The same text with the signs that code has. */
export const narrowed = (text: string): string => text.replace(/[\u0080-\uffff]/g, sign => narrow(sign) ?? sign);

const INVALID_CHARACTER = 1127;
const NO_NAME = 2304;

/** One sentence for each line in which such signs stand where TypeScript can read none. */
export function wideSigns(lines: readonly string[], found: readonly Diagnostic[]): Diagnostic[] {
  const said = new Map<number, Diagnostic>();
  for (const { file, code, start, end } of found) {
    const line = lines[start.line] ?? '';
    const marked = code === INVALID_CHARACTER ? line[start.column] : line.slice(start.column, end.column);
    if (file || said.has(start.line) || (code !== INVALID_CHARACTER && code !== NO_NAME) || !marked) continue;
    const plain = narrowed(marked);
    if (plain === marked) continue;
    const at = {
      start: { line: start.line, column: start.column },
      end: { line: start.line, column: start.column + marked.length },
    };
    const message = `'${marked}' is none of the signs that code is written in, here: ${plain}; type it with the keyboard set to English. The line then reads: ${narrowed(line).trim()}`;
    said.set(start.line, { ...at, message, code: 0 });
  }
  return [...said.values()];
}
