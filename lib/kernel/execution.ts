/** Runs cells one after the other, and passes on what they show. */
import type { Language } from '../i18n/language';
import { nobodyAsks } from './about';
import { compileError } from './code-frame';
import type { CellError, CommContent, CommType, CompileAnswer, CompiledCell, FromRunner, ToRunner } from './messages';
import type { CompilerClient } from './protocol/compiler-client';
import type { History } from './protocol/history';
import type { Content, Publisher } from './protocol/publisher';
import { RunnerClient } from './protocol/runner-client';
import type { Message } from './protocol/wire';

type Done = Extract<FromRunner, { kind: 'done' }>;
type From<Kind> = Extract<FromRunner, { kind: Kind }>;

interface Running {
  cell: number;
  request: Message;
  finish: (done: Done) => void;
}

/** How many finished cells' requests are kept, for output that comes late. */
const REMEMBERED = 1000;
/** Time in which messages that were sent along with a failing cell arrive, in ms. */
const SENT_ALONG = 10;

const NOT_STARTED: CellError = {
  ename: 'KeyboardInterrupt',
  evalue: 'stopped by the reader before it began',
  traceback: ['\u001b[31mKeyboardInterrupt\u001b[39m: stopped by the reader before it began'],
};

export class Execution {
  readonly runner: RunnerClient;
  /** Channels that are open: id → target. */
  readonly comms = new Map<string, string>();
  /** Names that cells of this runner have made. */
  readonly names = new Set<string>();
  private readonly queue: Message[] = [];
  /** Cells that waited when the reader pressed stop. */
  private readonly stopped: Message[] = [];
  private readonly requests = new Map<number, Message>();
  private running: Running | undefined;
  private working = false;
  private serial = 0;
  private count = 0;
  private interrupted = -1;
  /** Ends the wait for the compiler, which reads declarations for seconds before a kernel's first cell. */
  private leaveCompiler = () => {};
  /** Questions to the reader that are not answered yet. */
  private questions = 0;
  /** What the next cell to run says first. */
  private notice = '';
  private evaluated: ((values: Content) => void) | undefined;

  constructor(
    private readonly publisher: Publisher,
    private readonly compiler: CompilerClient,
    private readonly history: History,
  ) {
    this.runner = new RunnerClient({
      message: message => this.fromRunner(message),
      output: (name, text) => publisher.publish('stream', { name, text }, this.running?.request),
      died: reason => this.runnerDied(reason),
      notice: text => {
        this.notice = text;
      },
    });
  }

  add(request: Message): void {
    this.queue.push(request);
    this.publisher.runs.add(request);
    void this.work();
  }

  /**
   * The cell that runs stops; one that is still being compiled ends at once and does not start, and those that wait do not
   * run, even if the cell that runs ends in good order, as a training does. What is sent after the stop is run.
   */
  interrupt(): void {
    if (this.working) this.stopped.push(...this.queue.splice(0));
    this.interrupted = this.serial;
    this.leaveCompiler();
    this.runner.interrupt(this.serial);
  }

  /** The request whose cell runs now. */
  get current(): Message | undefined {
    return this.running?.request;
  }

  inputReply(message: Message): void {
    if (message.header.msg_type !== 'input_reply' || this.questions === 0) return;
    this.questions--;
    this.runner.send({ kind: 'input', answer: { value: String(message.content.value ?? '') } });
  }

  commMessage(type: CommType, message: Message): void {
    const content = message.content as unknown as CommContent;
    if (typeof content.comm_id !== 'string') throw new Error(`${type} without comm_id`);
    if (type === 'comm_open') this.comms.set(content.comm_id, String(content.target_name));
    if (type === 'comm_close') this.comms.delete(content.comm_id);
    this.runner.send({
      kind: 'comm',
      type,
      content: { ...content, data: content.data ?? {} },
      buffers: message.buffers,
    });
  }

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    for (let request = this.queue.shift(); request; request = this.queue.shift()) {
      this.publisher.status('busy', request);
      const reply = await this.answerTo(request);
      const failed = reply.status === 'error' && request.content.stop_on_error !== false;
      if (failed) await new Promise(resolve => setTimeout(resolve, SENT_ALONG));
      this.publisher.reply('shell', request, 'execute_reply', reply);
      this.abort([...this.stopped.splice(0), ...(failed ? this.queue.splice(0) : [])]);
      this.publisher.status('idle', request);
    }
    this.working = false;
  }

  /** Cells that do not run: those that waited at a stop and, after an error, what was sent along with the failed cell. */
  private abort(requests: readonly Message[]): void {
    for (const message of requests) {
      this.publisher.status('busy', message);
      this.publisher.reply('shell', message, 'execute_reply', { status: 'aborted' });
      this.publisher.status('idle', message);
    }
  }

  /** An error here: the request makes no sense, or the compiler ended over it. */
  private async answerTo(request: Message): Promise<Content> {
    try {
      return await this.execute(request);
    } catch (error) {
      const { ename, evalue } = failure(error) as { ename: string; evalue: string };
      const traceback = [`\u001b[31m${ename}\u001b[39m: ${evalue}`];
      return this.failed(request, { ename, evalue, traceback }, request.content.silent === true);
    }
  }

  private async execute(request: Message): Promise<Content> {
    const { code } = request.content;
    if (typeof code !== 'string') throw new Error(`execute_request: code must be a string, got ${typeof code}`);
    const silent = request.content.silent === true;
    const store = !silent && request.content.store_history !== false;
    if (store) this.count++;
    const count = this.count;
    if (!silent) this.publisher.publish('execute_input', { code, execution_count: count }, request);
    if (store && code.trim()) this.history.add(count, code);

    const cell = ++this.serial;
    this.requests.set(cell, { ...request, content: { allow_stdin: request.content.allow_stdin }, buffers: [] });
    this.requests.delete(cell - REMEMBERED);
    const left = new Promise<undefined>(resolve => {
      this.leaveCompiler = () => resolve(undefined);
    });
    const answer = await Promise.race([this.compiler.ask<CompileAnswer>({ kind: 'compile', cell, code }), left]);
    if (!answer || this.interrupted === cell) return this.failed(request, NOT_STARTED, silent);
    const { diagnostics, compiled } = answer;
    if (!compiled) return this.failed(request, compileError(code, count, diagnostics), silent);
    const { cellId, tags } = request.metadata as { cellId?: unknown; tags?: unknown };
    const about = { seen: typeof cellId === 'string', answer: Array.isArray(tags) && tags.includes('answer') };
    const done = await this.run({ kind: 'execute', cell, count, code, silent, ...about, compiled }, request);
    for (const name of done.defined) this.names.add(name);
    await this.compiler.ask({ kind: 'commit', cell, names: done.defined });
    if (done.error) return this.failed(request, done.error, silent);
    return {
      status: 'ok',
      execution_count: count,
      user_expressions: await this.expressions(request, cell),
      payload: [],
    };
  }

  private run(message: Extract<ToRunner, { kind: 'execute' }>, request: Message): Promise<Done> {
    return new Promise(resolve => {
      const finish = (done: Done) => {
        this.running = undefined;
        this.questions = 0;
        if (this.notice) this.publisher.publish('stream', { name: 'stderr', text: `${this.notice}\n` }, request);
        this.notice = '';
        resolve(done);
      };
      this.running = { cell: message.cell, request, finish };
      this.runner.send(message);
    });
  }

  private failed(request: Message, error: CellError, silent: boolean): Content {
    if (!silent) this.publisher.publish('error', { ...error }, request);
    return { status: 'error', execution_count: this.count, ...error };
  }

  /** Values of `user_expressions`, each compiled as a cell of its own that declares nothing. */
  private async expressions({ content }: Message, cell: number): Promise<Content> {
    const asked = Object.entries((content.user_expressions as Record<string, string> | undefined) ?? {});
    if (asked.length === 0) return {};
    const values: Content = {};
    const expressions: Record<string, CompiledCell> = {};
    for (const [name, code] of asked) {
      const request = { kind: 'compile', cell: ++this.serial, code: String(code) } as const;
      const { diagnostics, compiled } = await this.compiler.ask<CompileAnswer>(request);
      if (compiled) expressions[name] = compiled;
      else values[name] = { status: 'error', ...compileError(code, this.count, diagnostics) };
    }
    const evaluated = new Promise<Content>(resolve => {
      this.evaluated = resolve;
    });
    this.runner.send({ kind: 'evaluate', cell, expressions });
    return { ...values, ...(await evaluated) };
  }

  private fromRunner(message: FromRunner): void {
    if (message.kind === 'ready') return;
    const request = this.requests.get(message.cell);
    const publish = (type: string, content: object) => this.publisher.publish(type, { ...content }, request);
    if (message.kind === 'stream') publish('stream', { name: message.name, text: message.text });
    else if (message.kind === 'display') this.display(message, request);
    else if (message.kind === 'language') this.speak(message.language);
    else if (message.kind === 'clear') publish('clear_output', { wait: message.wait });
    else if (message.kind === 'error') publish('error', message.error);
    else if (message.kind === 'comm') this.fromComm(message, request);
    else if (message.kind === 'input') this.ask(message, request);
    else if (message.kind === 'evaluated') this.evaluated?.(message.values);
    else if (message.kind === 'result') {
      publish('execute_result', { data: message.data, metadata: message.metadata, execution_count: this.count });
    } else if (this.running?.cell === message.cell) this.running.finish(message);
  }

  /** What follows is said in another language, TypeScript's messages as well. */
  private speak(language: Language): void {
    this.publisher.speech.language = language;
    void this.compiler.ask({ kind: 'language', language });
  }

  private display({ data, metadata, id, update }: From<'display'>, request?: Message): void {
    const transient = id === undefined ? {} : { display_id: id };
    this.publisher.publish(update ? 'update_display_data' : 'display_data', { data, metadata, transient }, request);
  }

  private fromComm({ type, content, metadata, buffers }: From<'comm'>, request?: Message): void {
    if (type === 'comm_open') this.comms.set(content.comm_id, String(content.target_name));
    if (type === 'comm_close') this.comms.delete(content.comm_id);
    this.publisher.publish(type, { ...content }, request, metadata, buffers);
  }

  private ask({ prompt, password }: From<'input'>, request?: Message): void {
    if (!request || request.content.allow_stdin === false) {
      this.runner.send({ kind: 'input', answer: { refused: nobodyAsks(prompt) } });
      return;
    }
    this.questions++;
    this.publisher.reply('stdin', request, 'input_request', { prompt, password });
  }

  private runnerDied(reason: string): void {
    const { running } = this;
    const evalue = `the process that runs the cells ${reason}; it was started anew, and all variables are gone: run the cells again from the top`;
    const error = { ename: 'KernelRestarted', evalue, traceback: [`\u001b[31mKernelRestarted\u001b[39m: ${evalue}`] };
    for (const id of this.comms.keys()) this.publisher.publish('comm_close', { comm_id: id, data: {} });
    this.comms.clear();
    this.names.clear();
    void this.compiler.ask({ kind: 'reset' });
    this.speak(this.publisher.speech.ofPage());
    this.evaluated?.({});
    if (running) running.finish({ kind: 'done', cell: running.cell, error, defined: [] });
    else this.publisher.publish('stream', { name: 'stderr', text: `${evalue}\n` }, this.requests.get(this.serial));
  }
}

export function failure(error: unknown): Content {
  const { name: ename, message: evalue, stack = '' } = error as Error;
  return { status: 'error', ename, evalue, traceback: [stack] };
}
