/** What this reader has opened and run: kept among JupyterLab's settings, outside of the course's files. */
import { NotebookActions, type NotebookTracker } from '@jupyterlab/notebook';
import type { Settings } from '@jupyterlab/settingregistry';
import { type CourseNotebook, courseNotebook } from './course';

interface Trace {
  /** When it was opened last, ISO. */
  opened: string;
  /** Ids of the cells that ran to their end. */
  ran: string[];
}

const SETTING = 'progress';

export class Progress {
  private readonly traces: Record<string, Trace>;
  private readonly listeners: (() => void)[] = [];
  private saving: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly settings?: Settings) {
    this.traces = { ...((settings?.get(SETTING).composite ?? {}) as Record<string, Trace>) };
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Undefined where the lesson was never opened. */
  of({ name, codeCells }: CourseNotebook): { ran: number; done: boolean } | undefined {
    const trace = this.traces[name];
    const ran = Math.min(trace?.ran.length ?? 0, codeCells);
    return trace && { ran, done: codeCells > 0 && ran === codeCells };
  }

  /** The lesson that was opened last. */
  latest(): string | undefined {
    const names = Object.keys(this.traces);
    return names.sort((a, b) => this.traces[b].opened.localeCompare(this.traces[a].opened))[0];
  }

  /** @param restored when what was open before has been opened anew: that is no opening of the reader's */
  watch(tracker: NotebookTracker, restored: Promise<void>): void {
    let isBegin = true;
    void restored.then(() => {
      isBegin = false;
    });
    const names = new WeakMap<object, string>();
    tracker.widgetAdded.connect((_, { content, context }) => {
      const again = isBegin;
      void context.ready.then(() => {
        const name = courseNotebook(context.path)?.name;
        if (!name) return;
        names.set(content, name);
        if (!again || !this.traces[name]) this.note(name);
      });
    });
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const name = names.get(notebook);
      if (name && success && cell.model.type === 'code') this.note(name, cell.model.id);
    });
  }

  private note(name: string, cell?: string): void {
    const ran = new Set(this.traces[name]?.ran);
    if (cell) ran.add(cell);
    this.traces[name] = { opened: new Date().toISOString(), ran: [...ran] };
    for (const listener of this.listeners) listener();
    clearTimeout(this.saving);
    this.saving = setTimeout(() => void this.settings?.set(SETTING, this.traces), 500);
  }
}
