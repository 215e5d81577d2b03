/**
 * Words that the style sheet puts into a notebook, in the notebook's own language: what a slider that no kernel answers waits for,
 * as after opening, and what is behind a folded output, where JupyterLab shows the first line of its markup.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { languageOfPage, say } from './words';

const WORDS = {
  '--latentlab-run-to-move': 'Run the cell to move it.',
  '--latentlab-folded': 'Folded output: click to open it',
} as const;

/** The sentences stand in ::before; the page gives their words. */
export function giveWords(panel: NotebookPanel): void {
  const write = () => {
    const language = languageOfPage(panel.context.path);
    for (const [name, text] of Object.entries(WORDS) as [string, (typeof WORDS)[keyof typeof WORDS]][])
      panel.node.style.setProperty(name, JSON.stringify(say(text, language)));
  };
  void panel.context.ready.then(write);
}
