/**
 * On whose behalf code runs. A page has nobody who carries that over an `await`: compiled code hands it on itself
 * (kernel/page/interrupt.ts), and while a cell runs, whatever else comes up is taken to be that cell's.
 */
export class AsyncLocalStorage<T> {
  private now: T | undefined;
  private fallback: T | undefined;

  getStore(): T | undefined {
    return this.now ?? this.fallback;
  }

  run<R>(value: T, act: () => R): R {
    const before = this.now;
    this.now = value;
    try {
      return act();
    } finally {
      this.now = before;
    }
  }

  /** From now on, as after an `await`. */
  enterWith(value: T | undefined): void {
    this.now = value;
  }

  /** Where nothing else is known. */
  fallBackTo(value: T | undefined): void {
    this.fallback = value;
  }
}
