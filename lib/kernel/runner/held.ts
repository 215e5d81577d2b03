/**
 * What answers a prediction waits until the reader has committed to one: the cell's output is kept here, a line stands in its
 * place, and it appears below its own cell when the prediction is made, also after Run All.
 */
import type { FromRunner } from '../messages';

type Shown = Extract<FromRunner, { kind: 'display' | 'result' | 'stream' | 'clear' }>;
type Send = (message: FromRunner) => void;

/** A prediction and the cells that wait for it. */
interface Question {
  open: boolean;
  cells: Map<number, Shown[]>;
}

const PLACE = 'This answers the prediction above. Choose there, and it unfolds here.';

let asked: Question | undefined;
const waiting = new Map<number, Question>();

/** From now on, cells tagged `answer` wait, until the function that is returned is called. */
export function ask(send: Send): () => void {
  const question: Question = { open: false, cells: new Map() };
  asked = question;
  return () => {
    question.open = true;
    for (const cell of [...question.cells.keys()]) release(cell, send);
  };
}

/** A cell tagged `answer` starts: what it shows waits where the newest prediction is still to be made. */
export function holdAnswer(cell: number, send: Send): void {
  if (!asked || asked.open) return;
  const data = { 'text/html': `<p><em>${PLACE}</em></p>`, 'text/plain': PLACE };
  send({ kind: 'display', cell, data, metadata: {}, update: false });
  asked.cells.set(cell, []);
  waiting.set(cell, asked);
}

/** Shows what a cell has kept, in its order. A cell that failed shows it in any case, beside its error. */
export function release(cell: number, send: Send): void {
  const kept = waiting.get(cell)?.cells.get(cell);
  waiting.get(cell)?.cells.delete(cell);
  waiting.delete(cell);
  if (!kept) return;
  send({ kind: 'clear', cell, wait: false });
  for (const message of kept) send(message);
}

/** Keeps what would be shown below a cell that waits; false where it may be sent. */
export function keeps(message: FromRunner): boolean {
  if (!isShown(message)) return false;
  const kept = waiting.get(message.cell)?.cells.get(message.cell);
  if (!kept) return false;
  const earlier =
    message.kind === 'display' && message.update
      ? kept.findIndex(one => one.kind === 'display' && one.id === message.id)
      : -1;
  if (message.kind === 'clear') kept.length = 0;
  else if (message.kind === 'result')
    kept.push({ ...message, kind: 'display', update: false }); // its number would be wrong
  else if (earlier >= 0) kept[earlier] = { ...(message as Extract<Shown, { kind: 'display' }>), update: false };
  else kept.push(message);
  return true;
}

const isShown = (message: FromRunner): message is Shown =>
  message.kind === 'display' || message.kind === 'result' || message.kind === 'stream' || message.kind === 'clear';
