/** What JupyterLab finds in .venv: the kernel that runs the notebooks, and the course's settings. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeLabExtension } from './labextension';
import { writePapermillFiles } from './papermill';
import { inProject, venv } from './paths';

const KERNEL_FOLDER = path.join(venv, 'share', 'jupyter', 'kernels', 'tslab');
const OVERRIDES = path.join(venv, 'share', 'jupyter', 'lab', 'settings', 'overrides.json');

/**
 * The kernel's description for Jupyter. Named tslab, so that the notebooks open wherever tslab is installed.
 * After some 550 cells V8 optimises TypeScript's largest functions and needs 120 MB for that, once; with this setting
 * glibc hands them back to the system (elsewhere nobody reads it).
 */
export function kernelSpec() {
  return {
    argv: [process.execPath, inProject('lib', 'kernel', 'launch.cjs'), '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
    interrupt_mode: 'message',
    env: { MALLOC_TRIM_THRESHOLD_: '131072' },
  };
}

/** The states of widgets are saved by the course's own extension (JupyterLab's forgets those of cells that did not run); cells show how long they ran; no news pop-ups; Chinese menus where the system speaks Chinese. */
export function labSettings(language: string): Record<string, unknown> {
  return {
    '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
    '@jupyter-widgets/jupyterlab-manager:plugin': { saveState: false },
    '@jupyterlab/notebook-extension:tracker': { recordTiming: true },
    'jupyterlab-execute-time:settings': { historyCount: 0 }, // its list of earlier runs is in English only
    ...(language.startsWith('zh') && { '@jupyterlab/translation-extension:plugin': { locale: 'zh_CN' } }),
  };
}

/** Writes both; returns true when something changed. */
export function writeJupyterFiles(): boolean {
  const language = process.env.LC_ALL ?? process.env.LANG ?? '';
  const kernel = writeIfChanged(path.join(KERNEL_FOLDER, 'kernel.json'), kernelSpec());
  const logo = path.join(KERNEL_FOLDER, 'logo-svg.svg');
  if (kernel || !existsSync(logo)) copyFileSync(path.join(__dirname, 'kernel-logo.svg'), logo);
  const settings = writeIfChanged(OVERRIDES, labSettings(language));
  const papermill = writePapermillFiles();
  const extension = writeLabExtension();
  return kernel || settings || papermill || extension;
}

function writeIfChanged(file: string, value: unknown): boolean {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  try {
    if (readFileSync(file, 'utf8') === text) return false;
  } catch {}
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return true;
}
