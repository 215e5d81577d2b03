/** On whose behalf code runs: known in timers and promises as well. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CellOutput } from '../../runtime/display';

export interface CellContext {
  cell: number;
  count: number;
  /** The reader has stopped it. */
  aborted: boolean;
  /** It was stopped and has been answered: whatever of it still runs says nothing any more. */
  silent?: boolean;
  /** Where output goes that is captured for a widget, instead of below the cell. */
  sink?: (output: CellOutput) => void;
  /** A front end sent it in which somebody sees the cells: JupyterLab, not a script. */
  seen?: boolean;
  /** What is still to be shown when the cell ends. */
  atEnd?: (() => void)[];
  /** It has been answered. */
  over?: boolean;
}

export const context = new AsyncLocalStorage<CellContext>();

/** Has the reader stopped the cell that this code belongs to? */
export const isStopped = (): boolean => context.getStore()?.aborted === true;
