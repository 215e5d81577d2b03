/**
 * Run All, All Above and All Below leave the page where the reader has it; JupyterLab goes to the last cell. And whatever is
 * run before the kernel is there waits for it; JupyterLab would ask which kernel, with Python first in its list.
 */
import { type Notebook, NotebookActions, type SessionContext } from '@jupyterlab/notebook';

/** How long a cell waits for a kernel, in milliseconds, before JupyterLab asks after all. */
const LATEST_START = 30_000;

export function awaitKernel(): void {
  for (const name of ['run', 'runAndAdvance', 'runAndInsert', 'runAll', 'runAllAbove', 'runAllBelow'] as const)
    NotebookActions[name] = onceStarted(NotebookActions[name]);
}

function onceStarted(run: Run): Run {
  return async (notebook, session, ...rest) => {
    const { ready, session: started } = (session ?? {}) as Partial<SessionContext>;
    if (ready && !started?.kernel) await Promise.race([ready, new Promise(late => setTimeout(late, LATEST_START))]);
    return run(notebook, session, ...rest);
  };
}

export function keepPlace(): void {
  NotebookActions.runAll = inPlace(NotebookActions.runAll);
  NotebookActions.runAllAbove = inPlace(NotebookActions.runAllAbove);
  NotebookActions.runAllBelow = inPlace(NotebookActions.runAllBelow);
  // Restart and Run All calls this one; with a single cell it is not asked for by JupyterLab.
  NotebookActions.runCells = inPlace(NotebookActions.runCells as never) as never;
}

type Run = (notebook: Notebook, ...rest: unknown[]) => Promise<boolean>;

/** The action selects another cell and scrolls to it before its first wait: until then, nothing scrolls. */
function inPlace(run: Run): Run {
  return (notebook, ...rest) => {
    const { activeCellIndex } = notebook;
    notebook.scrollToItem = () => Promise.resolve();
    try {
      return run(notebook, ...rest);
    } finally {
      delete (notebook as Partial<Notebook>).scrollToItem; // the class's own is there again
      notebook.activeCellIndex = activeCellIndex;
    }
  };
}
