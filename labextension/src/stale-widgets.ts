/** Sliders that no kernel answers, as after opening a notebook: a sentence says what to do, in the page's language. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { languageOfPage, say } from './words';

/** The sentence stands in the style sheet's ::before; the page gives its words. */
export function sayHowToMove(panel: NotebookPanel): void {
  const write = () => {
    const words = say('Run the cell to move it.', languageOfPage(panel.context.path));
    panel.node.style.setProperty('--latentlab-run-to-move', JSON.stringify(words));
  };
  void panel.context.ready.then(write);
}
