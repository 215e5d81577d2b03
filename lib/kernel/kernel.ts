/** The kernel: answers Jupyter's requests, runs cells one after the other, and passes on what they show. */
import { compileError } from './code-frame';
import { KERNEL_INFO } from './info';
import type {
  CellError,
  CompileAnswer,
  CompiledCell,
  Completeness,
  Completions,
  FromRunner,
  Inspection,
  ToRunner,
} from './messages';
import { CompilerClient } from './protocol/compiler-client';
import { History, type HistoryRequest } from './protocol/history';
import { RunnerClient } from './protocol/runner-client';
import type { Channel, Sockets } from './protocol/sockets';
import { offsetOfPosition, positionOfOffset } from './protocol/text';
import type { Message } from './protocol/wire';

type Content = Record<string, unknown>;
type Done = Extract<FromRunner, { kind: 'done' }>;

interface Running {
  cell: number;
  request: Message;
  finish: (done: Done) => void;
}

/** How many finished cells' requests are kept, for output that comes late. */
const REMEMBERED = 1000;

export class Kernel {
  private readonly compiler: CompilerClient;
  private readonly runner: RunnerClient;
  private readonly history = new History();
  private readonly queue: Message[] = [];
  private readonly requests = new Map<number, Message>();
  private running: Running | undefined;
  private working = false;
  private serial = 0;
  private count = 0;
  private inputWaits = false;

  constructor(
    private readonly sockets: Sockets,
    private readonly exit: (restart: boolean) => void,
  ) {
    this.compiler = new CompilerClient(process.cwd(), process.env.LAB_TYPES === 'off' ? 'off' : 'strict');
    this.runner = new RunnerClient({
      message: message => this.fromRunner(message),
      output: (name, text) => this.publish('stream', { name, text }, this.running?.request),
      died: reason => this.runnerDied(reason),
    });
  }

  /** Entry for every message; never throws. */
  receive(channel: Channel, message: Message): void {
    const type = message.header.msg_type;
    if (channel === 'stdin') return this.inputReply(message);
    if (channel === 'shell' && type === 'execute_request') {
      this.queue.push(message);
      void this.work();
      return;
    }
    this.status('busy', message);
    void this.answer(channel, message)
      .catch(error => this.reply(channel, message, type.replace('_request', '_reply'), failure(error)))
      .then(() => {
        this.status('idle', message);
        if (this.running) this.status('busy', this.running.request); // front ends show the last word they hear
      });
  }

  private async answer(channel: Channel, message: Message): Promise<void> {
    const content = message.content as never;
    const reply = (type: string, answer: Content) => this.reply(channel, message, type, answer);
    switch (message.header.msg_type) {
      case 'kernel_info_request':
        return reply('kernel_info_reply', KERNEL_INFO);
      case 'complete_request':
        return reply('complete_reply', await this.complete(content));
      case 'inspect_request':
        return reply('inspect_reply', await this.inspect(content));
      case 'is_complete_request':
        return reply('is_complete_reply', {
          ...(await this.compiler.ask<Completeness>({ kind: 'completeness', code: text(message, 'code') })),
        });
      case 'history_request':
        return reply('history_reply', { status: 'ok', history: this.answerHistory(content) });
      case 'interrupt_request':
        this.interrupt();
        return reply('interrupt_reply', { status: 'ok' });
      case 'shutdown_request':
        return this.shutdown(channel, message);
      case 'comm_info_request':
        return reply('comm_info_reply', { status: 'ok', comms: {} });
      case 'comm_open':
      case 'comm_msg':
      case 'comm_close':
        return this.runner.send({ kind: 'comm', type: message.header.msg_type, content, buffers: message.buffers });
      default:
        console.error(`kernel: no answer to ${JSON.stringify(message.header.msg_type)}`);
    }
  }

  interrupt(): void {
    if (this.inputWaits) this.inputWaits = false;
    this.runner.interrupt();
  }

  async close(): Promise<void> {
    await Promise.all([this.runner.stop(), this.compiler.stop()]);
  }

  private async shutdown(channel: Channel, message: Message): Promise<void> {
    const restart = message.content.restart === true;
    await this.runner.stop();
    this.reply(channel, message, 'shutdown_reply', { status: 'ok', restart });
    this.publish('shutdown_reply', { status: 'ok', restart }, message);
    this.exit(restart);
  }

  /** Runs the queue, one cell at a time. */
  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.status('busy', request);
      const reply = await this.execute(request).catch(failure);
      const stop = reply.status === 'error' && request.content.stop_on_error !== false;
      if (stop) await this.abortQueued(request, reply);
      else this.reply('shell', request, 'execute_reply', reply);
      this.status('idle', request);
    }
    this.working = false;
  }

  /** After an error, what was sent along with the failed cell is not run; what comes after the reply is. */
  private async abortQueued(request: Message, reply: Content): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 10));
    const aborted = this.queue.splice(0);
    this.reply('shell', request, 'execute_reply', reply);
    for (const message of aborted) {
      this.status('busy', message);
      this.reply('shell', message, 'execute_reply', { status: 'aborted', execution_count: this.count });
      this.status('idle', message);
    }
  }

  private async execute(request: Message): Promise<Content> {
    const code = text(request, 'code');
    const silent = request.content.silent === true;
    const store = !silent && request.content.store_history !== false;
    if (store) this.count++;
    const count = this.count;
    if (!silent) this.publish('execute_input', { code, execution_count: count }, request);
    if (store && code.trim()) this.history.add(count, code);

    const cell = ++this.serial;
    this.remember(cell, request);
    const { diagnostics, compiled } = await this.compiler.ask<CompileAnswer>({ kind: 'compile', cell, code });
    if (!compiled) return this.failed(request, compileError(code, count, diagnostics), silent);
    const done = await this.run(
      { kind: 'execute', cell, count, code, silent, compiled, expressions: await this.expressions(request) },
      request,
    );
    await this.compiler.ask({ kind: 'commit', cell, names: done.defined });
    if (done.error) return this.failed(request, done.error, silent);
    return { status: 'ok', execution_count: count, user_expressions: done.expressions, payload: [] };
  }

  private run(message: Extract<ToRunner, { kind: 'execute' }>, request: Message): Promise<Done> {
    return new Promise(resolve => {
      const finish = (done: Done) => {
        this.running = undefined;
        resolve(done);
      };
      this.running = { cell: message.cell, request, finish };
      this.runner.send(message);
    });
  }

  private failed(request: Message, error: CellError, silent: boolean): Content {
    if (!silent) this.publish('error', { ...error }, request);
    return { status: 'error', execution_count: this.count, ...error };
  }

  /** `user_expressions`, compiled as cells of their own that declare nothing. */
  private async expressions(request: Message): Promise<Record<string, CompiledCell>> {
    const compiled: Record<string, CompiledCell> = {};
    for (const [name, code] of Object.entries(
      (request.content.user_expressions as Record<string, string> | undefined) ?? {},
    )) {
      const answer = await this.compiler.ask<CompileAnswer>({
        kind: 'compile',
        cell: ++this.serial,
        code: String(code),
      });
      if (answer.compiled) compiled[name] = answer.compiled;
    }
    return compiled;
  }

  private fromRunner(message: FromRunner): void {
    if (message.kind === 'ready' || message.kind === 'exiting') return;
    const request = this.requests.get(message.cell);
    switch (message.kind) {
      case 'stream':
        return this.publish('stream', { name: message.name, text: message.text }, request);
      case 'display': {
        const { data, metadata, id, update } = message;
        return this.publish(
          update ? 'update_display_data' : 'display_data',
          { data, metadata, transient: id === undefined ? {} : { display_id: id } },
          request,
        );
      }
      case 'result':
        return this.publish(
          'execute_result',
          { data: message.data, metadata: message.metadata, execution_count: this.count },
          request,
        );
      case 'clear':
        return this.publish('clear_output', { wait: message.wait }, request);
      case 'error':
        return this.publish('error', { ...message.error }, request);
      case 'comm':
        return this.publish(message.type, { ...message.content }, request, message.metadata, message.buffers);
      case 'input':
        return this.askInput(message, request);
      case 'done':
        if (this.running?.cell === message.cell) this.running.finish(message);
    }
  }

  private runnerDied(reason: string): void {
    const { running } = this;
    const evalue = `the process that runs the cells ${reason}; it was started anew, and all variables are gone: run the cells again from the top`;
    const error: CellError = {
      ename: 'KernelRestarted',
      evalue,
      traceback: [`\u001b[31mKernelRestarted\u001b[39m: ${evalue}`],
    };
    void this.compiler.ask({ kind: 'reset' });
    if (running) running.finish({ kind: 'done', cell: running.cell, error, defined: [], expressions: {} });
    else this.publish('stream', { name: 'stderr', text: `${evalue}\n` }, this.requests.get(this.serial));
  }

  private askInput({ prompt, password }: Extract<FromRunner, { kind: 'input' }>, request: Message | undefined): void {
    if (!request) return;
    this.inputWaits = true;
    void this.sockets.send({
      ...this.message('input_request', { prompt, password }, request),
      channel: 'stdin',
      identities: request.identities,
    });
  }

  private inputReply(message: Message): void {
    if (message.header.msg_type !== 'input_reply' || !this.inputWaits) return;
    this.inputWaits = false;
    this.runner.send({ kind: 'input', value: String(message.content.value ?? '') });
  }

  private async complete({ code = '', cursor_pos }: { code?: string; cursor_pos?: number }): Promise<Content> {
    const offset = offsetOfPosition(code, cursor_pos ?? code.length);
    const { start, end, items } = await this.compiler.ask<Completions>({ kind: 'complete', code, offset });
    const range = { start: positionOfOffset(code, start), end: positionOfOffset(code, end) };
    const types = items.map(({ name, kind, signature }) => ({ ...range, text: name, type: kind, signature }));
    return {
      status: 'ok',
      matches: items.map(item => item.name),
      cursor_start: range.start,
      cursor_end: range.end,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  private async inspect({
    code = '',
    cursor_pos,
    detail_level = 0,
  }: {
    code?: string;
    cursor_pos?: number;
    detail_level?: number;
  }): Promise<Content> {
    const offset = offsetOfPosition(code, cursor_pos ?? code.length);
    const found = await this.compiler.ask<Inspection | undefined>({
      kind: 'inspect',
      code,
      offset,
      detail: detail_level,
    });
    const data = found ? { 'text/plain': found.text, 'text/markdown': found.markdown } : {};
    return { status: 'ok', found: found !== undefined, data, metadata: {} };
  }

  private answerHistory(request: HistoryRequest & { output?: boolean }): unknown[] {
    const found = this.history.find(request);
    return request.output ? found.map(([session, line, source]) => [session, line, [source, null]]) : found;
  }

  private remember(cell: number, request: Message): void {
    this.requests.set(cell, request);
    this.requests.delete(cell - REMEMBERED);
  }

  private status(state: string, parent: Message): void {
    this.publish('status', { execution_state: state }, parent);
  }

  private publish(
    type: string,
    content: Content,
    parent?: Message,
    metadata: Content = {},
    buffers: Uint8Array[] = [],
  ): void {
    void this.sockets.send({
      ...this.message(type, content, parent),
      metadata,
      buffers,
      channel: 'iopub',
      identities: [Buffer.from(`kernel.${type}`)],
    });
  }

  private reply(channel: Channel, parent: Message, type: string, content: Content): void {
    void this.sockets.send({ ...this.message(type, content, parent), channel, identities: parent.identities });
  }

  private message(type: string, content: Content, parent?: Message): Omit<Message, 'identities'> {
    return { header: this.sockets.wire.header(type), parent: parent?.header ?? {}, metadata: {}, content, buffers: [] };
  }
}

function text(message: Message, key: string): string {
  const value = message.content[key];
  if (typeof value !== 'string')
    throw new Error(`${message.header.msg_type}: ${key} must be a string, got ${typeof value}`);
  return value;
}

function failure(error: unknown): Content {
  const { name: ename, message: evalue, stack = '' } = error as Error;
  return { status: 'error', ename, evalue, traceback: [stack] };
}
