/** Where a lesson's prose uses a term of the glossary. */
import { glossary, type Term } from '../../lib/course/glossary';
import { EVERYDAY, ONLY } from './everyday';
import type { Language } from './notebook';

/** Words of a text that use a term. */
export interface Use {
  at: number;
  words: string;
  term: Term;
}

/** What is no prose: references, code, formulas, headings, heads of folds, links, tags. */
const KEPT =
  /^(?:## |\*\*)(?:References|参考文献)[\s\S]*|```[\s\S]*?```|`[^`\n]*`|\$\$[\s\S]*?\$\$|\$[^$\n]*\$|^#.*$|<summary>.*?<\/summary>|\[[^\]\n]*\]\([^)\n]*\)|<[^>\n]*>/gm;

/** All uses of terms in a cell's text, in order. A longer term hides those inside it: 'latent prior' is no 'prior'. */
export function usesIn(source: string, language: Language): Use[] {
  const blank = (kept: string) => '\0'.repeat(kept.length);
  const prose = source.replace(KEPT, blank).replace(EVERYDAY[language], blank);
  const { all, each } = patterns(language);
  return [...prose.matchAll(all)].flatMap(({ 0: words, index }) => {
    const term = each.find(([pattern]) => pattern.test(words))?.[1];
    return term ? [{ at: index, words, term }] : [];
  });
}

interface Patterns {
  /** Finds any form of any term, the longest first. */
  all: RegExp;
  /** Tells which term it was. */
  each: [RegExp, Term][];
}

const made = new Map<Language, Patterns>();

function patterns(language: Language): Patterns {
  const known = made.get(language);
  if (known) return known;
  const forms = glossary.flatMap(term => formsOf(term, language).map(form => ({ form, term })));
  forms.sort((a, b) => b.form.length - a.form.length);
  const parts = forms.flatMap(({ form }) => {
    const only = ONLY[language][form];
    return only === null ? [] : [only?.source ?? inflected(form, language)];
  });
  const [before, after] = language === 'en' ? ['(?<![\\w-])', '(?![\\w-])'] : ['', ''];
  const result: Patterns = {
    all: new RegExp(`${before}(?:${parts.join('|')})${after}`, 'gu'),
    each: forms.map(({ form, term }) => [new RegExp(`^(?:${inflected(form, language)})$`, 'u'), term]),
  };
  made.set(language, result);
  return result;
}

/** A term's names in a language, and its abbreviation where it has one: VAE, ELBO, GAN. */
function formsOf(term: Term, language: Language): string[] {
  const abbreviated = /^[A-Za-z-]{2,}$/.test(term.symbol) && /[A-Z].*[A-Z]/.test(term.symbol);
  return [...new Set([...term[language], ...(abbreviated ? [term.symbol] : [])])];
}

/** Terms that are verbs as well. */
const VERB = /^(?:encode|decode|denoise|sample|overfit|underfit|retrieve)$/;

/** A pattern of a form and its inflections; a Latin word in a Chinese text has none, and stands alone. */
function inflected(form: string, language: Language): string {
  const word = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (language === 'zh') return /^[A-Za-z-]+$/.test(form) ? `(?<![A-Za-z-])${word}(?![A-Za-z-])` : word;
  if (/^[A-Z].*[A-Z]|^[a-z]+[A-Z]/.test(form)) return `${word}s?`;
  const cased = (text: string) => text.replace(/^[a-z]/i, first => `[${first.toUpperCase()}${first.toLowerCase()}]`);
  const plurals = [word, `${word}s`, `${word}es`];
  if (word.endsWith('y')) plurals.push(`${word.slice(0, -1)}ies`);
  if (word.endsWith('is')) plurals.push(`${word.slice(0, -2)}es`);
  if (word.endsWith('ix')) plurals.push(`${word.slice(0, -2)}ices`);
  const stem = word.replace(/e$/, '');
  if (VERB.test(form)) plurals.push(`${stem}${stem.endsWith('it') ? 't' : ''}(?:ed|ing)`);
  return plurals.map(cased).reverse().join('|');
}
