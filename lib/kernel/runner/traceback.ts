/** Errors as the reader sees them: places in their own TypeScript, a few lines of the cell around, nothing of the kernel. */
import { SourceMap } from 'node:module';
import path from 'node:path';
import { codeFrame, colour } from '../code-frame';
import type { CellError, CompiledCell } from '../messages';
import { ROOT, shortPath } from '../paths';
import { inspectSafely, readThrown } from './thrown';
import { sourceMapOf } from './translate';

interface CellSource {
  count: number;
  code: string;
  compiled: CompiledCell;
  map?: SourceMap;
}

interface Frame {
  name: string;
  file: string;
  line: number;
  column: number;
  cell?: CellSource;
}

const cells = new Map<string, CellSource>();
const KEPT_CELLS = 500;
const FRAME = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/;
const MAX_FRAMES = 12;

/** The file name a cell's code runs under. */
export function rememberCell(cell: number, count: number, code: string, compiled: CompiledCell): string {
  const file = `cell-${cell}.ts`;
  cells.set(file, { count, code, compiled });
  if (cells.size > KEPT_CELLS) cells.delete(cells.keys().next().value!);
  return file;
}

/** The serial number of the cell in whose code an error arose, as far as its stack tells. */
export function cellOfError(error: unknown): number | undefined {
  const found = /\bcell-(\d+)\.ts:/.exec(readThrown(error).stack);
  return found ? Number(found[1]) : undefined;
}

/** Causes of causes, and parts of parts, are told to this depth. */
const DEEPEST = 8;

/** The error as the reader sees it. Never throws, whatever was thrown. */
export function describeError(error: unknown): CellError {
  try {
    return describe(error, []);
  } catch {
    const evalue = 'a value that cannot be described';
    return { ename: 'Thrown', evalue, traceback: [`${colour.red('Thrown')}: ${evalue}`] };
  }
}

/** @param outer the errors that this one is the cause or a part of */
function describe(error: unknown, outer: readonly unknown[]): CellError {
  const thrown = readThrown(error);
  if (!thrown.isError) {
    const shown = inspectSafely(error);
    const traceback = [`${colour.red('Thrown')}: ${shown}`, 'throw an Error to see where it came from'];
    return { ename: 'Thrown', evalue: shown, traceback };
  }
  const ename = thrown.name;
  const evalue = withoutNotebookFile(thrown.message);
  const traceback = [`${colour.red(ename)}: ${evalue}`];
  if (ename === 'KeyboardInterrupt') return { ename, evalue, traceback };
  const frames = framesOf(thrown.stack);
  const top = frames.find(frame => frame.cell);
  if (top?.cell) traceback.push(`${place(top)}\n${codeFrame(top.cell.code, { line: top.line, column: top.column })}`);
  const rest = frames.map(frame => `    at ${frame.name ? `${frame.name} (${place(frame)})` : place(frame)}`);
  if (frames.length > 1) traceback.push(colour.dim(rest.slice(0, MAX_FRAMES).join('\n')));
  const path = [...outer, error];
  if (thrown.hasCause) traceback.push('caused by:', ...inner(thrown.cause, path));
  for (const part of thrown.errors) traceback.push(...inner(part, path));
  return { ename, evalue, traceback };
}

function inner(error: unknown, outer: readonly unknown[]): string[] {
  if (outer.includes(error)) return ['an error that was told above already'];
  if (outer.length >= DEEPEST) return ['…'];
  return describe(error, outer).traceback;
}

/** Where a module is missing, Node adds who asked: for a cell that is a file which does not exist. */
function withoutNotebookFile(message: string): string {
  return message.replace(/\n- [^\n]*[\\/]notebook\.js(?=\n|$)/g, '').replace(/\nRequire stack:\s*$/, '');
}

function place({ file, line, column, cell }: Frame): string {
  return cell ? `cell [${cell.count}], line ${line + 1}` : `${shortPath(file)}:${line + 1}:${column + 1}`;
}

/** The reader's frames, innermost first; of a package's frames only the first in a row. */
function framesOf(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split('\n')) {
    const found = FRAME.exec(line);
    if (!found) continue;
    const [, name = '', file, lineText, columnText] = found;
    if (isInternal(file)) continue;
    const frame = original({ name: tidyName(name), file, line: Number(lineText) - 1, column: Number(columnText) - 1 });
    const previous = frames.at(-1);
    if (isPackage(frame.file) && previous && isPackage(previous.file)) continue;
    frames.push(frame);
  }
  return frames;
}

/** Node's own files and the kernel's. */
function isInternal(file: string): boolean {
  return (
    file.startsWith('node:') ||
    file.startsWith(__dirname + path.sep) ||
    file.startsWith(path.join(ROOT, '.lab') + path.sep) ||
    file.includes(`${path.sep}lib${path.sep}kernel${path.sep}`)
  );
}

function isPackage(file: string): boolean {
  return file.includes(`${path.sep}node_modules${path.sep}`);
}

function tidyName(name: string): string {
  const plain = name
    .replace(/^async /, '')
    .replace(/\bexports\./, '')
    .replace(/^Object\./, '');
  return plain === '<anonymous>' || plain === 'eval' ? '' : plain;
}

function original(frame: Frame): Frame {
  const cell = cells.get(path.basename(frame.file));
  if (cell) {
    cell.map ??= new SourceMap(JSON.parse(cell.compiled.map));
    const found = findEntry(cell.map, frame);
    return { ...frame, ...inReadersText(found ?? frame, cell), cell };
  }
  const map = sourceMapOf(frame.file);
  const found = map ? findEntry(new SourceMap(JSON.parse(map)), frame) : undefined;
  return found ? { ...frame, ...found } : frame;
}

function findEntry(
  map: SourceMap,
  { line, column }: { line: number; column: number },
): { line: number; column: number } | undefined {
  const entry = map.findEntry(line, column);
  return 'originalLine' in entry ? { line: entry.originalLine, column: entry.originalColumn } : undefined;
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
