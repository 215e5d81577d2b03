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

/** What is wrong with a cell that does not compile. */
export function compileError(code: string, count: number, diagnostics: Diagnostic[]): CellError {
  const [first] = diagnostics;
  const parts = diagnostics
    .slice(0, 10)
    .map(({ start, end, message, code: number }) =>
      [
        `${colour.red('error')} TS${number}: ${message}`,
        `cell [${count}], line ${start.line + 1}`,
        codeFrame(code, start, end),
      ].join('\n'),
    );
  if (diagnostics.length > 10) parts.push(`… and ${diagnostics.length - 10} more`);
  return { ename: 'CompileError', evalue: first.message.split('\n')[0], traceback: parts };
}
