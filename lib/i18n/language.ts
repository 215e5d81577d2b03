/** Which of the course's two languages a page speaks. */
import { kernel } from '../runtime/display';

export type Language = 'en' | 'zh';

/** A notebook of the folder `zh` is Chinese; `notebook` is its path, or its folder. */
export const languageOf = (notebook: string): Language => (notebook.split(/[\\/]/).includes('zh') ? 'zh' : 'en');

/** Path of the notebook that this process runs, as Jupyter's server tells it; else the folder in which it was started. */
export const notebookOf = (environment: NodeJS.ProcessEnv = process.env, folder = process.cwd()): string =>
  environment.JPY_SESSION_NAME?.endsWith('.ipynb') ? environment.JPY_SESSION_NAME : folder;

let chosen: Language | undefined;

/**
 * The language of the page that is being written.
 * @example pageLanguage() // → en
 */
export function pageLanguage(): Language {
  if (chosen) return chosen;
  if (!kernel()) return 'en'; // scripts and tests speak English
  const fromName = languageOf(notebookOf());
  return fromName === 'zh' ? 'zh' : languageOf(process.cwd());
}

/**
 * Switches the language of what follows in this notebook: figures, tables, cards, errors, TypeScript's messages.
 * @example language('en')
 */
export function language(wanted: Language): void {
  if (wanted !== 'en' && wanted !== 'zh') throw new Error(`expected the language 'en' or 'zh', got '${wanted}'`);
  chosen = wanted;
  kernel()?.speak?.(wanted);
}
