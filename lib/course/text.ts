/** Words for readers of both languages: outputs of a lesson are shared by its English and its Chinese edition. */
import { escapeXml } from '../runtime/html';

/** Prose in both languages, or one string where a formula or a name needs no translation. */
export type Text = string | { en: string; zh: string };

/** Both languages for a terminal, one line each. */
export const plain = (text: Text): string => (typeof text === 'string' ? text : `${text.en}\n${text.zh}`);

/** Both languages on one line. */
export const inline = (text: Text): string => (typeof text === 'string' ? text : `${text.en} / ${text.zh}`);

/** Both languages as HTML, one line each, marked with their language. `Code` in backticks becomes code; $…$ is left to MathJax. */
export function html(text: Text): string {
  if (typeof text === 'string') return marked(text);
  return `<span lang="en">${marked(text.en)}</span><br><span lang="zh">${marked(text.zh)}</span>`;
}

const marked = (text: string): string => escapeXml(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** A block with a coloured edge; the words carry the meaning, the colour only repeats it. */
export const card = (colour: string, content: string): string =>
  `<div style="border-left: 4px solid ${colour}; padding: 4px 12px; margin: 8px 0px">${content}</div>`;
