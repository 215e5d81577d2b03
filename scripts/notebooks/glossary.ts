/** The glossary as a notebook in each language, and the links from lessons' first mentions to its terms. */
import { glossary, type Term, term } from '../../lib/course/glossary';
import { headingId } from './links';
import type { Cell, Language, Notebook } from './notebook';

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

The course's terms with their names in both languages, one line each. Lessons link here where they use a term for the first time; the number behind a term leads back to the first lesson that does. Symbols of formulas are collected in [Notation](notation.ipynb).`,
  zh: `# 术语表

课程里的术语，每个一行，中英对照。各课第一次用到某个术语时，会链接到这里；术语后面的编号则带你回到最先用到它的那一课。公式里的符号见[符号约定](notation.ipynb)。`,
};

const linkTo = (t: Term): string => `${GLOSSARY}.ipynb#${encodeURI(headingId(t.en[0]))}`;

/** The whole glossary; `lessons` are the course's notebooks by name, from which the first mention of a term is found. */
export function glossaryNotebook(
  language: Language,
  lessons: ReadonlyMap<string, Notebook>,
  metadata: Notebook['metadata'],
): Notebook {
  const texts = [...lessons].map(([name, { cells }]) => ({
    name,
    text: cells.map(cell => (cell.cell_type === 'markdown' ? cell.source : '')).join('\n'),
  }));
  const firstIn = (t: Term) => texts.find(({ text }) => text.includes(`](${linkTo(t)})`))?.name;
  const topics = [...new Set(glossary.map(t => t.topic))];
  const cells = topics.map((topic): Cell => {
    const [en, zh] = TOPICS[topic] ?? [topic, topic];
    const entries = glossary.filter(t => t.topic === topic).map(t => entry(t, language, firstIn(t)));
    return markdown(topic, [`## ${language === 'en' ? en : zh}`, ...entries].join('\n\n'));
  });
  return { cells: [markdown('title', INTRO[language]), ...cells], metadata, nbformat: 4, nbformat_minor: 5 };
}

const markdown = (id: string, source: string): Cell => ({ cell_type: 'markdown', id, metadata: {}, source });

/** A heading that links can lead to, the term's names in both languages, and its line in the reader's. */
function entry(t: Term, language: Language, lesson: string | undefined): string {
  const names = [...t.en.slice(1), ...t.zh].join(', ');
  const symbol = t.symbol ? ` · \`${t.symbol}\`` : '';
  const back = lesson ? ` [${lesson.split('-')[0]}](${lesson}.ipynb)` : '';
  return `### ${t.en[0]}\n\n**${names}**${symbol} · ${t.says[language]}${back}`;
}

/**
 * The notebook with the first mention of each term linked to the glossary; what is linked already stays. An English text
 * names a term in bold; where it does not, `named` says which terms a cell introduces: those that its Chinese text does.
 */
export function linkFirstMentions(notebook: Notebook, language: Language, named: TermsByCell = new Map()): Notebook {
  const seen = new Set<Term>();
  const cells = notebook.cells.map(cell => {
    if (cell.cell_type !== 'markdown') return cell;
    return { ...cell, source: linkedText(cell.source, text => mentionsIn(text, language, named.get(cell.id)), seen) };
  });
  return { ...notebook, cells };
}

/** Cell id → terms that it mentions. */
export type TermsByCell = ReadonlyMap<string, readonly Term[]>;

/** Terms of each cell of a Chinese notebook, which names them as 中文（English）. */
export const termsByCell = (chinese: Notebook): TermsByCell =>
  new Map(
    chinese.cells.map(({ id, source }) => [
      id,
      [...unlinked(source).matchAll(MENTION.zh)].flatMap(match => term(match[2]) ?? []),
    ]),
  );

/** Parts of a text that stay as they are: code, formulas, headings; and links, which may be ours. */
const KEPT =
  /```[\s\S]*?```|`[^`\n]*`|\$\$[\s\S]*?\$\$|\$[^$\n]*\$|^#.*$|<summary>.*?<\/summary>|\[[^\]\n]*\]\([^)\n]*\)/gm;
/** '**term**', and '术语（term）' with or without stars around the Chinese. */
const MENTION = { en: /\*\*([A-Za-zé][A-Za-zé '’–-]*)\*\*/g, zh: /(\*{0,2})（([A-Za-zé][A-Za-zé '’–-]*)）/g };

/** Words of a text that name a term. */
interface Span {
  at: number;
  words: string;
  term: Term;
}

function linkedText(source: string, find: (prose: string) => Span[], seen: Set<Term>): string {
  const text = unlinked(source);
  let done = '';
  let from = 0;
  for (const kept of [...text.matchAll(KEPT), { index: text.length, 0: '' }]) {
    const prose = text.slice(from, kept.index);
    done += linkedProse(prose, find(prose), seen) + kept[0];
    from = kept.index + kept[0].length;
  }
  return done;
}

/** Without links to the glossary, so that linking again gives the same text. */
const unlinked = (text: string) =>
  text.replace(new RegExp(`\\[([^\\]\\n]*)\\]\\(${GLOSSARY}\\.ipynb#[^)\\n]*\\)`, 'g'), '$1');

function linkedProse(text: string, spans: Span[], seen: Set<Term>): string {
  let linked = '';
  let from = 0;
  for (const { at, words, term } of spans.sort((a, b) => a.at - b.at)) {
    if (seen.has(term) || at < from) continue;
    seen.add(term);
    linked += `${text.slice(from, at)}[${words}](${linkTo(term)})`;
    from = at + words.length;
  }
  return linked + text.slice(from);
}

function mentionsIn(text: string, language: Language, named: readonly Term[] = []): Span[] {
  const marked = [...text.matchAll(MENTION[language])].flatMap((match): Span[] => {
    const found = term(match[language === 'en' ? 1 : 2]);
    if (!found) return [];
    if (language === 'en') return [{ at: match.index, words: match[0], term: found }];
    const span = chineseBefore(text, match, found);
    return span ? [{ ...span, term: found }] : [];
  });
  const plain = named.flatMap((found): Span[] => {
    const forms = [...found.en]
      .sort((a, b) => b.length - a.length)
      .map(form => form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const match = new RegExp(`\\b(?:${forms.join('|')})(?:s|es)?\\b`, 'i').exec(text);
    return match ? [{ at: match.index, words: match[0], term: found }] : [];
  });
  return [...marked, ...(language === 'en' ? plain : [])];
}

/**
 * The term's Chinese word right before the bracket, with the stars that enclose it, or it and the bracket. Where stars open
 * right before the word and close later, a link would keep them from opening: no span.
 */
function chineseBefore(text: string, match: RegExpMatchArray, { zh }: Term): Omit<Span, 'term'> | undefined {
  const stars = match[1];
  const before = text.slice(0, match.index);
  const form = zh.filter(word => before.endsWith(word)).sort((a, b) => b.length - a.length)[0];
  if (!form) return undefined;
  const at = before.length - form.length;
  const opened = /\*{0,2}$/.exec(before.slice(0, at))?.[0] ?? '';
  if (opened === '') return { at, words: form };
  if (opened === stars) return { at: at - stars.length, words: stars + form + stars };
  const closed = text.slice(match.index).startsWith(match[0] + opened);
  return closed ? { at: at - opened.length, words: opened + form + match[0] + opened } : undefined;
}
