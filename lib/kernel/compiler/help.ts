/** Completion and inspection, from TypeScript's language service. */
import ts from 'typescript';
import type { Completions, Inspection } from '../messages';
import { prepareForHelp } from './cell';
import { completePath } from './paths-help';
import { type CellCompiler, NEWEST } from './service';

const MAX_ITEMS = 500;
const MAX_SIGNATURES = 40;

/** Puts the text in the newest cell's place, and asks. */
function withFile<T>(compiler: CellCompiler, code: string, ask: (shift: number) => T): T {
  const { text, shift } = prepareForHelp(code, compiler.owners);
  compiler.host.set(NEWEST, text);
  return ask(shift);
}

/** @param offset the cursor, counted in UTF-16 units. */
export function complete(compiler: CellCompiler, code: string, offset: number): Completions {
  const known = completeCode(compiler, code, offset);
  const files = completePath(code, offset, compiler.folder);
  if (!files) return known;
  // In an import TypeScript knows the project's files; hidden ones only for whoever asks for them.
  const hidden = code[files.start] === '.' && offset > files.start;
  const others = known.start === files.start ? known.items : [];
  const items = [...others.filter(item => hidden || !item.name.startsWith('.')), ...files.items];
  const unique = [...new Map(items.map(item => [item.name, item])).values()];
  return { ...files, items: unique.sort((a, b) => a.name.localeCompare(b.name)).slice(0, MAX_ITEMS) };
}

function completeCode(compiler: CellCompiler, code: string, offset: number): Completions {
  return withFile(compiler, code, shift => {
    const found = compiler.service.getCompletionsAtPosition(NEWEST, offset + shift, {
      includeCompletionsWithInsertText: false,
    });
    const typed = /[\p{ID_Continue}$#]*$/u.exec(code.slice(0, offset))![0];
    const span = found?.optionalReplacementSpan ?? found?.entries.find(entry => entry.replacementSpan)?.replacementSpan;
    const start = span ? span.start - shift : offset - typed.length;
    const end = span ? Math.max(offset, span.start - shift + span.length) : offset;
    const entries = rank(found?.entries ?? [], code.slice(start, offset)).slice(0, MAX_ITEMS);
    const items = entries.map((entry, index) => ({
      name: entry.name,
      kind: entry.kind,
      signature: index < MAX_SIGNATURES ? signature(compiler, offset + shift, entry) : '',
    }));
    return { start, end, items };
  });
}

/** Exact beginnings first, then beginnings in other case, then anything that contains what was typed. */
function rank(entries: readonly ts.CompletionEntry[], typed: string): ts.CompletionEntry[] {
  const lower = typed.toLowerCase();
  const score = (name: string) => {
    if (name.startsWith(typed)) return 0;
    if (name.toLowerCase().startsWith(lower)) return 1;
    return name.toLowerCase().includes(lower) ? 2 : 3;
  };
  return entries
    .filter(entry => score(entry.name) < 3 && entry.name !== '__lab__')
    .map((entry, index) => ({ entry, index, score: score(entry.name) }))
    .sort(
      (a, b) =>
        a.score - b.score ||
        a.entry.sortText.localeCompare(b.entry.sortText) ||
        a.entry.name.localeCompare(b.entry.name) ||
        a.index - b.index,
    )
    .map(({ entry }) => entry);
}

function signature(compiler: CellCompiler, position: number, entry: ts.CompletionEntry): string {
  const details = compiler.service.getCompletionEntryDetails(
    NEWEST,
    position,
    entry.name,
    undefined,
    entry.source,
    undefined,
    entry.data,
  );
  const text = ts.displayPartsToString(details?.displayParts ?? []).replace(/\s+/g, ' ');
  return text.replace(/^\([\w\s]+\)\s*/, '').slice(0, 200);
}

export function inspect(compiler: CellCompiler, code: string, offset: number): Inspection | undefined {
  return withFile(compiler, code, shift => {
    const word = /[\p{ID_Continue}$]/u;
    const at = offset > 0 && !word.test(code[offset] ?? '') && word.test(code[offset - 1]) ? offset - 1 : offset;
    const info = compiler.service.getQuickInfoAtPosition(NEWEST, at + shift) ?? calledFunction(compiler, at + shift);
    if (!info) return undefined;
    // Names of earlier cells are imports to TypeScript, and nothing special to the reader.
    const signature = ts
      .displayPartsToString(info.displayParts)
      .replace(/^\(alias\) /, '')
      .replace(/\nimport \w+$/, '');
    const documentation = ts.displayPartsToString(info.documentation);
    const tags = (info.tags ?? []).map(tag => `*@${tag.name}* ${ts.displayPartsToString(tag.text)}`.trim());
    return {
      text: [signature, documentation, ...tags.map(tag => tag.replaceAll('*', ''))].filter(Boolean).join('\n\n'),
      markdown: [`\`\`\`typescript\n${signature}\n\`\`\``, documentation, tags.join('  \n')]
        .filter(Boolean)
        .join('\n\n'),
    };
  });
}

/** Between the brackets of a call: the function that is being called. */
function calledFunction(compiler: CellCompiler, position: number): ts.QuickInfo | undefined {
  const help = compiler.service.getSignatureHelpItems(NEWEST, position, undefined);
  return help && compiler.service.getQuickInfoAtPosition(NEWEST, Math.max(0, help.applicableSpan.start - 2));
}
