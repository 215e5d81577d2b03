/** A JupyterLab of its own, on a copy of some notebooks, driven through a browser as a reader would. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, KeyInput, Page } from 'puppeteer-core';
import { languageOf } from '../../lib/i18n/language';
import { pythonInVenv } from './command';
import type { Cell } from './notebook';

export interface JupyterLab {
  /**
   * Address with its token: of JupyterLab, or of one of its notebooks, in a workspace of its own, so that the page shows
   * that notebook alone and not also what another page had open.
   */
  url(file?: string): string;
  /** The copy of a notebook that this JupyterLab opens. */
  copyOf(file: string): string;
  /** Its path as JupyterLab knows it. */
  placeOf(file: string): string;
  stop(): Promise<void>;
}

interface LabOptions {
  /** Whether saved HTML and SVG is shown as after a run. A fresh clone is not trusted. */
  trusted?: boolean;
  /** Further settings: 'package/plugin' → its values. */
  settings?: Record<string, Record<string, unknown>>;
}

/** Chinese notebooks lie in a folder of their own, as in the course. */
const placeOf = (file: string): string =>
  languageOf(file) === 'zh' ? `zh/${path.basename(file)}` : path.basename(file);

const workspaceOf = (file: string): string =>
  placeOf(file)
    .replace(/\.ipynb$/, '')
    .replace(/\W/g, '-');

/** Settings of the test's JupyterLab: English menus, every cell in the page even when it is out of sight. */
const SETTINGS = {
  '@jupyterlab/translation-extension/plugin': { locale: 'en' },
  '@jupyterlab/notebook-extension/tracker': { windowingMode: 'none', recordTiming: true },
  '@jupyterlab/docmanager-extension/plugin': { autosave: false },
  '@jupyterlab/apputils-extension/notification': { fetchNews: 'false', checkForUpdates: false },
};

/** A busy machine may take so long to open a notebook or to start its kernel, in ms. */
const OPENED = 180_000;

/** Starts JupyterLab on copies of the files; resolves once it answers. */
export async function startJupyterLab(
  files: string[],
  environment: Record<string, string> = {},
  { trusted = true, settings = {} }: LabOptions = {},
): Promise<JupyterLab> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-jupyter-'));
  const notebooks = path.join(home, 'notebooks');
  fs.mkdirSync(notebooks);
  fs.mkdirSync(path.join(notebooks, 'zh'));
  for (const file of files) fs.copyFileSync(file, path.join(notebooks, placeOf(file)));
  for (const [name, value] of Object.entries({ ...SETTINGS, ...settings })) {
    const file = path.join(home, 'settings', `${name}.jupyterlab-settings`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(value));
  }
  const env = { ...process.env, ...foldersIn(home), JUPYTER_PREFER_ENV_PATH: '1', ...environment };
  // Trusted, the saved outputs are shown as after a run: SVG and HTML included.
  const copies = files.map(file => path.join(notebooks, placeOf(file)));
  if (trusted) spawnSync(pythonInVenv(), ['-m', 'jupyter', 'trust', ...copies], { env, stdio: 'ignore' });
  const token = randomBytes(16).toString('hex');
  const options = [`--ServerApp.root_dir=${notebooks}`, `--IdentityProvider.token=${token}`, '--ServerApp.port=0'];
  const exposed = '--LabApp.expose_app_in_browser=True'; // so that tests can read the notebook's model
  const server = spawn(pythonInVenv(), ['-m', 'jupyterlab', '--no-browser', '--allow-root', exposed, ...options], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const origin = await addressOf(server);
  return {
    url: file => `${origin}/lab${file ? `/workspaces/${workspaceOf(file)}/tree/${placeOf(file)}` : ''}?token=${token}`,
    placeOf,
    copyOf: file => path.join(notebooks, placeOf(file)),
    stop: async () => {
      const ended = new Promise(resolve => server.once('exit', resolve));
      server.kill('SIGTERM');
      const late = setTimeout(() => server.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(late);
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Nothing of the user's own Jupyter is read or changed. */
function foldersIn(home: string): Record<string, string> {
  return {
    JUPYTER_CONFIG_DIR: path.join(home, 'config'),
    JUPYTER_DATA_DIR: path.join(home, 'data'),
    JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: path.join(home, 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: path.join(home, 'workspaces'),
  };
}

function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const late = setTimeout(() => reject(new Error(`JupyterLab did not start within 90 s:\n${log}`)), 90_000);
    server.stderr!.on('data', chunk => {
      log = (log + chunk).slice(-10_000);
      const found = /(http:\/\/(?:localhost|127\.0\.0\.1):[1-9]\d*)\//.exec(log);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1]);
    });
    server.on('exit', code => reject(new Error(`JupyterLab ended (exit ${code}):\n${log}`)));
  });
}

/** Opens a notebook and waits until its kernel is idle. */
export async function openNotebook(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.emulateFocusedPage(true);
  await page.setViewport({ width: 1440, height: 1000 });
  await page.goto(address, { waitUntil: 'domcontentloaded', timeout: 60_000 });
  await page.waitForSelector('.jp-Notebook .jp-Cell', { timeout: 90_000 });
  await untilKernelIdle(page);
  return page;
}

/**
 * Opens a file in a JupyterLab that has others open, and waits until it is the one that is seen and its kernel is idle.
 * The command alone ends before the new tab has come to the front: what follows would go to the old one. And where a busy machine opens
 * another one late, that one takes the front for good: so it is asked for again, as a reader would click on its tab.
 * In a page without the focus, or with a dialog open, JupyterLab leaves the front as it is.
 * @param kernel one that runs already, for the notebook to use; none, and it gets one of its own
 */
export async function openFile(page: Page, place: string, kernel?: Kernel): Promise<void> {
  const asked = performance.now();
  for (let front = false; !front; ) {
    await command(page, 'docmanager:open', { path: place, ...(kernel && { kernel }) });
    front = await comesToFront(page, place).catch(error => {
      if (error.name !== 'TimeoutError') throw error;
      return false;
    });
    if (!front && performance.now() - asked > OPENED)
      throw new Error(`${place} did not come to the front: ${await whatIsInFront(page)}`);
  }
  await untilKernelIdle(page);
}

/** What keeps a file from the front: the widget that has it, the notebooks that are seen, an open dialog, the element with the focus. */
function whatIsInFront(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { shell } = (window as unknown as LabWindow).jupyterapp;
    const { currentWidget: current } = shell;
    return JSON.stringify({
      current: current && { path: current.context?.path, ready: current.context?.isReady, visible: current.isVisible },
      open: Array.from(shell.widgets('main'), ({ context }) => context?.path),
      seen: document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden)').length,
      dialogs: Array.from(document.querySelectorAll('.jp-Dialog'), dialog => dialog.textContent),
      focus: `${document.activeElement?.tagName} ${document.activeElement?.className}`,
    });
  });
}

async function comesToFront(page: Page, place: string): Promise<boolean> {
  await page.waitForFunction(
    path => {
      const current = (window as unknown as LabWindow).jupyterapp.shell.currentWidget;
      const seen = document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden)');
      return current?.context?.path === path && current.context.isReady && current.isVisible && seen.length === 1;
    },
    { timeout: 20_000, polling: 100 },
    place,
  );
  return true;
}

/** Waits for the kernel of the notebook that is seen. */
export async function untilKernelIdle(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
      const name = panel?.querySelector('.jp-KernelName, .jp-Toolbar-kernelName')?.textContent;
      const status = panel?.querySelector('.jp-Notebook-ExecutionIndicator')?.getAttribute('data-status');
      return name === 'TypeScript' && status === 'idle' && panel?.querySelector('.jp-Notebook .jp-Cell') !== null;
    },
    { timeout: OPENED, polling: 200 },
  );
}

/** Runs one of JupyterLab's commands: `command(page, 'docmanager:open', { path })`. */
export function command(page: Page, id: string, args: Arguments = {}): Promise<void> {
  return page.evaluate(
    async (name, values) => {
      await (window as unknown as LabWindow).jupyterapp.commands.execute(name, values);
    },
    id,
    args,
  );
}

/** The same without waiting for its end, as for a Run All that is to be stopped. */
export function begin(page: Page, id: string): Promise<void> {
  return page.evaluate(name => {
    void (window as unknown as LabWindow).jupyterapp.commands.execute(name, {});
  }, id);
}

/** The kernel of a notebook that is open. */
export function kernelOf(page: Page, place: string): Promise<Kernel> {
  return page.evaluate(async path => {
    const { sessions } = (window as unknown as LabWindow).jupyterapp.serviceManager;
    await sessions.refreshRunning();
    const { kernel } = Array.from(sessions.running()).find(session => session.path === path)!;
    return { id: kernel.id, name: kernel.name };
  }, place);
}

/**
 * Closes a notebook's tab, wherever in JupyterLab it is, and ends its kernel, which would stay in memory and wait.
 * @param options.keep the kernel stays, for the next notebook
 */
export async function closeNotebook(page: Page, place: string, { keep = false } = {}): Promise<void> {
  await page.evaluate(
    async (path, kept) => {
      const { shell, serviceManager } = (window as unknown as LabWindow).jupyterapp;
      for (const widget of Array.from(shell.widgets('main'))) if (widget.context?.path === path) widget.close();
      if (kept) return;
      const { sessions } = serviceManager;
      await sessions.refreshRunning();
      const running = Array.from(sessions.running()).filter(session => session.path === path);
      await Promise.all(running.map(({ id }) => sessions.shutdown(id)));
    },
    place,
    keep,
  );
  await page.waitForFunction(
    path =>
      Array.from((window as unknown as LabWindow).jupyterapp.shell.widgets('main')).every(
        ({ context }) => context?.path !== path,
      ),
    { timeout: 30_000, polling: 100 },
    place,
  );
}

/** Chooses an entry of JupyterLab's main menu, as a mouse would. */
export async function chooseMenu(page: Page, menu: string, command: string): Promise<void> {
  const bar = await page.waitForSelector(
    `::-p-xpath(//div[contains(@class,"lm-MenuBar-itemLabel")][text()="${menu}"])`,
  );
  await bar!.click();
  const entry = await page.waitForSelector(`.lm-Menu-item[data-command="${command}"]`, { timeout: 10_000 });
  await entry!.click();
}

export interface NotebookState {
  /** Code cells that are queued or running. */
  waiting: number;
  /** Code cells with an execution count. */
  ran: number;
  /** Error outputs: 'cell: name: message'. */
  errors: string[];
  /** Live charts drawn: Vega's and plotly's. */
  charts: number;
}

/** A kernel that runs, as JupyterLab names it. */
export interface Kernel {
  id: string;
  name: string;
}

/** What a command of JupyterLab is told. */
type Arguments = Record<string, string | Kernel>;

interface LabWindow {
  jupyterapp: {
    shell: {
      currentWidget: {
        context?: { path: string; isReady: boolean };
        isVisible: boolean;
        content: { model: { cells: Iterable<{ toJSON(): Cell }> } };
      } | null;
      widgets(area: string): Iterable<{ context?: { path: string }; close(): void }>;
    };
    commands: { execute(id: string, args: Arguments): Promise<unknown> };
    serviceManager: {
      sessions: {
        refreshRunning(): Promise<void>;
        running(): Iterable<{ id: string; path: string; kernel: Kernel }>;
        shutdown(id: string): Promise<void>;
      };
    };
  };
}

/** What the open notebook holds, and which charts a reader sees in it. */
export function notebookState(page: Page): Promise<NotebookState> {
  // No named function inside: tsx would wrap it in a helper that the page does not have.
  return page.evaluate(() => {
    const { model } = (window as unknown as LabWindow).jupyterapp.shell.currentWidget!.content;
    const cells = Array.from(model.cells, cell => cell.toJSON()).filter(cell => cell.cell_type === 'code');
    const prompts = Array.from(document.querySelectorAll('.jp-CodeCell .jp-InputPrompt'), e => e.textContent ?? '');
    const charts = document.querySelectorAll(
      '.jp-OutputArea :is(.vega-embed :is(svg, canvas), .js-plotly-plot .main-svg:first-child)',
    );
    return {
      waiting: prompts.filter(text => text.includes('*')).length,
      ran: cells.filter(cell => typeof cell.execution_count === 'number').length,
      errors: cells
        .flatMap(cell => (cell.outputs ?? []).map(output => ({ id: cell.id, ...output })))
        .filter(output => output.output_type === 'error')
        .map(({ id, ename, evalue }) => `${id}: ${ename}: ${evalue}`),
      charts: Array.from(charts, e => e.getBoundingClientRect()).filter(box => box.width > 100 && box.height > 50)
        .length,
    };
  });
}

/** Waits until no cell is queued or running any more. */
export async function untilDone(page: Page, seconds: number): Promise<NotebookState> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, 1000));
    const state = await notebookState(page);
    const idle = await page.$(
      '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator[data-status="idle"]',
    );
    if (state.waiting === 0 && idle) return state;
    if (performance.now() > end) throw new Error(`still running after ${seconds} s: ${JSON.stringify(state)}`);
  }
}

/** A key with another held down: `press(page, 'Control', 's')`. */
export async function press(page: Page, held: 'Control' | 'Shift', key: KeyInput): Promise<void> {
  await page.keyboard.down(held);
  await page.keyboard.press(key);
  await page.keyboard.up(held);
}

/** Types into an editor, once it has the focus: a click that comes while the page still moves may go beside it. */
export async function typeInto(page: Page, editor: string, text: string): Promise<void> {
  const focused = (selector: string) => document.activeElement === document.querySelector(selector);
  for (let tries = 0; tries < 20 && !(await page.evaluate(focused, editor)); tries++) {
    await page.click(editor);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  if (!(await page.evaluate(focused, editor))) throw new Error(`${editor} does not take the focus`);
  await page.keyboard.type(text);
}
