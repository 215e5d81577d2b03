/** What the lib finds under `Symbol.for('latentlab.kernel')`. */
import { type DisplayOptions, KERNEL, type KernelBridge, type MimeBundle } from '../../runtime/display';
import { context, onInterrupt } from './interrupt';
import { currentCell, send } from './link';
import { flushStreams } from './streams';

export function cellOfCaller(): number {
  return context.getStore()?.cell ?? currentCell();
}

const bridge: KernelBridge = {
  display(data: MimeBundle, { id, update = false, metadata = {} }: DisplayOptions): void {
    flushStreams();
    send({ kind: 'display', cell: cellOfCaller(), data: toWire(data), metadata, id, update });
  },
  clearOutput(wait: boolean): void {
    flushStreams();
    send({ kind: 'clear', cell: cellOfCaller(), wait });
  },
  onInterrupt,
};

/** Binary content travels as base64, as the message format asks. */
export function toWire(data: MimeBundle): MimeBundle {
  const entries = Object.entries(data).filter(([, content]) => content !== undefined);
  return Object.fromEntries(
    entries.map(([type, content]) => [
      type,
      content instanceof Uint8Array ? Buffer.from(content).toString('base64') : content,
    ]),
  );
}

export function installBridge(): void {
  Object.defineProperty(globalThis, KERNEL, { value: bridge, configurable: true });
}
