import { pageLanguage } from '../i18n/language';
import { type Figure, table } from '../plot';
import { TERMS } from './terms';

/** One term in both languages. */
export interface Term {
  topic: string;
  /** First the usual form, then others; Chinese likewise. */
  en: string[];
  zh: string[];
  /** Its sign in formulas; empty where it has none. */
  symbol: string;
  says: { en: string; zh: string };
}

/** All terms of the course, by topic. */
export const glossary: readonly Term[] = Object.entries(TERMS).flatMap(([topic, lines]) =>
  lines
    .trim()
    .split('\n')
    .map(line => parse(topic, line)),
);

function parse(topic: string, line: string): Term {
  const parts = line.split('::').map(part => part.trim());
  if (parts.length !== 5)
    throw new Error(`glossary, ${topic}: expected 5 parts between ' :: ', got ${parts.length} in '${line}'`);
  const [en, zh, symbol, saysEn, saysZh] = parts;
  return { topic, en: en.split(', '), zh: zh.split(', '), symbol, says: { en: saysEn, zh: saysZh } };
}

/**
 * The term with this English form, in any case and number.
 * @example term('Gradients')?.zh // → ['梯度']
 */
export function term(name: string): Term | undefined {
  const wanted = name.toLowerCase();
  return glossary.find(
    t =>
      t.en.some(form => [form, `${form}s`, `${form}es`].some(f => f.toLowerCase() === wanted)) ||
      t.symbol.toLowerCase() === wanted,
  );
}

/**
 * A topic's terms as a table in the language of the page; without a topic, all of them.
 * @example glossaryTable()
 */
export function glossaryTable(topic?: string): Figure {
  const chosen = topic === undefined ? glossary : glossary.filter(t => t.topic === topic);
  if (chosen.length === 0) throw new Error(`no glossary topic '${topic}'; there are ${Object.keys(TERMS).join(', ')}`);
  const language = pageLanguage();
  return table(
    chosen.map(({ en, zh, symbol, says }) => ({
      ...(language === 'zh' ? { 术语: zh[0], English: en[0] } : { term: en[0] }),
      symbol,
      meaning: says[language],
    })),
  );
}

/** A first mention 中文（English） in a Chinese text. */
export interface Mention {
  zh: string;
  en: string;
}

/** All 中文（English） in a text; English is a word or words without digits or quotes. */
export function mentions(text: string): Mention[] {
  return [
    ...text
      .replace(/\[([^\]\n]*)\]\([^)\n]*\)|\*/g, '$1')
      .matchAll(/((?:[A-Za-z]+ ?)?[\u4e00-\u9fff]+(?: ?[A-Z]+ ?[\u4e00-\u9fff]+)?)（([A-Za-zé][A-Za-zé '’–-]*)）/g),
  ].map(([, zh, en]) => ({ zh, en }));
}

/** Whether a mention uses the glossary's Chinese word for its English term. */
export function isListed({ zh, en }: Mention): boolean {
  const found = term(en);
  return found?.zh.some(form => zh.endsWith(form)) ?? false;
}
