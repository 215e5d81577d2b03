/** The glossary as a notebook in each language, and the links from lessons' first mentions to its terms. */
import { glossary, type Term } from '../../lib/course/glossary';
import { headingId } from './links';
import { type Cell, type Language, type Notebook, tagsOf, titleOf } from './notebook';
import { ANSWER_TEXT } from './predictions';
import { type Use, usesIn } from './uses';

/** Name of the glossary's notebook, without its ending. */
export const GLOSSARY = 'glossary';

const TOPICS: Record<string, [en: string, zh: string]> = {
  tensors: ['Tensors and pictures', '张量与图像'],
  probability: ['Probability', '概率'],
  information: ['Information', '信息'],
  training: ['Networks and training', '网络与训练'],
  vae: ['Auto-encoders, GANs', '自编码器与 GAN'],
  diffusion: ['Diffusion', '扩散模型'],
  language: ['Language', '语言'],
  programming: ['Programming', '编程'],
};

const INTRO = {
  en: `# Glossary

The course's terms with their names in both languages, one line each. A lesson links here where it uses a term for the first time; the link behind a term leads back to the lesson that introduces it. Symbols of formulas are collected in [Notation](notation.ipynb).`,
  zh: `# 术语表

课程里的术语，中英对照，每个一句话。各课第一次用到某个术语时，会链接到这里；术语后面的链接则带你回到讲解它的那一课。公式里的符号见[符号约定](notation.ipynb)。`,
};

/** A term's heading: in a Chinese glossary its Chinese name first. */
const headingOf = (t: Term, language: Language): string =>
  language === 'en' || t.zh[0].includes(t.en[0]) ? t[language][0] : `${t.zh[0]}（${t.en[0]}）`;

/** What links to a term lead to, the same in both languages: JupyterLab finds no anchor outside of ASCII. */
const anchorOf = (t: Term): string =>
  headingId(t.en[0])
    .normalize('NFD')
    .replace(/[^ -~]/g, '');

const linkTo = (t: Term): string => `${GLOSSARY}.ipynb#${anchorOf(t)}`;

/** Term → name of the lesson that introduces it. */
export type Introductions = ReadonlyMap<Term, string>;

/** A Chinese text introduces a term as 中文（English）, with or without stars around the Chinese. */
const INTRODUCED = /^\*{0,2}（([A-Za-zé][A-Za-zé '’–-]*)(?:，[A-Za-z-]+)?）/;

/**
 * Where each term is introduced, among the lessons that use it in both languages: the first whose Chinese text defines it
 * (in bold, with its English name), else the first that names its English form, else the first that uses it.
 */
export function introductions(english: Lessons, chinese: Lessons): Introductions {
  const [defined, named, used] = [new Map<Term, string>(), new Map<Term, string>(), new Map<Term, string>()];
  for (const [name, notebook] of chinese) {
    const known = new Set(usesOf(english.get(name), 'en').map(use => use.term));
    for (const { term, bracket, bold } of usesOf(notebook, 'zh')) {
      if (!known.has(term)) continue;
      const names = bracket !== undefined && namedIn(bracket, term);
      if (!used.has(term)) used.set(term, name);
      if (!named.has(term) && names) named.set(term, name);
      if (!defined.has(term) && names && bold) defined.set(term, name);
    }
  }
  return new Map([...used, ...named, ...defined]);
}

/** A language's notebooks by their lessons' names, in order. */
type Lessons = ReadonlyMap<string, Notebook>;

/** All uses in a notebook, with what stands in brackets behind them, and whether they are bold. */
function usesOf(
  notebook: Notebook | undefined,
  language: Language,
): (Use & { bracket: string | undefined; bold: boolean })[] {
  return (notebook?.cells ?? []).flatMap(cell => {
    const { cell_type, source } = cell;
    if (cell_type !== 'markdown' || tagsOf(cell).includes(ANSWER_TEXT)) return [];
    const text = unlinked(source);
    return usesIn(text, language).map(use => ({
      ...use,
      bracket: INTRODUCED.exec(text.slice(use.at + use.words.length))?.[1],
      bold: text.slice(0, use.at).endsWith('**'),
    }));
  });
}

const namedIn = (english: string, { en, symbol }: Term) =>
  [...en, symbol].some(form => form.toLowerCase() === english.replace(/s$/, '').toLowerCase() || form === english);

/** The whole glossary; `lessons` are the course's notebooks of this language by name. */
export function glossaryNotebook(
  language: Language,
  lessons: Lessons,
  introduced: Introductions,
  metadata: Notebook['metadata'],
): Notebook {
  const topics = [...new Set(glossary.map(t => t.topic))];
  const cells = topics.map((topic): Cell => {
    const [en, zh] = TOPICS[topic] ?? [topic, topic];
    const entries = glossary
      .filter(t => t.topic === topic)
      .map(t => entry(t, language, backTo(introduced.get(t), lessons)));
    return markdown(topic, [`## ${language === 'en' ? en : zh}`, ...entries].join('\n\n'));
  });
  return { cells: [markdown('title', INTRO[language]), ...cells], metadata, nbformat: 4, nbformat_minor: 5 };
}

const markdown = (id: string, source: string): Cell => ({ cell_type: 'markdown', id, metadata: {}, source });

/** A link to a lesson with its number and title; nothing without a lesson. */
function backTo(name: string | undefined, lessons: Lessons): string {
  const lesson = name && lessons.get(name);
  return lesson ? ` [${titleOf(lesson).replace(' · ', ' ').split(/：|: /)[0]}](${name}.ipynb)` : '';
}

/** A name's letters alone: forms that differ in accents and marks only are one name to a reader. */
const plain = (name: string) =>
  name
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** A heading that links can lead to, the term's other names, and its line in the reader's language. */
function entry(t: Term, language: Language, back: string): string {
  const heading = headingOf(t, language);
  const others = [...t[language].slice(1), ...t[language === 'en' ? 'zh' : 'en']].filter(
    (name, i, all) => !plain(heading).includes(plain(name)) && all.findIndex(n => plain(n) === plain(name)) === i,
  );
  const names = others.length > 0 ? `**${others.join(language === 'en' ? ', ' : '、')}** · ` : '';
  const symbol = t.symbol ? `\`${t.symbol}\` · ` : '';
  const anchor = headingId(heading) === anchorOf(t) ? '' : `<a id="${anchorOf(t)}"></a>`;
  return `### ${anchor}${heading}\n\n${names}${symbol}${t.says[language]}${back}`;
}

/** The notebook with the first use of each term linked to the glossary. */
export function linkFirstMentions(notebook: Notebook, language: Language): Notebook {
  const seen = new Set<Term>();
  const cells = notebook.cells.map(cell =>
    cell.cell_type === 'markdown' && !tagsOf(cell).includes(ANSWER_TEXT)
      ? { ...cell, source: linked(unlinked(cell.source), language, seen) }
      : cell,
  );
  return { ...notebook, cells };
}

/** Without links to the glossary's terms, so that linking again gives the same text. */
const unlinked = (text: string) =>
  text.replace(new RegExp(`\\[([^\\]\\n]*)\\]\\(${GLOSSARY}\\.ipynb#[^)\\n]*\\)`, 'g'), '$1');

function linked(text: string, language: Language, seen: Set<Term>): string {
  let done = '';
  let from = 0;
  for (const { at, words, term } of usesIn(text, language)) {
    const { start, end } = withStars(text, at, at + words.length);
    if (seen.has(term) || start < from) continue;
    seen.add(term);
    done += `${text.slice(from, start)}[${text.slice(start, end)}](${linkTo(term)})`;
    from = end;
  }
  return done + text.slice(from);
}

/**
 * A span, with the stars of the emphasis that begins or ends with it: a bracket between stars and a letter would keep them
 * from opening or closing, so the whole emphasis becomes the link.
 */
function withStars(text: string, start: number, end: number): { start: number; end: number } {
  for (const run of text.matchAll(/(\*{1,2})(?=[^\s*])[^*\n]*[^\s*]\1(?!\*)/g)) {
    const [from, to, stars] = [run.index, run.index + run[0].length, run[1].length];
    if (from <= start && end <= to && (start === from + stars || end === to - stars)) return { start: from, end: to };
  }
  return { start, end };
}
