/** The language of JupyterLab's menus and of the start page: `npm start -- --lang zh`, the same choice as in its Settings menu. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from './shell';

const LOCALES: Record<string, string> = { en: 'en', zh: 'zh_CN' };

/**
 * Writes the choice where JupyterLab keeps the reader's settings, and returns the other arguments.
 * @throws SetupError for a language that the course does not have
 */
export function chooseLanguage(argv: string[], environment: NodeJS.ProcessEnv = process.env): string[] {
  const at = argv.findIndex(word => word === '--lang' || word.startsWith('--lang='));
  if (at < 0) return argv;
  const joined = argv[at].startsWith('--lang=');
  const wanted = joined ? argv[at].slice('--lang='.length) : argv[at + 1];
  const locale = LOCALES[wanted ?? ''];
  if (!locale) throw new SetupError(`expected --lang en or --lang zh, got ${JSON.stringify(wanted ?? '')}`);
  const file = path.join(
    settingsFolder(environment),
    '@jupyterlab',
    'translation-extension',
    'plugin.jupyterlab-settings',
  );
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...settingsIn(file), locale }, null, 2)}\n`);
  return argv.filter((_, i) => i !== at && (joined || i !== at + 1));
}

/** As JupyterLab finds it. */
function settingsFolder(environment: NodeJS.ProcessEnv): string {
  if (environment.JUPYTERLAB_SETTINGS_DIR) return environment.JUPYTERLAB_SETTINGS_DIR;
  const config = environment.JUPYTER_CONFIG_DIR ?? path.join(environment.HOME ?? os.homedir(), '.jupyter');
  return path.join(config, 'lab', 'user-settings');
}

/** JupyterLab writes comments into its settings. */
function settingsIn(file: string): Record<string, unknown> {
  try {
    const text = readFileSync(file, 'utf8')
      .replace(/^\s*\/\/.*$/gm, '')
      .replace(/\/\*[\s\S]*?\*\//g, '');
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
