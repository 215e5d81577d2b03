/** The words of the extension: English in the code, Chinese in lib/i18n. */

import { type Language, languageOf } from '../../lib/i18n/language';
import chinese from '../../lib/i18n/zh/jupyterlab.json';

let interfaceLanguage: Language = 'en';

/** @param code JupyterLab's own, such as 'zh_CN' */
export function setInterfaceLanguage(code: string): void {
  interfaceLanguage = code.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export const language = (): Language => interfaceLanguage;

/** A lesson's own language; other notebooks speak that of the menus. */
export function languageOfPage(path: string): Language {
  if (languageOf(path) === 'zh') return 'zh';
  return path.includes('/') ? interfaceLanguage : 'en';
}

/** The text with its {numbers} and names filled in. */
export function say(
  text: keyof typeof chinese,
  wanted = interfaceLanguage,
  values: Record<string, unknown> = {},
): string {
  const words = wanted === 'zh' ? chinese[text] : text;
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
