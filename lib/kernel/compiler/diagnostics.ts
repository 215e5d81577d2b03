/** From TypeScript's diagnostics to places in the reader's cell, with what TypeScript adds to them. */
import ts from 'typescript';
import type { Diagnostic } from '../messages';
import { shortPath } from '../paths';
import { type PreparedCell, placeAt } from './cell';

/** @param isCell whether a file is one of the notebook's */
export function toReader(
  d: ts.Diagnostic,
  code: string,
  prepared: PreparedCell,
  isCell: (file: string) => boolean,
): Diagnostic {
  const start = originalOffset(d.start!, prepared);
  const end = originalOffset(d.start! + (d.length ?? 1), prepared);
  return {
    start: placeAt(code, Math.min(start, code.length)),
    end: placeAt(code, Math.min(Math.max(end, start + 1), code.length)),
    message: ts.flattenDiagnosticMessageText(d.messageText, '\n'),
    code: d.code,
    related: (d.relatedInformation ?? []).map(more => related(more, isCell)),
  };
}

/** Names the parameter that has no argument, the declaration that stands in the way: in words, with its line. */
function related(
  { file, start, messageText }: ts.DiagnosticRelatedInformation,
  isCell: (file: string) => boolean,
): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (!file || start === undefined) return `  ${message}`;
  const { line } = ts.getLineAndCharacterOfPosition(file, start);
  const text = file.text
    .split('\n')
    [line].trim()
    .replace(/^export /, '')
    .replaceAll('__lab__.result = ', '');
  const where = isCell(file.fileName) ? 'in a cell' : `${shortPath(file.fileName)}, line ${line + 1}`;
  return `  ${message}\n  ${where}: ${text.length > 120 ? `${text.slice(0, 120)}…` : text}`;
}

/** Offset in the module's text → offset in the reader's cell. */
function originalOffset(offset: number, { text, insertions }: PreparedCell): number {
  const prefix = text.indexOf('\n') + 1;
  const place = placeAt(text.slice(prefix), Math.max(0, offset - prefix));
  let shift = 0;
  let inserted = 0;
  for (const insertion of insertions) {
    const after =
      insertion.line < place.line || (insertion.line === place.line && insertion.column + inserted < place.column);
    inserted = insertion.line === place.line ? inserted + insertion.length : 0;
    if (after) shift += insertion.length;
  }
  return Math.max(0, offset - prefix - shift);
}
