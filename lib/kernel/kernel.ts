/** The kernel: answers Jupyter's requests. Cells have a queue of their own (execution.ts); everything else is answered at once. */
import { Execution, failure } from './execution';
import { KERNEL_INFO } from './info';
import { CompilerClient } from './protocol/compiler-client';
import { completeReply, inspectReply, isCompleteReply } from './protocol/help';
import { History, type HistoryRequest } from './protocol/history';
import { type Content, Publisher } from './protocol/publisher';
import { RUNS_TARGET } from './protocol/runs';
import type { Channel, Sockets } from './protocol/sockets';
import type { Message } from './protocol/wire';

export class Kernel {
  private readonly publisher: Publisher;
  private readonly history = new History();
  private readonly compiler: CompilerClient;
  private readonly execution: Execution;

  /** @param exit is called once a shutdown has been answered. */
  constructor(
    sockets: Sockets,
    private readonly exit: () => void,
  ) {
    this.publisher = new Publisher(sockets);
    const types = process.env.LAB_TYPES === 'off' ? 'off' : 'strict';
    this.compiler = new CompilerClient(process.cwd(), types, this.publisher.speech.language);
    this.execution = new Execution(this.publisher, this.compiler, this.history);
    this.publisher.status('starting');
  }

  /** Entry for every message; never throws. */
  receive(channel: Channel, message: Message): void {
    const type = message.header.msg_type;
    if (channel === 'stdin') this.execution.inputReply(message);
    else if (channel === 'shell' && type === 'execute_request') this.execution.add(message);
    else void this.respond(channel, message);
  }

  private async respond(channel: Channel, message: Message): Promise<void> {
    const type = message.header.msg_type;
    this.publisher.status('busy', message);
    try {
      await this.answer(channel, message);
    } catch (error) {
      this.publisher.reply(channel, message, type.replace('_request', '_reply'), failure(error));
    }
    this.publisher.status('idle', message);
    const { current } = this.execution;
    if (current) this.publisher.status('busy', current); // front ends show the last word they hear
  }

  private async answer(channel: Channel, message: Message): Promise<void> {
    const { content } = message;
    const type = message.header.msg_type;
    const reply = (answer: Content) =>
      this.publisher.reply(channel, message, type.replace('_request', '_reply'), answer);
    switch (type) {
      case 'kernel_info_request':
        return reply(KERNEL_INFO);
      case 'complete_request':
        return reply(await completeReply(this.compiler, content, this.execution.names));
      case 'inspect_request':
        return reply(await inspectReply(this.compiler, content));
      case 'is_complete_request':
        return reply(await isCompleteReply(this.compiler, content));
      case 'history_request':
        return reply({ status: 'ok', history: this.history.answer(content as HistoryRequest) });
      case 'comm_info_request':
        return reply({ status: 'ok', comms: this.commInfo(content.target_name) });
      case 'interrupt_request':
        this.interrupt();
        return reply({ status: 'ok' });
      case 'shutdown_request':
        return this.shutdown(channel, message);
      case 'comm_open':
        if (content.target_name === RUNS_TARGET) return this.tellRuns(message);
        return this.execution.commMessage(type, message);
      case 'comm_msg':
      case 'comm_close':
        return this.execution.commMessage(type, message);
      default:
        console.error(`kernel: no answer to ${JSON.stringify(type.slice(0, 100))}`);
    }
  }

  /** A page that was opened anew asks what its cells have shown in the meantime. */
  private tellRuns(message: Message): void {
    const { comm_id, data } = message.content as { comm_id: string; data?: { since?: unknown } };
    const runs = this.publisher.runs.since(data?.since);
    this.publisher.publish('comm_msg', { comm_id, data: { runs } }, message);
  }

  interrupt(): void {
    this.execution.interrupt();
  }

  /** Leaves no process and no thread behind. */
  async close(): Promise<void> {
    await Promise.all([this.execution.runner.stop(), this.compiler.stop()]);
  }

  private async shutdown(channel: Channel, message: Message): Promise<void> {
    const restart = message.content.restart === true;
    await this.execution.runner.stop();
    this.publisher.reply(channel, message, 'shutdown_reply', { status: 'ok', restart });
    this.publisher.publish('shutdown_reply', { status: 'ok', restart }, message);
    setImmediate(this.exit);
  }

  private commInfo(wanted: unknown): Record<string, { target_name: string }> {
    const open = [...this.execution.comms].filter(([, target]) => typeof wanted !== 'string' || target === wanted);
    return Object.fromEntries(open.map(([id, target]) => [id, { target_name: target }]));
  }
}
