/** The page's end of its two workers: what ZeroMQ and the protocol process are in Jupyter. */
import type { Completions, ToRunner } from '../messages';
import type { Fault, PageRequest, Translated } from './compiler';
import type { Told } from './link';
import type { Begin } from './start';
import { ASKED } from './stop-flag';

export type { Begin, Fault, Told };

type Done = Extract<Told, { kind: 'done' }>;

/** A worker that has not answered a stop within this many ms is ended. */
const PATIENCE = 1500;

/** One that has heard it, as its flag tells, ends by itself: on a busy machine it may wait so many ms for a processor. */
const PATIENCE_HEARD = 15_000;

export interface Listener {
  /** An output of a cell, in the notebook's own words. */
  output(cell: number, type: string, content: Record<string, unknown>): void;
  comm(message: Extract<Told, { kind: 'comm' }>): void;
  /** The worker was ended, and all that cells had made is gone. @param wanted the page has begun another, with other settings */
  lost(wanted: boolean): void;
  /** So many threads compute. */
  threads(count: number): void;
  /** The browser does not keep a file that cells have written. */
  unkept(file: string, why: string): void;
  /** A larger file of so many bytes is waited for; '' when none is any more. */
  fetching(file: string, bytes: number): void;
  /** The reader's answer to a cell's question; without it the browser asks. */
  question?(cell: number, prompt: string, password: boolean): Promise<Answer>;
}

export type Answer = Extract<ToRunner, { kind: 'input' }>['answer'];

/** How a cell has ended. */
export interface Ran {
  cell: number;
  failed: boolean;
  /** It got through the compiler. */
  compiled: boolean;
  /** Names that it has made, and those that it declares but has not come to. */
  made: string[];
  unmade: string[];
}

export class PageKernel {
  private compiler: Worker;
  private runner: Worker;
  private ready: Promise<void>;
  private readonly asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private requests = 0;
  /** What a loop of the cells' worker looks at, where the page is isolated. */
  private stopFlag: Int32Array | undefined;
  /** The cell that was meant by the last stop. */
  private stopped = 0;
  private serial = 0;
  private measured = (_?: number): void => {};
  private running: { cell: number; finish(done: Done): void } | undefined;

  /** @param scripts address of the folder with the bundles, with a slash at its end */
  constructor(
    private readonly scripts: string,
    private readonly begin: Begin,
    private readonly listener: Listener,
  ) {
    this.compiler = this.worker('compiler.js');
    this.compiler.onmessage = ({ data }) => this.answered(data);
    this.compiler.onerror = event => this.broken(event.message);
    [this.runner, this.ready] = this.startRunner();
  }

  /** Compiles and runs a cell; what it shows goes to the listener. */
  async run(code: string, tags: readonly string[] = []): Promise<Ran> {
    const cell = ++this.serial;
    const { compiled, error, names } = await this.ask<Translated>({ kind: 'compile', cell, code });
    if (!compiled) {
      this.listener.output(cell, 'error', error ?? {});
      return { cell, failed: true, compiled: false, made: [], unmade: names };
    }
    await this.ready;
    if (this.stopped === cell) return { cell, failed: true, compiled: true, made: [], unmade: names }; // before it began
    const about = { silent: false, seen: false, answer: tags.includes('answer') };
    const done = await new Promise<Done>(finish => {
      this.running = { cell, finish };
      this.send({ kind: 'execute', cell, count: cell, code, ...about, compiled });
    });
    this.running = undefined;
    await this.ask({ kind: 'commit', cell, names: done.defined });
    const unmade = names.filter(name => !done.defined.includes(name));
    return { cell, failed: done.failed, compiled: true, made: done.defined, unmade };
  }

  /** The serial number that the next cell will have. */
  get next(): number {
    return this.serial + 1;
  }

  complete(code: string, offset: number): Promise<Completions> {
    return this.ask({ kind: 'complete', code, offset });
  }

  /** What is wrong with code that is being written. */
  check(code: string): Promise<Fault[]> {
    return this.ask({ kind: 'check', code });
  }

  /** Milliseconds of a small training step on what computes, while no cell runs; undefined where there is no answer. */
  measure(): Promise<number | undefined> {
    return new Promise(resolve => {
      this.measured = resolve;
      this.runner.postMessage({ kind: 'measure' });
    });
  }

  /** To a widget. */
  comm(message: Extract<ToRunner, { kind: 'comm' }>): void {
    this.send(message);
  }

  /** Stops what runs: at its next `await` or turn of a loop, or else with all that was made. Resolves when it has ended. */
  async stop(): Promise<void> {
    const { running } = this;
    this.stopped = this.serial;
    if (!running) return;
    const flag = this.stopFlag;
    if (flag) Atomics.store(flag, 0, ASKED);
    this.runner.postMessage({ kind: 'interrupt' });
    const asked = performance.now();
    await pause(PATIENCE);
    const goesOn = () => this.running === running;
    const heard = () => flag !== undefined && flag === this.stopFlag && Atomics.load(flag, 0) !== ASKED;
    while (goesOn() && heard() && performance.now() - asked < PATIENCE_HEARD) await pause(100);
    if (goesOn()) this.restart(undefined, false);
  }

  /** Leaves no worker behind. */
  end(): void {
    this.runner.terminate();
    this.compiler.terminate();
  }

  /** Ends the cells' worker, and starts another. @param env of the new one, where it is to be another @param wanted by the page */
  restart(env = this.begin.env, wanted = true): void {
    this.begin.env = env;
    this.runner.terminate();
    this.stopFlag = undefined;
    this.listener.fetching('', 0);
    this.measured();
    [this.runner, this.ready] = this.startRunner();
    void this.ask({ kind: 'reset' });
    this.listener.lost(wanted);
    this.running?.finish({ kind: 'done', cell: this.running.cell, failed: true, defined: [] });
  }

  private startRunner(): [Worker, Promise<void>] {
    const runner = this.worker('runner.js');
    const ready = new Promise<void>((resolve, reject) => {
      runner.onmessage = ({ data }) => {
        const message = data as Told;
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'unable') {
          reject(new Error(message.why));
          this.measured();
        } else this.told(message);
      };
      runner.onerror = event => reject(new Error(event.message));
    });
    ready.catch(() => {});
    return [runner, ready];
  }

  private worker(file: string): Worker {
    return new Worker(`${this.scripts}${file}?${this.begin.build}`, { name: JSON.stringify(this.begin) });
  }

  private send(message: ToRunner): void {
    this.runner.postMessage(message);
  }

  private told(message: Told): void {
    if (message.kind === 'output') this.listener.output(message.cell, message.type, message.content);
    else if (message.kind === 'comm') this.listener.comm(message);
    else if (message.kind === 'threads') this.listener.threads(message.count);
    else if (message.kind === 'measured') this.measured(message.ms);
    else if (message.kind === 'stopFlag') this.stopFlag = message.flag;
    else if (message.kind === 'fetching') this.listener.fetching(message.file, message.bytes);
    else if (message.kind === 'unkept') this.listener.unkept(message.file, message.why);
    else if (message.kind === 'input') void this.question(message);
    else if (message.kind === 'done' && this.running?.cell === message.cell) this.running.finish(message);
  }

  private async question({ cell, prompt, password }: Extract<Told, { kind: 'input' }>): Promise<void> {
    const answer = this.listener.question?.(cell, prompt, password) ?? given(globalThis.prompt(prompt));
    this.send({ kind: 'input', answer: await answer });
  }

  /** A question to the compiler. */
  ask<T>(request: PageRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      this.asked.set(++this.requests, { resolve: resolve as (value: unknown) => void, reject });
      this.compiler.postMessage({ id: this.requests, request });
    });
  }

  private answered({ id, value, failure }: { id: number; value?: unknown; failure?: string }): void {
    const waiting = this.asked.get(id);
    this.asked.delete(id);
    if (failure !== undefined) waiting?.reject(new Error(failure));
    else waiting?.resolve(value);
  }

  private broken(message: string): void {
    for (const { reject } of this.asked.values()) reject(new Error(message));
    this.asked.clear();
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

const given = (value: string | null): Answer => (value === null ? { refused: 'no answer was given' } : { value });
