/** Errors as the reader sees them: places in their own TypeScript, a few lines of the cell around, nothing of the kernel. */
import { codeFrame, colour } from '../code-frame';
import type { CellError } from '../messages';
import { type Frame, written } from './places';
import { framesOf } from './stacks';
import { inspectSafely, readThrown } from './thrown';

const MAX_FRAMES = 12;

/** The serial number of the cell in whose code an error arose, as far as its stack tells. */
export function cellOfError(error: unknown): number | undefined {
  return framesOf(error, readThrown(error).stack).find(frame => frame.cell)?.cell?.cell;
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
  const frames = framesOf(error, thrown.stack);
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

function place(frame: Frame): string {
  return frame.cell ? `cell [${frame.cell.count}], line ${frame.line + 1}` : written(frame);
}
