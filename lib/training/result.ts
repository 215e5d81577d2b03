/** The ledger line under each training: what it took and what it left behind. */
import { DISPLAY, type Displayable, html, type MimeBundle } from '../runtime';
import type { EpochReport } from './observer';

/** Why a training ended: all epochs done, the reader's stop, the criterion met, or a loss that is no number any more. */
export type Stopped = 'finished' | 'interrupted' | 'converged' | 'diverged';

/**
 * @example new TrainingResult([], 10, 2, 5, 'finished', 0, 1e9).stepsPerSecond // → 5
 */
export class TrainingResult implements Displayable {
  constructor(
    /** One report per finished epoch, from the first epoch on also after a resume. */
    readonly history: EpochReport[],
    readonly steps: number,
    /** Wall-clock time of this run, not of the runs that it continues. */
    readonly seconds: number,
    readonly stepsPerSecond: number,
    readonly stopped: Stopped,
    /** Tensors alive after minus before; anything but 0 is a leak. */
    readonly tensorsGained: number,
    readonly peakRssBytes: number,
    /** What else is to be known: why there was nothing to do, or where it broke. */
    readonly note?: string,
  ) {}

  /** The last epoch's value of a metric. */
  last(metric = 'loss'): number {
    const report = this.history[this.history.length - 1];
    if (!report || !(metric in report.metrics)) throw new Error(`no metric ${metric} in the history`);
    return report.metrics[metric];
  }

  toString(): string {
    const gained = this.tensorsGained >= 0 ? `+${this.tensorsGained}` : String(this.tensorsGained);
    return (
      `${this.stopped}: ${this.steps.toLocaleString('en')} steps in ${duration(this.seconds)} ` +
      `(${this.stepsPerSecond.toPrecision(3)} steps/s), tensors gained ${gained}, peak memory ${gigabytes(this.peakRssBytes)}${this.note ? `. ${this.note}` : ''}`
    );
  }

  [DISPLAY](): MimeBundle {
    return { 'text/plain': this.toString(), 'text/html': html`<code>${this.toString()}</code>`.source };
  }
}

/**
 * 75 → '1 min 15 s'; 3.21 → '3.2 s'.
 * @example duration(75) // → 1 min 15 s
 */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds) - minutes * 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
