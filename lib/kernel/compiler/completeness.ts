/** Does Enter run the cell, or does it need another line? (For consoles.) */

import ts from 'typescript';
import type { Completeness } from '../messages';
import { parseCell } from './cell';

export function completeness(code: string): Completeness {
  const file = parseCell(code) as ts.SourceFile & { parseDiagnostics: ts.Diagnostic[] };
  const errors = file.parseDiagnostics;
  if (errors.length === 0) return { status: 'complete' };
  const end = code.trimEnd().length;
  const unfinished = errors.some(error => (error.start ?? 0) >= end) || endsInsideText(code);
  return unfinished ? { status: 'incomplete', indent: indentation(code) } : { status: 'invalid' };
}

/** An open template or comment swallows the rest of the text, whatever the parser makes of it. */
function endsInsideText(code: string): boolean {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, false, ts.LanguageVariant.Standard, code);
  let last = ts.SyntaxKind.Unknown;
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) last = token;
  const openTemplate = last === ts.SyntaxKind.NoSubstitutionTemplateLiteral || last === ts.SyntaxKind.TemplateHead;
  return scanner.isUnterminated() || (openTemplate && !code.trimEnd().endsWith('`'));
}

function indentation(code: string): string {
  const line = code.trimEnd().split('\n').at(-1) ?? '';
  const current = /^\s*/.exec(line)![0];
  return /[{([]\s*$/.test(line) || /=>\s*$/.test(line) ? `${current}  ` : current;
}
