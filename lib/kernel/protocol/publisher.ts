/** Sends what the kernel says, each message under the request it belongs to. */
import { Runs } from './runs';
import type { Channel, Sockets } from './sockets';
import { Speech } from './speech';
import type { Message } from './wire';

export type Content = Record<string, unknown>;

export class Publisher {
  readonly runs = new Runs();

  constructor(
    private readonly sockets: Sockets,
    readonly speech = new Speech(),
  ) {}

  status(state: 'busy' | 'idle' | 'starting', parent?: Message): void {
    this.publish('status', { execution_state: state }, parent);
  }

  /** To everyone who listens. */
  publish(type: string, content: Content, parent?: Message, metadata: Content = {}, buffers: Uint8Array[] = []): void {
    const identities = [Buffer.from(`kernel.${type}`)];
    const message = this.message(type, content, parent);
    this.runs.hear(type, message.content, parent);
    void this.sockets.send({ ...message, metadata, buffers, channel: 'iopub', identities });
  }

  /** To the one who asked. */
  reply(channel: Channel, parent: Message, type: string, content: Content): void {
    void this.sockets.send({ ...this.message(type, content, parent), channel, identities: parent.identities });
  }

  private message(type: string, content: Content, parent?: Message): Omit<Message, 'identities'> {
    const header = this.sockets.wire.header(type);
    const said = this.speech.say(type, content);
    return { header, parent: parent?.header ?? {}, metadata: {}, content: said, buffers: [] };
  }
}
