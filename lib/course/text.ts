/** Words for readers: a lesson says each sentence in both languages, and a page shows its own. */
import { pageLanguage } from '../i18n/language';
import { html, Markup } from '../runtime/html';
import { minusInText } from '../runtime/numbers';

/** Prose in both languages; or one string: English that the dictionary translates, a formula, a name. */
export type Text = string | { en: string; zh: string };

/** The text in the language of the page. */
export const plain = (text: Text): string => (typeof text === 'string' ? text : text[pageLanguage()]);

/** `Code` in backticks, a formula between dollars, or what stands between them. */
const PARTS = /`([^`]+)`|\$[^$]+\$|[^`$]+/g;

/** The same as HTML, amounts with their minus sign. `Code` in backticks becomes code; $…$ is left to MathJax. */
export const prose = (text: Text): Markup =>
  new Markup(
    html`${plain(text)}`.source.replace(PARTS, (part, code: string | undefined) => {
      if (code !== undefined) return `<code>${code}</code>`;
      return part.startsWith('$') ? part : minusInText(part);
    }),
  );

/** A block with a coloured edge; the words carry the meaning, the colour only repeats it. */
export const card = (colour: string, content: Markup): Markup =>
  html`<div style="border-left: 4px solid ${colour}; padding: 4px 12px; margin: 8px 0px">${content}</div>`;
