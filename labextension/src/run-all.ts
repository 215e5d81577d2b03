/** Run All, All Above and All Below leave the page where the reader has it; JupyterLab goes to the last cell. */
import { type Notebook, NotebookActions } from '@jupyterlab/notebook';

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
