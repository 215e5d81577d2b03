/** Whether a program runs through XLA, TensorFlow's fusing compiler. */

export type XlaOption = boolean | 'auto';

/** Timed runs of each way before 'auto' decides. */
const TRIALS = 3;

/**
 * For 'auto': times the first runs without XLA, then as many with it, and keeps the faster way. Where XLA cannot
 * compile the function, or is slower, `reason` says so.
 */
export class XlaChoice {
  reason = '';
  private readonly plain: number[] = [];
  private readonly fused: number[] = [];
  private runs = 0;
  private decided?: boolean;

  constructor(readonly option: XlaOption) {
    if (option !== 'auto') this.decided = option;
    if (option === true) this.reason = 'asked for';
  }

  /** What is in use, or being tried. */
  get on(): boolean {
    return this.decided ?? this.runs > TRIALS;
  }

  /** Runs `execute(xla)` the way that is in use now. */
  run<T>(execute: (xla: boolean) => T): T {
    if (this.decided !== undefined) return execute(this.decided);
    const xla = this.on;
    const before = performance.now();
    let result: T;
    try {
      result = execute(xla);
    } catch (error) {
      if (!xla) throw error;
      this.decide(false, `XLA cannot compile it: ${String(error).split('\n').slice(0, 2).join(' ')}`);
      return execute(false);
    }
    this.note(xla, performance.now() - before);
    return result;
  }

  private note(xla: boolean, milliseconds: number): void {
    const first = xla ? this.runs === TRIALS + 1 : this.runs === 0; // the first run of a way also prepares it
    if (!first) (xla ? this.fused : this.plain).push(milliseconds);
    this.runs++;
    if (this.fused.length < TRIALS) return;
    const [plain, fused] = [Math.min(...this.plain), Math.min(...this.fused)];
    const times = `${fused.toFixed(1)} ms with XLA, ${plain.toFixed(1)} ms without`;
    this.decide(fused < plain, times);
  }

  private decide(xla: boolean, reason: string): void {
    this.decided = xla;
    this.reason = reason;
  }
}
