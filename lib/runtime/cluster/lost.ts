/** A worker that is gone, in words that name it. */
import { addressOf } from './members';

/** A worker that does not answer for so long, and for so long again when it is asked, is given up. */
export const PATIENCE_MS = 5000;

/**
 * A worker ended, was restarted, or does not answer. What it computed is lost, the variables are those before the step.
 * @example new WorkerLost('host1:2222', 'it does not answer').worker // → host1:2222
 */
export class WorkerLost extends Error {
  constructor(
    /** 'host1:2222' */
    readonly worker: string,
    why: string,
  ) {
    super(
      `worker ${worker} is lost: ${why}. This machine goes on, its variables are those before the step; call cluster([…]) again, without ${worker} or when it is back`,
    );
  }
}

/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, UNAVAILABLE (tensorflow/c/tf_status.h). */
const GONE = /Invalid TF_Status: (?:1|4|10|14)\b/;
/** A worker that was restarted knows nothing of those who had joined it. */
const NEW = /Unable to find a context_id|does not match the expected incarnation|incarnation/;

/** A `WorkerLost` where the error of a run is one; any other as it is. */
export function lostWorker(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  const [silent] = /^\/job:worker\S* (?=does not answer)/.exec(message) ?? [];
  if (silent) return new WorkerLost(addressOf(silent) ?? silent, 'it does not answer');
  if (!GONE.test(message) && !NEW.test(message)) return error;
  const worker = addressOf(guilty(message));
  if (!worker) return error;
  const reason = NEW.test(message)
    ? 'it was started anew'
    : 'its connection broke, so it has ended or its network is down';
  return new WorkerLost(worker, reason);
}

/**
 * The part of an error that names who failed. A worker that was started anew calls itself task 0 in its own words, so the
 * sentence about whom they came from counts, and of several that passed the error on, the first.
 */
function guilty(message: string): string {
  return /remote target (\/job:worker\S*)/.exec(message)?.[1] ?? message;
}
