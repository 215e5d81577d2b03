/** ipywidgets' html-manager with live channels to the cells' worker. A bundle of its own: a megabyte that few cells need. */
import { HTMLManager } from '@jupyter-widgets/html-manager/lib/htmlmanager';
import type { CommMessage, Manager, SendComm } from './widget-client';

type Handler = (message: unknown) => void;
interface Callbacks {
  iopub?: { status?: Handler };
}

/** One channel, as the widgets know Jupyter's. */
class PageComm {
  readonly target_name = 'jupyter.widget';
  private readonly handlers: Handler[] = [];
  private readonly closing: Handler[] = [];
  /** What came before the model was made, which takes a moment. */
  private early: unknown[] = [];

  constructor(
    readonly comm_id: string,
    private readonly post: SendComm,
  ) {}

  open(): string {
    return '';
  }

  send(data: Record<string, unknown>, callbacks?: Callbacks, _metadata?: unknown, buffers: ArrayBuffer[] = []): string {
    const bytes = buffers.map(buffer => new Uint8Array(buffer));
    this.post({ kind: 'comm', type: 'comm_msg', content: { comm_id: this.comm_id, data }, buffers: bytes });
    // A widget holds back its next change until the kernel says that it is idle again.
    setTimeout(() => callbacks?.iopub?.status?.({ content: { execution_state: 'idle' } }), 0);
    return '';
  }

  close(): string {
    this.post({ kind: 'comm', type: 'comm_close', content: { comm_id: this.comm_id, data: {} }, buffers: [] });
    return '';
  }

  on_msg(handler: Handler): void {
    this.handlers.push(handler);
    for (const message of this.early.splice(0)) handler(message);
  }

  on_close(handler: Handler): void {
    this.closing.push(handler);
  }

  hear({ type, content, metadata, buffers }: CommMessage): void {
    const views = buffers.map(bytes => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const handlers = type === 'comm_close' ? this.closing : this.handlers;
    const message = { content, metadata, buffers: views, parent_header: {} };
    if (type !== 'comm_close' && handlers.length === 0) this.early.push(message);
    for (const handler of handlers) handler(message);
  }
}

class LiveManager extends HTMLManager implements Manager {
  private readonly comms = new Map<string, PageComm>();

  constructor(private readonly post: SendComm) {
    super();
  }

  hear(message: CommMessage): void {
    const { type, content, metadata } = message;
    const id = String(content.comm_id);
    if (type !== 'comm_open') {
      this.comms.get(id)?.hear(message);
      return;
    }
    const comm = new PageComm(id, this.post);
    this.comms.set(id, comm);
    void this.handle_comm_open(comm as never, { content, metadata, buffers: [] } as never);
  }

  async draw(model: string, into: HTMLElement): Promise<void> {
    const box = document.createElement('div');
    box.className = 'lab-widget';
    into.append(box);
    const found = await this.get_model(model);
    await this.display_view(this.create_view(found), box);
  }
}

Object.assign(window, { latentlabWidgets: (send: SendComm) => new LiveManager(send) });
