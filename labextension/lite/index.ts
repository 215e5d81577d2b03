/** The course's kernel for JupyterLite. Made into one file by scripts/setup/labextension.ts. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookTracker } from '@jupyterlab/notebook';
import { IKernelClient, IKernelSpecs, type KernelClient, type KernelSpecs } from '@jupyterlite/services';
import { languageOf } from '../../lib/i18n/language';
import { PageKernel } from '../../lib/kernel/page/client';
import logo from '../../scripts/setup/kernel-logo.svg';
import { RUNNING } from '../../scripts/site/lessons';
import { WORDS } from '../../scripts/site/page/words';
import { asNotification } from './arriving';
import { LiteKernel, type Start } from './kernel';
import { keepParts } from './offline';

const ID = 'latentlab-lite:kernel';

/** As the native kernel is called, so that a notebook opens here and there without a question. */
const NAME = 'tslab';

/** So long after a kernel has begun, ms, its notebook is open and the workers begin to load. */
const SOON = 1000;

/**
 * The workers of a kernel, which know the notebook's language, its cells and its files by its path.
 * @param asked what stood in the address: `?quick` as the tests run a lesson, `?full` with whole trainings, `?device=webgl`
 */
const start =
  (tracker: NotebookTracker, build: string, asked: URLSearchParams): Start =>
  (kernel, listener) => {
    const panel = tracker.find(({ sessionContext }) => sessionContext.session?.kernel?.id === kernel);
    const notebook = `notebooks/${panel?.context.path ?? 'console.ipynb'}`;
    const cells = [...(panel?.context.model.cells ?? [])].filter(({ type }) => type === 'code');
    const language = languageOf(notebook);
    const lesson = notebook.replace(/^.*\/|\.ipynb$/g, '');
    const short = RUNNING[lesson]?.short === true && !asked.has('full') && !asked.has('quick');
    const env: Record<string, string> = {
      LAB_DEVICE: asked.get('device') ?? 'wasm',
      LAB_THREADS: asked.get('threads') ?? '',
      ...((short || asked.has('quick')) && { LAB_QUICK: '1' }),
      ...(asked.has('quick') && { LAB_CLAIMS: 'strict' }),
    };
    const run = `${PageConfig.getBaseUrl()}run/`;
    const begin = { site: run, build, notebook, env, cells: cells.map(({ sharedModel }) => sharedModel.getSource()) };
    const words = WORDS[language];
    const first = short ? words.shortHere : undefined;
    return { page: new PageKernel(run, begin, listener), words, first, arriving: asNotification(words.arriving) };
  };

const kernel: JupyterFrontEndPlugin = {
  id: ID,
  description: 'TypeScript in the page.',
  autoStart: true,
  requires: [IKernelSpecs, IKernelClient, INotebookTracker],
  activate: (_app: JupyterFrontEnd, specs: KernelSpecs, client: KernelClient, tracker: NotebookTracker) => {
    void keepParts();
    const settings = JSON.parse(PageConfig.getOption('litePluginSettings') || '{}') as Record<
      string,
      { build: string }
    >;
    const running = new Map<string, LiteKernel>();
    const begin = start(tracker, settings[ID].build, new URLSearchParams(location.search));
    const image = `data:image/svg+xml;base64,${btoa(logo)}`;
    const resources = { 'logo-32x32': image, 'logo-64x64': image, 'logo-svg': image };
    specs.register({
      spec: { name: NAME, display_name: 'TypeScript', language: 'typescript', argv: [], resources },
      create: async options => {
        const made = new LiteKernel(options, begin);
        running.set(made.id, made);
        setTimeout(() => made.warmUp(), SOON);
        return made;
      },
    });
    // JupyterLite's own only forgets the cells that wait, and tells no kernel
    client.interrupt = async id => running.get(id)?.interrupt();
  },
};

export default [kernel];
