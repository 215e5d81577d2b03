/** The runner's line to the protocol process. */
import type { FromRunner, ToRunner } from '../messages';
import { keeps } from './held';

const post = process.send!.bind(process);
let current = 0;

export function send(message: FromRunner): void {
  if (keeps(message)) return;
  post(message, undefined, undefined, () => {}); // an error means the kernel is gone, and so are we
}

export function receive(handle: (message: ToRunner) => void): void {
  process.on('message', message => handle(message as ToRunner));
}

/** The cell that runs, or ran last: output that nobody can be asked about belongs to it. */
export function currentCell(): number {
  return current;
}

export function setCurrentCell(cell: number): void {
  current = cell;
}
