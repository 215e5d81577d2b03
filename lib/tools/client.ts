/** Asks a server of the Model Context Protocol for what it can do; whatever goes wrong becomes an error that says what to do. */
import { Client, InMemoryTransport, type Tool, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { McpServer } from '@modelcontextprotocol/server';
import { expectJson } from './json';
import { type Passed, recorded } from './recorded';

export interface Reply {
  /** What a model would read. */
  text: string;
  /** The same for programs, where the tool gives it. */
  value: unknown;
  /** PNG and other pictures. */
  pictures: Buffer[];
}

export interface CallOptions {
  /** How long to wait, in ms. */
  timeout?: number;
  /** Calls it off. */
  signal?: AbortSignal;
}

/** A call that gave no result. */
export class ToolError extends Error {}

const STDERR_KEPT = 2000;
const LONGEST_START = 60_000;

/**
 * One connection to one server.
 * @see docs/tools.md
 * @example
 * const client = await ToolClient.to(courseServer());
 * (await client.call('count_letters', { text: 'strawberry', letter: 'r' })).value // → { count: 3 }
 */
export class ToolClient {
  /** Every message that passed, in both directions, oldest first. */
  readonly passed: Passed[] = [];
  private readonly client = new Client({ name: 'latentlab', version: '1.0.0' });
  private lastWords = '';
  private gone = false;
  private tools?: Tool[];

  private constructor(private readonly transport: Transport) {
    this.client.onclose = () => {
      this.gone = true;
    };
  }

  /** To a server in this process; messages are handed over as they are. */
  static async to(server: McpServer): Promise<ToolClient> {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const made = new ToolClient(ours);
    await server.connect(theirs);
    await made.connect('the server in this process');
    return made;
  }

  /**
   * Starts a program that speaks over its stdin and stdout, one message a line, and ends it with `close`.
   * @throws ToolError where it cannot be started, or ends before it has answered
   */
  static async start(
    command: string,
    argv: readonly string[] = [],
    { cwd = process.cwd(), timeout = LONGEST_START }: { cwd?: string; timeout?: number } = {},
  ): Promise<ToolClient> {
    const transport = new StdioClientTransport({ command, args: [...argv], cwd, env: environment(), stderr: 'pipe' });
    const made = new ToolClient(transport);
    transport.stderr?.on('data', (bytes: Buffer) => {
      made.lastWords = (made.lastWords + bytes).slice(-STDERR_KEPT);
    });
    await made.connect([command, ...argv].join(' '), timeout);
    return made;
  }

  /** The process of a started server; undefined for one in this process. */
  get pid(): number | undefined {
    const { transport } = this;
    return transport instanceof StdioClientTransport ? (transport.pid ?? undefined) : undefined;
  }

  private async connect(what: string, timeout = LONGEST_START): Promise<void> {
    try {
      await this.client.connect(
        recorded(this.transport, message => this.passed.push(message)),
        { timeout },
      );
    } catch (error) {
      await this.close();
      throw new ToolError(
        `no connection to ${what}: ${(error as Error).message}${this.heard()}; start it by hand to see what it says`,
        { cause: error },
      );
    }
  }

  /** What the server can do: names, descriptions, and the JSON Schemas of what each takes and gives. */
  async menu(): Promise<Tool[]> {
    this.expectThere();
    const { tools } = await this.client.listTools().catch((error: unknown) => {
      throw this.failure(error, 'its menu', LONGEST_START);
    });
    this.tools = tools;
    return this.tools;
  }

  /**
   * @throws ToolError with the tool's name, what went wrong and a way out: also where the SDK would give a result that is
   *   marked as an error
   */
  async call(
    name: string,
    args: Record<string, unknown> = {},
    { timeout = 60_000, signal }: CallOptions = {},
  ): Promise<Reply> {
    expectJson(`arguments of ${name}`, args);
    this.expectThere();
    const tools = this.tools ?? (await this.menu());
    const tool = tools.find(each => each.name === name);
    if (!tool) throw new ToolError(`there is no tool ${name}; there are ${tools.map(each => each.name).join(', ')}`);
    const result = await this.client
      .callTool({ name, arguments: args }, { timeout, signal })
      .catch((error: unknown) => {
        throw this.failure(error, name, timeout, signal);
      });
    const text = result.content.flatMap(part => (part.type === 'text' ? [part.text] : [])).join('\n');
    if (result.isError) throw new ToolError(`${name}: ${text}; it takes ${signature(tool)}`);
    const pictures = result.content.flatMap(part => (part.type === 'image' ? [Buffer.from(part.data, 'base64')] : []));
    return { text, value: result.structuredContent, pictures };
  }

  /** A failure of the connection, of time or of the protocol, in plain words. */
  private failure(error: unknown, name: string, timeout: number, signal?: AbortSignal): ToolError {
    const { message, code } = error as Error & { code?: unknown };
    const words = (): string => {
      if (signal?.aborted) return `${name} was called off: ${(signal.reason as Error)?.message ?? signal.reason}`;
      if (this.gone) return `the server ended while it worked on ${name}${this.heard()}; connect anew`;
      if (/timed out/i.test(message)) return `${name} gave no answer within ${timeout} ms; allow more with { timeout }`;
      return `${name}: ${message} (${code})`;
    };
    return new ToolError(words(), { cause: error });
  }

  /** The last line that the server wrote to its stderr. */
  private heard(): string {
    const line = this.lastWords.trim().split('\n').at(-1);
    return line ? `; its last words: ${line}` : '';
  }

  private expectThere(): void {
    if (this.gone) throw new ToolError(`the server is gone${this.heard()}; connect anew`);
  }

  /** Ends the connection, and the server's process where `start` made one. */
  async close(): Promise<void> {
    this.gone = true;
    await this.client.close();
    await this.transport.close();
  }
}

/** A started server needs the machine's settings, and gets all that we have. */
const environment = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** `{ text: string, letter: string, seed?: integer }` */
function signature({ inputSchema }: Tool): string {
  const { properties = {}, required = [] } = inputSchema as {
    properties?: Record<string, { type?: string }>;
    required?: string[];
  };
  const parts = Object.entries(properties).map(
    ([name, { type = 'any' }]) => `${name}${required.includes(name) ? '' : '?'}: ${type}`,
  );
  return `{ ${parts.join(', ')} }`;
}
