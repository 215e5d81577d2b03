/**
 * A page that was closed while its cells ran, opened again: what they have shown since the last save comes from the kernel
 * (lib/kernel/protocol/runs.ts), and what they show from now on goes where it belongs. JupyterLab itself knows only the
 * cells that this very page has started.
 */
import type { CellModel, NotebookPanel } from '@jupyterlab/notebook';
import type { KernelConnection, KernelMessage } from '@jupyterlab/services';
import { RUNS_TARGET, type Run } from '../../lib/kernel/protocol/runs';

type Content = Record<string, unknown>;

export function bringBack(panel: NotebookPanel): void {
  void Promise.all([panel.context.ready, panel.sessionContext.ready]).then(() => {
    const kernel = panel.sessionContext.session?.kernel;
    if (kernel?.name === 'tslab' && kernel.handleComms) ask(panel, kernel);
  });
}

/** All that the kernel says comes in one order: what is not in its answer comes after it. */
function ask(panel: NotebookPanel, kernel: KernelConnection): void {
  const { model, contentsModel } = panel.context;
  const runs = new Map<string, RunningCell>();
  const comm = kernel.createComm(RUNS_TARGET);
  comm.onMsg = ({ content }) => {
    for (const run of (content.data as { runs: Run[] }).runs) {
      const cell = [...model.cells].find(
        ({ id, sharedModel }) => id === run.cell && sharedModel.getSource() === run.code,
      );
      if (cell?.outputs && run.session !== kernel.clientId) runs.set(run.id, new RunningCell(cell, run));
    }
    comm.close();
  };
  comm.open({ since: contentsModel?.last_modified ?? '' });
  kernel.iopubMessage.connect((_, message) => {
    if (message.header.msg_type === 'update_display_data') for (const run of runs.values()) run.update(message.content);
    else runs.get(message.parent_header.msg_id ?? '')?.hear(message);
  });
}

/** A cell that another page has started. */
class RunningCell {
  /** Name of an output → its place. */
  private readonly places = new Map<string, number>();

  constructor(
    private readonly cell: CellModel,
    run: Run,
  ) {
    cell.trusted = true; // the reader has run it
    if (run.state !== 'waiting') {
      this.outputs.clear();
      for (const output of run.outputs) this.add(output);
      cell.executionCount = run.count;
    }
    cell.executionState = run.state === 'over' ? 'idle' : 'running';
  }

  private get outputs() {
    return this.cell.outputs!;
  }

  hear({ header, content }: KernelMessage): void {
    const type = header.msg_type;
    if (type === 'execute_input') {
      this.clear(false);
      this.cell.executionCount = content.execution_count as number;
      this.cell.executionState = 'running';
    } else if (type === 'clear_output') this.clear(content.wait === true);
    else if (type === 'status' && content.execution_state === 'idle') this.cell.executionState = 'idle';
    else if (/^(stream|display_data|execute_result|error)$/.test(type)) this.add({ ...content, output_type: type });
  }

  /** What has a name is drawn anew in its place. */
  update({ data, metadata, transient }: Content): void {
    const place = this.places.get(nameOf(transient));
    if (place !== undefined) this.outputs.set(place, { output_type: 'display_data', data, metadata });
  }

  private add({ transient, ...output }: Content): void {
    this.outputs.add(output);
    const name = nameOf(transient);
    if (name) this.places.set(name, this.outputs.length - 1);
  }

  private clear(wait: boolean): void {
    this.outputs.clear(wait);
    this.places.clear();
  }
}

const nameOf = (transient: unknown): string => (transient as { display_id?: string } | undefined)?.display_id ?? '';
