/** A few lines of code with a mark under the place that matters, in the colours that terminals and Jupyter know. */
import type { CellError, Diagnostic, Place } from './messages';

const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[39m`;
export const colour = {
  red: paint(31),
  green: paint(32),
  cyan: paint(36),
  dim: (text: string) => `\u001b[2m${text}\u001b[22m`,
};

const AROUND = 2;

/** @param end of the marked stretch; on a later line the mark goes to the end of the first. */
export function codeFrame(
  code: string,
  start: Place,
  end: Place = { line: start.line, column: start.column + 1 },
): string {
  const lines = code.split('\n');
  const first = Math.max(0, start.line - AROUND);
  const last = Math.min(lines.length - 1, start.line + AROUND);
  const width = String(last + 1).length;
  const shown: string[] = [];
  for (let i = first; i <= last; i++) {
    const marked = i === start.line;
    shown.push(`${marked ? colour.green('→') : ' '} ${colour.dim(`${String(i + 1).padStart(width)} |`)} ${lines[i]}`);
    if (!marked) continue;
    const stop = end.line === start.line ? end.column : lines[i].length;
    const under = lines[i].slice(0, start.column).replace(/[^\t]/g, character => (isWide(character) ? '  ' : ' '));
    shown.push(`  ${' '.repeat(width)}   ${under}${colour.red('~'.repeat(Math.max(1, stop - start.column)))}`);
  }
  return shown.join('\n');
}

function isWide(character: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(
    character,
  );
}

const MOST_SHOWN = 10;

/** What is wrong with a cell that does not compile, or with a file that it imports. */
export function compileError(code: string, count: number, diagnostics: Diagnostic[]): CellError {
  const [first] = diagnostics;
  const parts = diagnostics.slice(0, MOST_SHOWN).map(diagnostic => describe(code, count, diagnostic));
  if (diagnostics.length > MOST_SHOWN) parts.push(`… and ${diagnostics.length - MOST_SHOWN} more`);
  if (diagnostics.some(({ file }) => file?.runsAnyway))
    parts.push("to run in spite of it: '// @ts-nocheck' in the first line of the file, or of this cell");
  const line = first.message.split('\n')[0];
  const evalue = first.file ? `${first.file.name}, line ${first.start.line + 1}: ${line}` : line;
  return { ename: 'CompileError', evalue, traceback: parts };
}

function describe(code: string, count: number, diagnostic: Diagnostic): string {
  const { start, end, message, code: number, file, related = [], hint, alsoOn = [] } = diagnostic;
  const also = alsoOn.length ? ` (also line ${alsoOn.map(line => line + 1).join(', ')})` : '';
  return [
    `${colour.red('error')}${number ? ` TS${number}` : ''}: ${message}`,
    ...(hint ? [hint] : []),
    `${file ? file.name : `cell [${count}]`}, line ${start.line + 1}${also}`,
    codeFrame(file?.text ?? code, start, end),
    ...related,
  ].join('\n');
}
