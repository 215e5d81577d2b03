/** The worker of a page in which cells run: `../runner/process` without a process. */
import './start';
import { watchFetches } from '../../platform/browser/files';
import { device } from '../../runtime/device';
import { engine } from '../../runtime/tensorflow';
import { Speech } from '../protocol/speech';
import { installBridge } from '../runner/bridge';
import { receiveComm } from '../runner/comms';
import { context } from '../runner/context';
import { execute, lateErrors } from '../runner/execute';
import { answerInput } from '../runner/input';
import { installStacks } from '../runner/stacks';
import { captureStreams, flushStreams } from '../runner/streams';
import { cellOfError, describeError } from '../runner/traceback';
import { ownConsole } from './globals';
import { hearStop, KeyboardInterrupt, stopFlag } from './interrupt';
import { restoreFiles } from './kept';
import { currentCell, inWords, receive, send, setCount, speakAs, tell } from './link';
import { provide, provideLater } from './loader';
import { measure } from './measure';
import { later, modules } from './modules';
import { begin, checkBuild } from './start';
import { timeTask } from './time-task';
import { installTimers } from './timers';

installStacks();
captureStreams(report);
installBridge();
installTimers();
for (const [name, module] of Object.entries(modules)) provide(name, module);
provideLater(later);
speakAs(new Speech(`/project/${begin.notebook}`));

receive(message => {
  if (message.kind === 'execute') {
    setCount(message.count);
    execute(message);
  } else if (message.kind === 'comm') receiveComm(message);
  else if (message.kind === 'input') answerInput(message.answer);
  else if ((message as { kind: string }).kind === 'interrupt') hearStop();
  else if ((message as { kind: string }).kind === 'measure') {
    const { task, budget } = message as unknown as { task?: string; budget?: number };
    void (task === undefined ? measure() : timeTask(task, budget ?? 0)).then(
      ms => tell({ kind: 'measured', ms }),
      error => tell({ kind: 'unable', why: inWords(describeError(error)) }),
    );
  }
});
self.addEventListener('unhandledrejection', event => {
  event.preventDefault();
  report(event.reason);
});
self.addEventListener('error', event => {
  event.preventDefault();
  report(event.error ?? event.message);
});
if (stopFlag) tell({ kind: 'stopFlag', flag: stopFlag });
watchFetches((file, bytes) => tell({ kind: 'fetching', file, bytes }));
// where the device does not begin, no cell may: tfjs would take another one and not say so
void Promise.all([checkBuild(), restoreFiles(), engine.ready]).then(
  () => tell({ kind: 'ready', seconds: performance.now() / 1000 }),
  error => tell({ kind: 'unable', why: inWords(describeError(error)) }),
);
void engine.ready.then(
  () => tell({ kind: 'threads', count: device.threads }),
  () => {},
);

/** An error outside any cell's own chain: it belongs to the cell that started the timer or the promise. */
function report(error: unknown): void {
  const store = context.getStore();
  if (error instanceof KeyboardInterrupt) return; // what was stopped
  const cell = store?.cell ?? cellOfError(error) ?? currentCell();
  const running = lateErrors.get(cell);
  if (running) {
    running(error);
    return;
  }
  ownConsole.error(error);
  flushStreams();
  send({ kind: 'error', cell, error: describeError(error) });
}
