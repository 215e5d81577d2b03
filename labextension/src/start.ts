/** Opens the start page where JupyterLab would show its launcher, and knows the reader's language and progress. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, type Palette } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry, type Registry } from '@jupyterlab/settingregistry';
import { ITranslator, type Translator } from '@jupyterlab/translation';
import type { Language } from '../../lib/i18n/language';
import { Progress } from './progress';
import { StartPage } from './start-page';
import { say, setInterfaceLanguage } from './words';

const ID = 'latentlab-start';
/** Set while the page is loaded anew in another language: the reader comes back to the start page. */
const CHOSEN = 'latentlab-language';
const COMMAND = 'latentlab:start-page';

export const start: JupyterFrontEndPlugin = {
  id: 'latentlab:start',
  description: 'The start page: lessons, progress, language.',
  autoStart: true,
  requires: [INotebookTracker, ISettingRegistry, ITranslator],
  optional: [ICommandPalette],
  activate: async (
    app: JupyterFrontEnd,
    tracker: NotebookTracker,
    registry: Registry,
    translator: Translator,
    palette: Palette | null,
  ) => {
    const linked = namesNotebook(location); // JupyterLite takes it out of the address when it has read it
    setInterfaceLanguage(translator.languageCode);
    const progress = new Progress(await registry.load('latentlab:start').catch(() => undefined));
    progress.watch(tracker, app.restored);
    const open = async (path: string) => {
      if (path.endsWith('.ipynb')) return void (await app.commands.execute('docmanager:open', { path }));
      await app.commands.execute('filebrowser:activate');
      const isThere = app.serviceManager.contents.get(path, { content: false });
      const folder = await isThere.then(
        () => path,
        () => path.split('/')[0], // the reader has no use for languages
      );
      await app.commands.execute('filebrowser:open-path', { path: folder });
    };
    const speak = async (wanted: Language) => {
      await registry.set('@jupyterlab/translation-extension:plugin', 'locale', wanted === 'zh' ? 'zh_CN' : 'en');
      sessionStorage.setItem(CHOSEN, wanted);
      location.reload();
    };
    let page: MainAreaWidget | undefined;
    const show = (activate = true) => {
      if (!page || page.isDisposed) {
        page = new MainAreaWidget({
          content: new StartPage(progress, {
            open: path => void open(path),
            speak: wanted => void speak(wanted),
          }),
        });
        page.id = ID;
        page.title.label = say('Start');
        page.title.closable = true;
      }
      if (!page.isAttached) app.shell.add(page, 'main', { activate });
      if (activate) app.shell.activateById(ID);
    };
    app.commands.addCommand(COMMAND, { label: () => say('Start page of the course'), execute: () => show() });
    palette?.addItem({ command: COMMAND, category: 'LatentLab' });
    void app.restored.then(() => setTimeout(() => atStart(app, linked, show), 0));
  },
};

/** A reader who follows a link to a notebook, or had some open, finds these, and the start page in a tab beside; others find the start page. */
function atStart(app: JupyterFrontEnd, linked: boolean, show: (activate: boolean) => void): void {
  const open = [...app.shell.widgets('main')];
  const documents = open.filter(({ id }) => !id.startsWith('launcher'));
  const chosen = sessionStorage.getItem(CHOSEN) !== null;
  sessionStorage.removeItem(CHOSEN);
  if (linked && !chosen) {
    show(false); // the notebook is still to come
    return;
  }
  show(documents.length === 0 || chosen);
  for (const launcher of open) if (!documents.includes(launcher)) launcher.dispose();
  if (documents.length === 0) app.shell.collapseLeft?.();
}

/** As JupyterLab writes the address of a notebook, or as JupyterLite does. */
const namesNotebook = ({ pathname, search }: Location): boolean =>
  pathname.includes('/tree/') || new URLSearchParams(search).has('path');
