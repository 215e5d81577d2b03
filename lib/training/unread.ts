/**
 * Losses that were computed and not yet looked at. A graphics card in a page computes while JavaScript goes on; a loop that
 * waits for each loss lets it stand idle for half of the time. So there losses are fetched together every few steps.
 */
import { tf } from '../runtime';
import type { Metrics, Observer } from './observer';

/** Back ends that answer later than they are asked; on all others a loss is there when the step is. */
export const ASYNCHRONOUS = new Set(['webgl', 'webgpu']);

/** A chart stands still for so many ms at most, and so many steps at most are under way. */
const STILL_MS = 100;
const MOST = 32;

type Scalars = Record<string, tf.Tensor>;

export class Unread {
  /** Steps that were done after one whose loss is no number, before that was seen. */
  beyond = 0;
  private waiting: Scalars[] = [];
  private since = performance.now();
  private readonly together: boolean;

  /** Whoever is told of a step may look at the weights, or set the learning rate of the next: then it is told at once. */
  constructor(observers: readonly Observer[]) {
    this.together = ASYNCHRONOUS.has(tf.getBackend()) && observers.every(({ onStep, late }) => !onStep || late);
  }

  /** Steps that were done, and not read. */
  get count(): number {
    return this.waiting.length;
  }

  add(scalars: Scalars): void {
    this.waiting.push(scalars);
  }

  /** Is it time to read? */
  get due(): boolean {
    return !this.together || this.count >= MOST || performance.now() - this.since > STILL_MS;
  }

  /** The metrics of all steps since the last time, in order; they end with the first loss that is no number. */
  async read(): Promise<Metrics[]> {
    const taken = this.waiting.splice(0);
    const read: Metrics[] = [];
    try {
      for (const scalars of taken) {
        const metrics: Metrics = {};
        for (const [name, scalar] of Object.entries(scalars))
          metrics[name] = (this.together ? await scalar.data() : scalar.dataSync())[0];
        read.push(metrics);
        if (!Number.isFinite(metrics.loss)) break;
      }
    } finally {
      tf.dispose(taken);
    }
    this.beyond = taken.length - read.length;
    this.since = performance.now();
    return read;
  }

  dispose(): void {
    tf.dispose(this.waiting.splice(0));
  }
}
