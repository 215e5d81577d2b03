/** The process in which cells run. It knows nothing of Jupyter, and its end is not the kernel's. */
import { leave } from '../processes';
import { installBridge } from './bridge';
import { receiveComm } from './comms';
import { context } from './context';
import { evaluateAll, execute, lateErrors } from './execute';
import { answerInput } from './input';
import { interruptOnSignal, KeyboardInterrupt, startInterruptThread } from './interrupt';
import { currentCell, receive, send } from './link';
import { keepListeners } from './listeners';
import { installLoader } from './loader';
import { hidePromiseMarks } from './show';
import { installStacks } from './stacks';
import { captureStreams, endStreams, flushStreams } from './streams';
import { actAsTerminal, watchGroups } from './terminal';
import { installTimers } from './timers';
import { cellOfError, describeError } from './traceback';

installStacks();
captureStreams(report);
actAsTerminal();
watchGroups();
installBridge();
hidePromiseMarks();
installLoader();
startInterruptThread();
keepAlive();
installTimers();

receive(message => {
  if (message.kind === 'execute') execute(message);
  else if (message.kind === 'evaluate') evaluateAll(message);
  else if (message.kind === 'comm') receiveComm(message);
  else if (message.kind === 'input') answerInput(message.answer);
  else process.exit(0);
});
process.on('disconnect', leave);
process.on('uncaughtException', report);
process.on('unhandledRejection', report);
process.on('exit', () => endStreams(currentCell()));
interruptOnSignal();
keepListeners();
send({ kind: 'ready' });

/** An error outside any cell's own chain: it belongs to the cell that started the timer or the promise. */
function report(error: unknown): void {
  const store = context.getStore();
  if (store?.aborted && error instanceof KeyboardInterrupt) return; // what it was stopped for
  const cell = store?.cell ?? cellOfError(error) ?? currentCell();
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
