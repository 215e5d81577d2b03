/** Jupyter's messages as JupyterLite passes them on, as objects. https://jupyter-client.readthedocs.io/en/stable/messaging.html */
import { PROTOCOL_VERSION } from '../../lib/kernel/about';
import type { Header } from '../../lib/kernel/protocol/wire';

export type Content = Record<string, unknown>;
export type Channel = 'shell' | 'control' | 'iopub' | 'stdin';

export interface Message {
  header: Header;
  parent_header: Header | Record<string, never>;
  metadata: Content;
  content: Content;
  channel: Channel;
  buffers?: (ArrayBuffer | ArrayBufferView)[];
}

/** Writes the messages of one kernel, each under the request it belongs to. */
export class Writer {
  private serial = 0;

  constructor(
    private readonly kernel: string,
    private readonly send: (message: Message) => void,
  ) {}

  /** To everyone who listens. */
  publish(type: string, content: object, parent: Message, metadata: Content = {}, buffers: Uint8Array[] = []): void {
    const whole = buffers.map(bytes => bytes.slice().buffer); // JupyterLab sends all that lies behind a view
    this.send({ ...this.message(type, content, parent, 'iopub'), metadata, buffers: whole });
  }

  /** To the one who asked. */
  reply(parent: Message, content: object): void {
    const type = parent.header.msg_type.replace('_request', '_reply');
    this.send(this.message(type, content, parent, parent.channel));
  }

  /** A question to whoever sits at the page that sent the cell. */
  ask(parent: Message, prompt: string, password: boolean): void {
    this.send(this.message('input_request', { prompt, password }, parent, 'stdin'));
  }

  private message(type: string, content: object, { header }: Message, channel: Channel): Message {
    const own: Header = {
      msg_id: `${this.kernel}-${++this.serial}`,
      msg_type: type,
      session: header.session, // by which JupyterLite finds the page
      username: '',
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    return { header: own, parent_header: header, metadata: {}, content: { ...content }, channel, buffers: [] };
  }
}

/** Bytes that came with a message, as the cells' worker takes them. */
export const bytesOf = ({ buffers = [] }: Message): Uint8Array[] =>
  buffers.map(one =>
    ArrayBuffer.isView(one) ? new Uint8Array(one.buffer, one.byteOffset, one.byteLength) : new Uint8Array(one),
  );
