/** A front end for tests: starts the real kernel as Jupyter would and speaks the protocol with it over ZeroMQ. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import * as zmq from 'zeromq';
import { type Message, Wire } from '../../lib/kernel/protocol/wire';
import { newFolder } from '../folder';

const ROOT = path.resolve(__dirname, '..', '..');
type Content = Record<string, unknown>;

export interface Reply {
  status: string;
  content: Content;
  /** iopub messages of the request, without status and execute_input. */
  outputs: { type: string; content: Content; metadata: Content; buffers: Uint8Array[] }[];
  /** All stdout and stderr text, in order. */
  text: string;
  /** text/plain of the result. */
  result?: string;
  seconds: number;
}

export class Front {
  readonly shell = new zmq.Dealer({ linger: 0 });
  readonly control = new zmq.Dealer({ linger: 0 });
  readonly stdin: zmq.Dealer;
  readonly wire: Wire;
  /** Every iopub message since the start. */
  readonly heard: Message[] = [];
  /** Answers input requests; set by a test. */
  onInput: ((prompt: string) => string) | undefined;
  private readonly iopub = new zmq.Subscriber({ linger: 0 });
  private readonly replies = new Map<string, (message: Message) => void>();
  private readonly heardListeners = new Set<() => void>();

  private constructor(
    readonly process: ChildProcess,
    readonly connection: Content & { key: string },
  ) {
    this.wire = new Wire(connection.key);
    this.stdin = new zmq.Dealer({ linger: 0 });
    const identity = randomUUID();
    for (const socket of [this.shell, this.control, this.stdin]) socket.routingId = identity;
  }

  static async start(
    environment: Record<string, string> = {},
    folder = newFolder('notebooks'),
    launch = path.join(ROOT, 'lib/kernel/launch.cjs'),
  ): Promise<Front> {
    const ports = await freePorts(5);
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
    const key = randomUUID();
    const connection = {
      transport: 'tcp',
      ip: '127.0.0.1',
      key,
      signature_scheme: 'hmac-sha256',
      shell_port,
      iopub_port,
      stdin_port,
      control_port,
      hb_port,
    };
    const home = newFolder('kernel-test');
    const file = path.join(home, 'connection.json');
    const history = path.join(home, 'history.jsonl'); // not the reader's own
    fs.writeFileSync(file, JSON.stringify(connection));
    const child = spawn(process.execPath, [launch, file], {
      cwd: folder,
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), LAB_HISTORY: history, ...environment },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let said = '';
    child.stderr!.on('data', chunk => {
      said = (said + chunk).slice(-4000);
    });
    const front = new Front(child, connection);
    front.connect();
    let begun = false;
    const ended = new Promise<never>((_, reject) => {
      child.once('exit', code => begun || reject(new Error(`the kernel ended (${code}) before it answered:\n${said}`)));
    });
    try {
      await Promise.race([front.ready(), ended]);
    } catch (error) {
      front.closeSockets(); // open ones would keep the test's own process alive
      throw error;
    }
    begun = true;
    return front;
  }

  /** Another front end on this one's kernel, as after a page is opened anew. */
  async another(): Promise<Front> {
    const front = new Front(this.process, this.connection);
    front.connect();
    await front.ready();
    return front;
  }

  /** Runs a cell and waits for its end. */
  async run(code: string, options: Content = {}, patience?: number, metadata: Content = {}): Promise<Reply> {
    const started = performance.now();
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: true,
      stop_on_error: true,
      ...options,
    };
    const { id, reply } = this.request('execute_request', content, this.shell, [], metadata);
    const answer = await reply;
    await this.until(
      message =>
        message.header.msg_type === 'status' &&
        message.content.execution_state === 'idle' &&
        message.parent.msg_id === id,
      patience,
    );
    return {
      ...this.collected(id),
      status: String(answer.content.status),
      content: answer.content,
      seconds: (performance.now() - started) / 1000,
    };
  }

  request(
    type: string,
    content: Content,
    socket = this.shell,
    buffers: Uint8Array[] = [],
    metadata: Content = {},
  ): { id: string; reply: Promise<Message> } {
    const header = this.wire.header(type, 'test');
    const reply = new Promise<Message>(resolve => this.replies.set(header.msg_id, resolve));
    void socket.send(this.wire.encode({ identities: [], header, parent: {}, metadata, content, buffers }));
    return { id: header.msg_id, reply };
  }

  async ask(type: string, content: Content, socket = this.shell): Promise<Content> {
    return (await this.request(type, content, socket).reply).content;
  }

  interrupt(): Promise<Content> {
    return this.ask('interrupt_request', {}, this.control);
  }

  /** Outputs of a request so far. */
  collected(id: string): Omit<Reply, 'status' | 'content' | 'seconds'> {
    const own = this.heard.filter(
      ({ parent, header }) =>
        parent.msg_id === id && header.msg_type !== 'status' && header.msg_type !== 'execute_input',
    );
    const outputs = own.map(({ header, content, metadata, buffers }) => ({
      type: header.msg_type,
      content,
      metadata,
      buffers,
    }));
    const text = outputs
      .filter(({ type }) => type === 'stream')
      .map(({ content }) => content.text)
      .join('');
    const shown = outputs.find(({ type }) => type === 'execute_result');
    return { outputs, text, result: (shown?.content.data as Record<string, string> | undefined)?.['text/plain'] };
  }

  /** Waits for an iopub message, heard already or to come. */
  async until(matches: (message: Message) => boolean, patience = 30_000): Promise<Message> {
    const end = performance.now() + patience;
    for (let from = 0; ; ) {
      for (; from < this.heard.length; from++) if (matches(this.heard[from])) return this.heard[from];
      if (performance.now() > end) throw new Error(`no such message within ${patience} ms`);
      await this.nextHeard();
    }
  }

  /** Shuts the kernel down; resolves with its exit code. */
  async stop(): Promise<number | null> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) {
      this.closeSockets(); // open ones would keep the test's own process alive
      return exitCode;
    }
    const ended = new Promise<number | null>(resolve => this.process.once('exit', resolve));
    void this.request('shutdown_request', { restart: false }, this.control);
    const force = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    const code = await ended;
    clearTimeout(force);
    this.closeSockets();
    return code;
  }

  /** The front end is gone without a word; the kernel is not told. */
  closeSockets(): void {
    for (const socket of [this.shell, this.control, this.stdin, this.iopub]) socket.close();
  }

  private nextHeard(): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        this.heardListeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, 200);
      this.heardListeners.add(done);
    });
  }

  private connect(): void {
    const address = (name: string) => `tcp://127.0.0.1:${this.connection[`${name}_port`]}`;
    for (const name of ['shell', 'control', 'stdin', 'iopub'] as const) this[name].connect(address(name));
    this.iopub.subscribe();
    void this.listen(this.shell, message => this.replies.get(String(message.parent.msg_id))?.(message));
    void this.listen(this.control, message => this.replies.get(String(message.parent.msg_id))?.(message));
    void this.listen(this.stdin, message => {
      if (message.header.msg_type !== 'input_request' || !this.onInput) return;
      const value = this.onInput(String(message.content.prompt));
      void this.stdin.send(
        this.wire.encode({
          identities: [],
          header: this.wire.header('input_reply'),
          parent: message.header,
          metadata: {},
          content: { value },
          buffers: [],
        }),
      );
    });
    void this.listen(this.iopub, message => {
      this.heard.push(message);
      for (const listener of [...this.heardListeners]) listener();
    });
  }

  private async listen(socket: AsyncIterable<Buffer[]>, handle: (message: Message) => void): Promise<void> {
    for await (const frames of socket) handle(this.wire.decode(frames));
  }

  /** Answers come and iopub is heard (a subscription takes a moment). */
  private async ready(): Promise<void> {
    await this.ask('kernel_info_request', {});
    while (this.heard.length === 0) {
      await this.ask('kernel_info_request', {});
      await this.nextHeard();
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>(resolve => {
          const server = net.createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map(server => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}
