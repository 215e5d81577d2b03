/** What the course adds to JupyterLab. Made into one file and put into .venv by scripts/setup/labextension.ts. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry, type RenderMime } from '@jupyterlab/rendermime';
import css from '../style/index.css';
import { giveTimes, giveWords } from './page-words';
import { bringBack } from './returning';
import { awaitKernel, keepPlace } from './run-all';
import { start } from './start';
import { drawLateWidgets, drawWithoutWriting, saveOnlyChanges, trustLessons } from './viewing';

const reading: JupyterFrontEndPlugin = {
  id: 'latentlab:reading',
  description: 'Reading a notebook changes nothing in its file.',
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  activate: (_app, tracker: NotebookTracker, rendermime: RenderMime) => {
    document.head.appendChild(document.createElement('style')).textContent = css;
    drawWithoutWriting(rendermime);
    tracker.widgetAdded.connect((_, panel) => {
      trustLessons(panel);
      saveOnlyChanges(panel);
      drawLateWidgets(panel);
      giveWords(panel);
      giveTimes(panel);
    });
  },
};

const running: JupyterFrontEndPlugin = {
  id: 'latentlab:running',
  description: 'Run All leaves the page where the reader has it; a page that comes back shows what its cells did.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app, tracker: NotebookTracker) => {
    keepPlace();
    awaitKernel();
    tracker.widgetAdded.connect((_, panel) => bringBack(panel));
  },
};

export default [reading, running, start];
