/**
 * A kernel of JupyterLite: answers Jupyter's messages from the two workers of a page (lib/kernel/page). Messages come one
 * by one, and a cell may take minutes: it is queued here, so that sliders, completion and Stop are heard meanwhile.
 */
import { Signal } from '@lumino/signaling';
import { nobodyAsks } from '../../lib/kernel/about';
import type { CommContent, CommType, Completeness } from '../../lib/kernel/messages';
import { Arrivals, type ShowArriving } from '../../lib/kernel/page/arriving';
import type { Answer, Listener, PageKernel } from '../../lib/kernel/page/client';
import { completeReply, type Helper, inspectReply } from '../../lib/kernel/protocol/help';
import { RUNS_TARGET } from '../../lib/kernel/protocol/runs';
import { REFUSALS } from '../../lib/platform/browser/refusal';
import { INFO } from './info';
import { bytesOf, type Content, type Message, Writer } from './wire';

/** What JupyterLite gives a kernel. */
export interface KernelOptions {
  id: string;
  name: string;
  location: string;
  sendMessage(message: Message): void;
}

export type Page = Pick<PageKernel, 'run' | 'next' | 'ask' | 'comm' | 'stop' | 'end'>;

/** What the kernel says itself, in the notebook's language. */
export interface Words {
  stopped: string;
  lost: string;
  broken(why: string): string;
  unkept(file: string, why: string): string;
}

/** Starts the workers, for the notebook that is open by then. */
export type Start = (kernel: string, listener: Listener) => Started;

export interface Started {
  page: Page;
  words: Words;
  /** What stands before all that cells print. */
  first?: string;
  /** How a file on its way is shown. */
  arriving?: ShowArriving;
}

/** So many finished cells' requests are kept, for output that comes late. */
const REMEMBERED = 1000;
/** Time in which messages that were sent along with a failing cell arrive, in ms. */
const SENT_ALONG = 10;

export class LiteKernel implements Listener {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly ready = Promise.resolve();
  readonly disposed = new Signal<LiteKernel, void>(this);
  isDisposed = false;
  private readonly writer: Writer;
  private started: Started | undefined;
  private readonly queue: Message[] = [];
  /** Cells that waited when the reader pressed Stop. */
  private readonly stopped: Message[] = [];
  private readonly requests = new Map<number, Message>();
  private readonly comms = new Map<string, string>();
  private readonly history: [number, number, string][] = [];
  private running: { cell: number; request: Message; error?: Content } | undefined;
  private working = false;
  private latest: Message | undefined;
  private answered: ((answer: Answer) => void) | undefined;
  private readonly arrivals = new Arrivals((...about) => this.started?.arriving?.(...about));

  constructor(
    { id, name, location, sendMessage }: KernelOptions,
    private readonly start: Start,
  ) {
    [this.id, this.name, this.location] = [id, name, location];
    this.writer = new Writer(id, sendMessage);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.arrivals.end();
    this.started?.page.end();
    this.disposed.emit();
  }

  async handleMessage(message: Message): Promise<void> {
    this.latest ??= message;
    const { msg_type: type } = message.header;
    if (type === 'execute_request') {
      this.queue.push(message);
      void this.work();
    } else if (type === 'input_reply') this.answered?.({ value: String(message.content.value ?? '') });
    else void this.respond(message);
  }

  /** The cell that runs stops; those that wait do not run. */
  interrupt(): void {
    if (this.working) this.stopped.push(...this.queue.splice(0));
    this.answered?.({ refused: this.workers.words.stopped });
    void this.started?.page.stop();
  }

  /** Begins to load what the first cell needs, and before that nothing. */
  warmUp(): void {
    if (!this.isDisposed) void this.workers;
  }

  private get workers(): Started {
    this.started ??= this.start(this.id, this);
    return this.started;
  }

  private status(state: 'busy' | 'idle', parent: Message): void {
    this.writer.publish('status', { execution_state: state }, parent);
  }

  private async respond(message: Message): Promise<void> {
    this.status('busy', message);
    try {
      await this.answer(message);
    } catch (error) {
      const { name, message: evalue } = error as Error;
      this.writer.reply(message, { status: 'error', ename: name, evalue, traceback: [] });
    }
    this.status('idle', message);
    if (this.running) this.status('busy', this.running.request); // front ends show the last word they hear
  }

  private async answer(message: Message): Promise<void> {
    const { content, header } = message;
    const reply = (answer: object): void => this.writer.reply(message, answer);
    switch (header.msg_type) {
      case 'kernel_info_request':
        return reply(INFO);
      case 'complete_request':
        return reply(await completeReply(this.helper, content, []));
      case 'inspect_request':
        return reply(await inspectReply(this.helper, content));
      case 'is_complete_request':
        return reply(await this.helper.ask<Completeness>({ kind: 'completeness', code: String(content.code) }));
      case 'history_request':
        return reply({ status: 'ok', history: this.history });
      case 'comm_info_request':
        return reply({ status: 'ok', comms: this.openComms(content.target_name) });
      case 'interrupt_request':
        this.interrupt();
        return reply({ status: 'ok' });
      case 'comm_open':
      case 'comm_msg':
      case 'comm_close':
        return this.toComm(header.msg_type, message);
    }
  }

  private get helper(): Helper {
    const { page } = this.workers;
    return { occupied: false, ask: request => page.ask(request) };
  }

  private openComms(wanted: unknown): Record<string, { target_name: string }> {
    const open = [...this.comms].filter(([, target]) => typeof wanted !== 'string' || target === wanted);
    return Object.fromEntries(open.map(([id, target]) => [id, { target_name: target }]));
  }

  /** No worker yet, no channel: whoever asks for one is told at once, and nothing is loaded for it. */
  private toComm(type: CommType, message: Message): void {
    const content = message.content as unknown as CommContent;
    const { comm_id, target_name } = content;
    if (target_name === RUNS_TARGET) {
      this.writer.publish('comm_msg', { comm_id, data: { runs: [] } }, message); // the kernel ends with its page
      return;
    }
    if (!this.started) {
      if (type === 'comm_open') this.writer.publish('comm_close', { comm_id, data: {} }, message);
      return;
    }
    if (type === 'comm_open') this.comms.set(comm_id, String(target_name));
    if (type === 'comm_close') this.comms.delete(comm_id);
    const buffers = bytesOf(message);
    this.started.page.comm({ kind: 'comm', type, content: { ...content, data: content.data ?? {} }, buffers });
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.status('busy', request);
      const reply = await this.execute(request);
      const failed = reply.status === 'error' && request.content.stop_on_error !== false;
      if (failed) await new Promise(resolve => setTimeout(resolve, SENT_ALONG));
      this.writer.reply(request, reply);
      for (const left of [...this.stopped.splice(0), ...(failed ? this.queue.splice(0) : [])]) {
        this.writer.reply(left, { status: 'aborted' });
        this.status('idle', left);
      }
      this.status('idle', request);
    }
    this.working = false;
  }

  private async execute(request: Message): Promise<Content> {
    const { page, words, first } = this.workers;
    const code = String(request.content.code);
    const cell = page.next;
    const running: LiteKernel['running'] = { cell, request };
    this.running = running;
    this.latest = request;
    this.requests.set(cell, request);
    this.requests.delete(cell - REMEMBERED);
    if (request.content.silent !== true) this.writer.publish('execute_input', { code, execution_count: cell }, request);
    if (request.content.store_history !== false) this.history.push([1, cell, code]);
    if (cell === 1 && first) this.output(cell, 'stream', { name: 'stderr', text: `${first}\n` });
    try {
      const { failed } = await page.run(code, request.metadata.tags as string[] | undefined);
      if (failed && !running.error) this.fail('KeyboardInterrupt', words.stopped);
    } catch (error) {
      this.fail('Error', words.broken((error as Error).message));
    }
    this.running = undefined;
    // a cell that needs a computer shows its error, and those below it go on
    const failed = running.error && !(String(running.error.ename) in REFUSALS);
    if (failed) return { status: 'error', execution_count: cell, ...running.error };
    return { status: 'ok', execution_count: cell, user_expressions: {}, payload: [] };
  }

  /** What the kernel itself has to say of the cell that runs. */
  private fail(ename: string, evalue: string): void {
    const traceback = [`\u001b[31m${ename}\u001b[39m: ${evalue}`];
    if (this.running) this.output(this.running.cell, 'error', { ename, evalue, traceback });
  }

  output(cell: number, type: string, content: Content): void {
    const request = this.requests.get(cell) ?? this.latest;
    if (type === 'error' && this.running?.cell === cell) this.running.error = content;
    if (request && request.content.silent !== true) this.writer.publish(type, content, request);
  }

  comm({ cell, type, content, metadata, buffers }: Parameters<Listener['comm']>[0]): void {
    const id = String(content.comm_id);
    if (type === 'comm_open') this.comms.set(id, String(content.target_name));
    if (type === 'comm_close') this.comms.delete(id);
    const request = this.requests.get(cell) ?? this.latest;
    if (request) this.writer.publish(type, content, request, { ...metadata }, buffers);
  }

  question(cell: number, prompt: string, password: boolean): Promise<Answer> {
    const request = this.requests.get(cell);
    if (!request || request.content.allow_stdin === false) return Promise.resolve({ refused: nobodyAsks(prompt) });
    this.writer.ask(request, prompt, password);
    return new Promise(resolve => {
      this.answered = answer => {
        this.answered = undefined;
        resolve(answer);
      };
    });
  }

  lost(): void {
    this.comms.clear();
    this.fail('KernelRestarted', this.workers.words.lost);
  }

  unkept(file: string, why: string): void {
    const cell = this.running?.cell ?? 0;
    this.output(cell, 'stream', { name: 'stderr', text: `${this.workers.words.unkept(file, why)}\n` });
  }

  threads(): void {}

  fetching(file: string, bytes: number): void {
    this.arrivals.wait(file, bytes);
  }
}
