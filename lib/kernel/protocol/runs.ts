/**
 * What the cells of this kernel have shown, as the notebook format keeps it: for a page that was closed while they ran and
 * is opened again. The front end forgets a cell's output with its page; the kernel is there before, during and after.
 */
import type { Content } from './publisher';
import type { Message } from './wire';

/** The channel that a page opens to ask: `{ since }` in, `{ runs }` back, one message. */
export const RUNS_TARGET = 'latentlab.runs';
/** How many runs are kept, and how much printed text of each. */
const KEPT = 300;
const MAX_TEXT = 1_000_000;

export interface Run {
  /** Id of the request, which every later message of the run names as its parent. */
  id: string;
  /** The page's connection that sent it. */
  session: string;
  cell: string;
  code: string;
  state: 'waiting' | 'running' | 'over';
  count: number | null;
  /** ISO time of its end. */
  ended: string;
  outputs: Content[];
}

export class Runs {
  private readonly runs = new Map<string, Run>();
  /** Requests whose outputs go with the next one (clear_output with wait). */
  private readonly clearing = new Set<string>();

  /** A cell that waits for its turn; a request that names no cell comes from elsewhere than a notebook. */
  add({ header, metadata, content }: Message): void {
    const cell = metadata.cellId;
    if (typeof cell !== 'string' || content.silent === true) return;
    const id = header.msg_id;
    const code = String(content.code);
    const session = String(header.session);
    for (const old of this.runs.values()) if (old.cell === cell && old.code === code) this.runs.delete(old.id);
    this.runs.set(id, { id, session, cell, code, state: 'waiting', count: null, ended: '', outputs: [] });
    const [oldest] = this.runs.keys();
    if (this.runs.size > KEPT) this.runs.delete(oldest);
  }

  /** Every message that the kernel publishes, in the words in which it does. */
  hear(type: string, content: Content, parent: Message | undefined): void {
    if (type === 'update_display_data') this.update(content);
    const run = parent && this.runs.get(parent.header.msg_id);
    if (!run) return;
    if (type === 'execute_input') Object.assign(run, { state: 'running', count: content.execution_count });
    else if (type === 'clear_output') this.clear(run, content.wait === true);
    else if (type === 'status' && content.execution_state === 'idle') end(run);
    else if (type === 'stream') this.print(this.cleared(run), String(content.name), String(content.text));
    else if (/^(display_data|execute_result|error)$/.test(type))
      this.cleared(run).push({ ...content, output_type: type });
  }

  /** Runs that go on, and those that have ended after a moment: an ISO time, that of the notebook's last save. */
  since(moment: unknown): Run[] {
    const from = Date.parse(String(moment)) || 0;
    return [...this.runs.values()].filter(({ state, ended }) => state !== 'over' || Date.parse(ended) > from);
  }

  private clear(run: Run, wait: boolean): void {
    if (wait) this.clearing.add(run.id);
    else run.outputs = [];
  }

  private cleared(run: Run): Content[] {
    if (this.clearing.delete(run.id)) run.outputs = [];
    return run.outputs;
  }

  private print(outputs: Content[], name: string, text: string): void {
    const last = outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text = (last.text + text).slice(-MAX_TEXT);
    else outputs.push({ output_type: 'stream', name, text });
  }

  private update({ data, metadata, transient }: Content): void {
    const id = displayId(transient);
    for (const run of this.runs.values()) {
      for (const output of run.outputs) {
        if (id !== undefined && displayId(output.transient) === id) Object.assign(output, { data, metadata });
      }
    }
  }
}

const displayId = (transient: unknown): unknown => (transient as { display_id?: string } | undefined)?.display_id;

function end(run: Run): void {
  run.state = 'over';
  run.ended = new Date().toISOString();
}
