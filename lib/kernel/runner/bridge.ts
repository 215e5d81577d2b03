/** What the lib finds under `Symbol.for('latentlab.kernel')`. */
import type { Language } from '../../i18n/language';
import {
  type CellOutput,
  type DisplayOptions,
  type InteractiveBridge,
  KERNEL,
  type MimeBundle,
} from '../../runtime/display';
import { openComm } from './comms';
import { takeComparisons } from './compared';
import { type CellContext, context } from './context';
import { ask } from './held';
import { input } from './input';
import { onInterrupt } from './interrupt';
import { currentCell, send } from './link';
import { plainBundle, plainJson } from './plain';
import { showValue } from './show';
import { flushStreams } from './streams';
import { describeError } from './traceback';

const bridge: InteractiveBridge = {
  display(data: MimeBundle, { id, update = false, metadata = {} }: DisplayOptions): void {
    const store = context.getStore();
    const wire = plainBundle(data);
    const words = plainJson('the metadata of this output', metadata) as Record<string, unknown>;
    if (id !== undefined && typeof id !== 'string')
      throw new TypeError(`the id of an output must be text, got ${typeof id}`);
    if (store?.silent) return;
    if (store?.sink) {
      store.sink({ output_type: 'display_data', data: wire, metadata: words });
      return;
    }
    flushStreams();
    send({ kind: 'display', cell: store?.cell ?? currentCell(), data: wire, metadata: words, id, update });
  },

  clearOutput(wait: boolean): void {
    const store = context.getStore();
    if (store?.silent) return;
    if (store?.sink) {
      store.sink({ output_type: 'clear_output', wait });
      return;
    }
    flushStreams();
    send({ kind: 'clear', cell: store?.cell ?? currentCell(), wait });
  },

  onInterrupt,
  comparisons: takeComparisons,

  atCellEnd(show: () => void): boolean {
    const store = context.getStore();
    if (!store || store.over || store.sink) return false;
    store.atEnd ??= [];
    store.atEnd.push(show);
    return true;
  },

  speak(language: Language): void {
    flushStreams();
    send({ kind: 'language', cell: currentCell(), language });
  },

  openComm,
  input,

  capture<T>(sink: (output: CellOutput) => void, f: () => T): T {
    const outer: CellContext = context.getStore() ?? { cell: currentCell(), count: 0, aborted: false };
    // A view on the cell's own context, so that it is stopped along with it.
    return context.run(Object.assign(Object.create(outer) as CellContext, { sink }), f);
  },

  holdAnswers(): (() => void) | undefined {
    return context.getStore()?.seen ? ask(send) : undefined;
  },

  async bundleOf(value: unknown): Promise<MimeBundle | undefined> {
    return (await showValue(value))?.data;
  },

  errorOf: thrown => ({ output_type: 'error', ...describeError(thrown) }),
};

export function installBridge(): void {
  Object.defineProperty(globalThis, KERNEL, { value: bridge, configurable: true });
  Object.defineProperty(globalThis, 'input', { value: input, configurable: true, writable: true });
}
