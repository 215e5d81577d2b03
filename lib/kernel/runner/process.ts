/** The process in which cells run. It knows nothing of Jupyter, and its end is not the kernel's. */
import { installBridge } from './bridge';
import { receiveComm } from './comms';
import { evaluateAll, execute, lateErrors } from './execute';
import { answerInput } from './input';
import { CLEAR_STACK, context, startInterruptThread } from './interrupt';
import { currentCell, receive, send } from './link';
import { installLoader } from './loader';
import { hidePromiseMarks } from './show';
import { captureStreams, endStreams, flushStreams } from './streams';
import { actAsTerminal, watchGroups } from './terminal';
import { cellOfError, describeError } from './traceback';

Error.stackTraceLimit = 30;
captureStreams(report);
actAsTerminal();
watchGroups();
installBridge();
hidePromiseMarks();
installLoader();
startInterruptThread();
keepAlive();

receive(message => {
  if (message.kind === 'execute') void execute(message);
  else if (message.kind === 'evaluate') void evaluateAll(message);
  else if (message.kind === 'comm') receiveComm(message);
  else if (message.kind === 'input') answerInput(message.answer);
  else process.exit(0);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {}); // a signal to the whole group is the protocol process's business
process.on('uncaughtException', report);
process.on('unhandledRejection', report);
process.on('exit', () => endStreams(currentCell()));
send({ kind: 'ready' });

/** An error outside any cell's own chain: it belongs to the cell that started the timer or the promise. */
function report(error: unknown): void {
  if (error === CLEAR_STACK) return;
  const cell = context.getStore()?.cell ?? cellOfError(error) ?? currentCell();
  const running = lateErrors.get(cell);
  if (running) {
    running(error);
    return;
  }
  flushStreams();
  send({ kind: 'error', cell, error: describeError(error) });
}

/** A cell may unref what it likes: the process stays. */
function keepAlive(): void {
  setInterval(() => {}, 1 << 30);
}
