/** Places in code as the reader knows them: from what runs back to the lines of their cells, files and of the lib. */
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompiledCell } from '../messages';
import { ROOT, shortPath } from '../paths';
import { sourceMapOf } from './translate';

export interface CellSource {
  cell: number;
  count: number;
  code: string;
  compiled: CompiledCell;
}

/** One call; line and column count from 0. */
export interface Frame {
  name: string;
  /** Path from the project's root where it is inside. */
  file: string;
  line: number;
  column: number;
  cell?: CellSource;
}

const cells = new Map<string, CellSource>();
const KEPT_CELLS = 500;
/** `lines`: after these comes what the kernel puts around the code to run it. */
type LineMap = { json: string; map: SourceMap; lines: number };
const maps = new Map<string, LineMap>();
/** "    at name (file:line:column)" */
const FRAME = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/;
/** "name@file:line:column", as Firefox and Safari write a call. */
const OTHER_FRAME = /^(?:async\*)?(.*?)@(.+):(\d+):(\d+)$/;
const CELL = /^cell \[(\d+)\]$/;

/** The file name a cell's code runs under. */
export function rememberCell(cell: number, count: number, code: string, compiled: CompiledCell): string {
  const file = `cell-${cell}.ts`;
  cells.set(file, { cell, count, code, compiled });
  if (cells.size > KEPT_CELLS) {
    const [oldest] = cells.keys();
    cells.delete(oldest);
    maps.delete(oldest);
  }
  return file;
}

/** `lib/nn/layers.ts:160:18` and `cell [3]:2:5`: what other programs can read, and what is read back below. */
export const written = ({ file, line, column }: Frame): string => `${file}:${line + 1}:${column + 1}`;

/** The frames of V8's own list. Packages' count only where nothing of the reader's is left. */
export function framesOfSites(sites: readonly NodeJS.CallSite[]): Frame[] {
  return readersOwn(sites.flatMap(site => frameOfSite(site) ?? []));
}

function frameOfSite(site: NodeJS.CallSite): Frame | undefined {
  const [, name = ''] = /^(.*?) \(/.exec(String(site)) ?? [];
  const file = site.getFileName() || sourceUrlOf(site);
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  if (file) return original(tidyName(name), file, line - 1, column - 1);
  // Code made by eval or new Function: where that was called.
  const [, from, row, at] = /\(([^()]+):(\d+):(\d+)\)/.exec(site.getEvalOrigin() ?? '') ?? [];
  return from ? original(tidyName(name), from, Number(row) - 1, Number(at) - 1) : undefined;
}

/** The name that evaluated code gives itself: how cells run in a page. */
const sourceUrlOf = (site: NodeJS.CallSite): string | undefined =>
  (site as { getScriptNameOrSourceURL?(): string | null }).getScriptNameOrSourceURL?.() ?? undefined;

/** The frames in a stack's text: written by this kernel (`mapped`), or by V8, another thread or a library. */
export function framesOfText(stack: string, mapped: boolean): Frame[] {
  const frames = stack.split('\n').flatMap(text => {
    const [, name = '', file, line, column] = FRAME.exec(text) ?? OTHER_FRAME.exec(text) ?? [];
    if (!file) return [];
    const [row, at] = [Number(line) - 1, Number(column) - 1];
    const [, count] = CELL.exec(file) ?? [];
    if (count) return [{ name, file, line: row, column: at, cell: cellOfCount(Number(count)) }];
    if (mapped) return [{ name, file: path.isAbsolute(file) ? shortPath(file) : file, line: row, column: at }];
    return original(tidyName(name), file, row, at) ?? [];
  });
  return readersOwn(frames);
}

const cellOfCount = (count: number): CellSource | undefined =>
  [...cells.values()].reverse().find(cell => cell.count === count);

function readersOwn(frames: Frame[]): Frame[] {
  const own = frames.filter(({ file }) => !isPackage(file));
  return own.length > 0 ? own : frames.slice(0, 1);
}

const isPackage = (file: string): boolean => /(?:^|[\\/])node_modules[\\/]/.test(file);

/** Node's own files and the kernel's; code that the kernel made up. */
function isInternal(file: string): boolean {
  return (
    file.startsWith('node:') ||
    file === 'expression.ts' ||
    /^https?:/.test(file) || // a page's own scripts
    file.startsWith(__dirname + path.sep) ||
    file.startsWith(path.join(ROOT, '.lab') + path.sep) ||
    file.includes(`${path.sep}lib${path.sep}kernel${path.sep}`)
  );
}

function tidyName(name: string): string {
  const plain = name
    .replace(/^async /, '')
    .replace(/[/<]+$/, '') // how Firefox marks what has no name of its own
    .replace(/\bexports\./, '')
    .replace(/^Object\./, '');
  return plain === '<anonymous>' || plain === 'eval' ? '' : plain;
}

/** Undefined for what is none of the reader's business. */
function original(name: string, script: string, line: number, column: number): Frame | undefined {
  const file = script.startsWith('file:') ? fileURLToPath(script) : script;
  if (isInternal(file)) return undefined;
  const cell = cells.get(file);
  if (!cell && /^cell-\d+\.ts$/.test(file)) return undefined; // long ago: only what it was compiled to is known
  const map = mapOf(file, cell ? cell.compiled.map : sourceMapOf(file));
  if (map && line >= map.lines) return undefined;
  const entry = map?.map.findEntry(line, column);
  const found =
    entry && 'originalLine' in entry ? { line: entry.originalLine, column: entry.originalColumn } : { line, column };
  if (cell) return { name, file: `cell [${cell.count}]`, ...inReadersText(found, cell), cell };
  return { name, file: path.isAbsolute(file) ? shortPath(file) : file, ...found };
}

function mapOf(file: string, json: string | undefined): LineMap | undefined {
  if (!json) return undefined;
  const known = maps.get(file);
  if (known?.json === json) return known;
  const parsed = JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0];
  const made = { json, map: new SourceMap(parsed), lines: parsed.mappings.split(';').length };
  maps.set(file, made);
  return made;
}

function inReadersText(
  { line, column }: { line: number; column: number },
  { compiled }: CellSource,
): { line: number; column: number } {
  const row = line - compiled.prefixLines;
  let shift = 0;
  for (const insertion of compiled.insertions) {
    if (insertion.line === row && insertion.column + shift < column) shift += insertion.length;
  }
  return { line: Math.max(0, row), column: Math.max(0, column - shift) };
}
