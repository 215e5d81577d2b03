/** How the newest training of this notebook ended: what a claim about its outcome asks. */
import type { Stopped } from './result';

let last: Stopped | undefined;

export function noteEnd(stopped: Stopped): void {
  last = stopped;
}

/** True where the reader stopped the newest training before its end. */
export const wasInterrupted = (): boolean => last === 'interrupted';
