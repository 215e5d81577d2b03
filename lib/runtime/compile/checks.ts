/** When a compiled function is recorded again, to see whether it is still the same. */

/** At these calls in any case: what changes at each call is found at the second. */
const AT_CALLS = new Set([2, 10, 100, 1000]);
/** Otherwise whenever this many times the time that a recording takes has passed, so that looking takes 2% of the time. */
const PAUSE = 50;

export class Checks {
  private calls = 0;
  /** The call that was last found the same as the first. */
  private good = 1;
  private next: number;

  /** @param took milliseconds of the first recording */
  constructor(took: number) {
    this.next = performance.now() + PAUSE * took;
  }

  /** At the start of each call: looks whether `check` is due, and lets it throw. */
  atCall(check: () => void): void {
    this.calls++;
    if (this.calls > 1 && (AT_CALLS.has(this.calls) || performance.now() >= this.next)) this.look(check);
  }

  /** @throws Error what `check` throws, and which calls are concerned */
  look(check: () => void): void {
    const before = performance.now();
    try {
      check();
    } catch (error) {
      this.next = 0; // so that it stays refused until it is the same again
      const between = this.calls - this.good - 1;
      if (between > 0 && error instanceof Error) {
        error.message += ` (found at call ${this.calls}; the same at call ${this.good}, so up to ${between} calls used the old value)`;
      }
      throw error;
    }
    this.good = this.calls;
    const now = performance.now();
    this.next = now + PAUSE * (now - before);
  }
}
