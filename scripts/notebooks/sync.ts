/** Keeps the two languages of a lesson equal in everything but words: code, outputs, tags and metrics. */
import type { Cell, Notebook } from './notebook';

export interface Synced {
  /** The Chinese notebook with English code, outputs, tags and order. */
  notebook: Notebook;
  /** Cells whose Chinese text is missing; their English text was taken. */
  untranslated: string[];
  /** Chinese prose that no longer has an English counterpart; it was dropped. */
  dropped: string[];
}

/** What of the notebook's metadata both languages share. */
const SHARED_METADATA = ['kernelspec', 'language_info', 'metrics', 'widgets'] as const;

/** The English notebook with its outputs in Chinese; where there is no dictionary, as it is. */
export type InChinese = (english: Notebook) => Notebook;
const AS_IT_IS: InChinese = english => english;

/** Rebuilds the Chinese notebook from the English one; only markdown sources (and attachments) stay Chinese. */
export function syncNotebook(original: Notebook, chinese: Notebook, inChinese: InChinese = AS_IT_IS): Synced {
  const english = inChinese(original);
  const prose = new Map(chinese.cells.filter(c => c.cell_type === 'markdown').map(c => [c.id, c]));
  const untranslated: string[] = [];
  const cells = english.cells.map((cell): Cell => {
    if (cell.cell_type !== 'markdown') return structuredClone(cell);
    const translated = prose.get(cell.id);
    prose.delete(cell.id);
    if (!translated) untranslated.push(cell.id);
    return { ...translated, ...structuredClone(cell), source: (translated ?? cell).source };
  });
  const metadata = structuredClone(chinese.metadata);
  for (const key of SHARED_METADATA) {
    if (english.metadata[key] === undefined) delete metadata[key];
    else metadata[key] = structuredClone(english.metadata[key]);
  }
  const notebook = { ...chinese, cells, metadata, nbformat_minor: english.nbformat_minor };
  return { notebook, untranslated, dropped: [...prose.keys()] };
}

/** What differs between the languages, one sentence each; nothing: they agree. */
export function differences(original: Notebook, chinese: Notebook, inChinese: InChinese = AS_IT_IS): string[] {
  const english = inChinese(original);
  const found: string[] = [];
  const ids = (nb: Notebook) => nb.cells.map(c => c.id).join('\n');
  if (ids(english) !== ids(chinese))
    found.push(`cells are not the same or not in the same order${firstStray(english, chinese)}`);
  const chineseById = new Map(chinese.cells.map(c => [c.id, c]));
  for (const cell of english.cells) {
    const other = chineseById.get(cell.id);
    if (!other) continue;
    for (const part of differingParts(cell, other)) found.push(`cell '${cell.id}': ${part} differ`);
  }
  for (const key of SHARED_METADATA) {
    if (!same(english.metadata[key], chinese.metadata[key])) found.push(`notebook metadata '${key}' differs`);
  }
  return found;
}

function differingParts(english: Cell, chinese: Cell): string[] {
  if (english.cell_type !== chinese.cell_type) return ['types of cell'];
  const parts: string[] = [];
  if (!same(english.metadata, chinese.metadata)) parts.push('tags or metadata');
  if (english.cell_type === 'markdown') return parts;
  if (english.source !== chinese.source) parts.push('code');
  if (!same(english.outputs, chinese.outputs)) parts.push('outputs');
  if (english.execution_count !== chinese.execution_count) parts.push('execution counts');
  return parts;
}

function firstStray(english: Notebook, chinese: Notebook): string {
  const index = english.cells.findIndex((cell, i) => chinese.cells[i]?.id !== cell.id);
  const stray = index < 0 ? chinese.cells[english.cells.length] : english.cells[index];
  return stray ? ` (first: '${stray.id}')` : '';
}

/** Deep equality that does not mind the order of keys. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every(key => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
