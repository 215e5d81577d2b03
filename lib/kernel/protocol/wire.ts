/** Jupyter's wire format: frames with an HMAC signature. https://jupyter-client.readthedocs.io/en/stable/messaging.html */

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { PROTOCOL_VERSION } from '../about';
import { wellFormedJson } from '../text';

const DELIMITER = Buffer.from('<IDS|MSG>');

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
  [extra: string]: unknown;
}

export interface Message {
  /** Routing prefix of the sender's socket; for iopub a topic. */
  identities: Buffer[];
  header: Header;
  parent: Header | Record<string, never>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** Signs and reads messages of one connection. An empty key means unsigned, as Jupyter defines it. */
export class Wire {
  private readonly session = randomUUID();

  constructor(
    private readonly key: string,
    scheme = 'hmac-sha256',
  ) {
    if (scheme !== 'hmac-sha256') throw new Error(`signature scheme ${scheme}: only hmac-sha256 is known`);
  }

  /** @throws Error where the frames are no message or the signature is wrong; the caller drops such a message. */
  decode(frames: Buffer[]): Message {
    const at = frames.findIndex(frame => frame.equals(DELIMITER));
    if (at < 0 || frames.length < at + 6) throw new Error(`no Jupyter message in ${frames.length} frames`);
    const body = frames.slice(at + 2, at + 6);
    this.verify(frames[at + 1], body);
    const [header, parent, metadata, content] = body.map(part => object(JSON.parse(part.toString('utf8'))));
    if (typeof header.msg_id !== 'string' || typeof header.msg_type !== 'string')
      throw new Error('header without msg_id or msg_type');
    return {
      identities: frames.slice(0, at),
      header: header as Header,
      parent: parent as Message['parent'],
      metadata,
      content,
      buffers: frames.slice(at + 6),
    };
  }

  encode(message: Message): (Buffer | Uint8Array)[] {
    const { header, parent, metadata } = message;
    const body = [header, parent, metadata, message.content].map(part => Buffer.from(jsonOf(part)));
    return [...message.identities, DELIMITER, Buffer.from(this.sign(body)), ...body, ...message.buffers];
  }

  header(type: string, username = 'kernel'): Header {
    return {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username,
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
  }

  private sign(body: Buffer[]): string {
    if (this.key === '') return '';
    const hmac = createHmac('sha256', this.key);
    for (const part of body) hmac.update(part);
    return hmac.digest('hex');
  }

  private verify(signature: Buffer, body: Buffer[]): void {
    const expected = Buffer.from(this.sign(body));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
      throw new Error('wrong signature');
  }
}

/**
 * A part of a message as JSON. What comes from cells has been made fit before (runner/plain.ts); should something else
 * turn up that JSON cannot hold, the message says so, and the kernel goes on.
 */
function jsonOf(part: Record<string, unknown>): string {
  try {
    return wellFormedJson(JSON.stringify(part));
  } catch (error) {
    const evalue = `this message could not be written as JSON: ${error instanceof Error ? error.message.split('\n')[0] : 'unknown'}`;
    const said = { status: 'error', ename: 'Unwritable', evalue, traceback: [evalue] };
    return JSON.stringify({ ...said, name: 'stderr', text: evalue, data: { 'text/plain': evalue }, metadata: {} });
  }
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('message part is not an object');
  return value as Record<string, unknown>;
}
