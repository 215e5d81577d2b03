/** The five ZeroMQ sockets of a Jupyter kernel. */
import * as zmq from 'zeromq';
import { type Message, Wire } from './wire';

export interface Connection {
  transport: string;
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
}

export type Channel = 'shell' | 'control' | 'stdin';
type Sending = Message & { channel: Channel | 'iopub' };

export class Sockets {
  readonly wire: Wire;
  private readonly routers: Record<Channel, zmq.Router>;
  private readonly iopub = new zmq.Publisher({ sendHighWaterMark: 0, linger: 2000 });
  private readonly heartbeat = new zmq.Reply({ linger: 0 });
  /** ZeroMQ takes one send at a time: each socket's sends wait for one another. */
  private readonly tails = new Map<string, Promise<void>>();

  constructor(private readonly connection: Connection) {
    this.wire = new Wire(connection.key, connection.signature_scheme);
    const router = () => new zmq.Router({ sendHighWaterMark: 0, linger: 2000, sendTimeout: 5000 });
    this.routers = { shell: router(), control: router(), stdin: router() };
  }

  async bind(): Promise<void> {
    const { transport, ip } = this.connection;
    const address = (port: number) => (transport === 'ipc' ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
    await Promise.all([
      this.routers.shell.bind(address(this.connection.shell_port)),
      this.routers.control.bind(address(this.connection.control_port)),
      this.routers.stdin.bind(address(this.connection.stdin_port)),
      this.iopub.bind(address(this.connection.iopub_port)),
      this.heartbeat.bind(address(this.connection.hb_port)),
    ]);
  }

  /** Hands every well-formed message to `receive`. A malformed one or one with a wrong signature is dropped with a line on stderr. */
  listen(receive: (channel: Channel, message: Message) => void): void {
    for (const channel of ['shell', 'control', 'stdin'] as const) {
      void this.forEach(this.routers[channel], frames => {
        let message: Message;
        try {
          message = this.wire.decode(frames);
        } catch (error) {
          console.error(`kernel: dropped a message on ${channel}: ${(error as Error).message}`);
          return;
        }
        receive(channel, message);
      });
    }
    void this.forEach(this.heartbeat, frames => this.heartbeat.send(frames));
  }

  send({ channel, ...message }: Sending): Promise<void> {
    const socket = channel === 'iopub' ? this.iopub : this.routers[channel];
    const frames = this.wire.encode(message);
    const tail = (this.tails.get(channel) ?? Promise.resolve())
      .then(() => socket.send(frames))
      .catch(error => {
        if (!socket.closed) console.error(`kernel: could not send ${message.header.msg_type}: ${error}`);
      });
    this.tails.set(channel, tail);
    return tail;
  }

  /** Waits for what is still to be sent, then closes. */
  async close(): Promise<void> {
    await Promise.all(this.tails.values());
    for (const socket of [...Object.values(this.routers), this.iopub, this.heartbeat]) socket.close();
  }

  private async forEach(socket: zmq.Router | zmq.Reply, handle: (frames: Buffer[]) => unknown): Promise<void> {
    try {
      for await (const frames of socket) await handle(frames as Buffer[]);
    } catch (error) {
      if (!socket.closed) console.error('kernel: a socket failed:', error);
    }
  }
}
