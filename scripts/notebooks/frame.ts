/** The frame that every lesson has in both languages: its heads, their order, and what stands under them. */
import { type Language, type Notebook, titleOf } from './notebook';

/** The frame's words. */
interface Frame {
  question: string;
  asks: RegExp;
  afterwards: string;
  /** First column of the table in the head. */
  rows: readonly string[];
  breakIt: string;
  /** The last numbered sections. */
  ending: readonly string[];
  solution: string;
  summary: string;
  next: string;
  references: string;
}

const FRAMES: Record<Language, Frame> = {
  en: {
    question: '**The question.** ',
    asks: /\?/,
    afterwards: '**After this lesson you can**',
    rows: ['Time', 'Memory', 'Before this', 'Code'],
    breakIt: 'Break it',
    ending: ['Exercises', 'Quiz', 'Metrics card'],
    solution: 'Solution',
    summary: '## Summary',
    next: '**Next:** ',
    references: '## References',
  },
  zh: {
    question: '**问题。** ',
    asks: /？/,
    afterwards: '**学完本课，你能够**',
    rows: ['时间', '内存', '先修课', '代码'],
    breakIt: '把它弄坏',
    ending: ['练习', '小测验', '指标卡'],
    solution: '参考答案',
    summary: '## 小结',
    next: '**下一课：** ',
    references: '## 参考文献',
  },
};

/** A lesson in a series. */
export interface Place {
  /** File name without its ending: '03-bayes'. */
  name: string;
  /** Name of the lesson that follows; undefined for the last. */
  next: string | undefined;
}

/** What of the frame a lesson lacks, one sentence each. */
export function frameProblems(notebook: Notebook, language: Language, { name, next }: Place): string[] {
  const frame = FRAMES[language];
  const texts = notebook.cells.filter(cell => cell.cell_type === 'markdown').map(cell => cell.source);
  return [
    ...headProblems(texts[0] ?? '', frame, name.slice(0, 2)),
    ...sectionProblems(texts, frame),
    ...exerciseProblems(texts, frame),
    ...endProblems(texts.at(-1) ?? '', frame, next),
  ];
}

function headProblems(head: string, frame: Frame, number: string): string[] {
  const rows = [...head.matchAll(/^\| ([^|]+?) \| /gm)].map(match => match[1]);
  const question = head.split('\n\n').find(paragraph => paragraph.startsWith(frame.question)) ?? '';
  const [before, after = ''] = head.split(`\n\n${frame.afterwards}\n\n`);
  return [
    !head.startsWith(`# ${number} · `) && `the title does not begin with '# ${number} · '`,
    !frame.asks.test(question) && `no paragraph '${frame.question}…' with a question in the head`,
    !(before.includes(frame.question) && /^- .*\n- /.test(after)) &&
      `no list under '${frame.afterwards}' after the question`,
    frame.rows.some((row, i) => rows[i] !== row) &&
      `the head's table has the rows ${rows}, expected ${frame.rows} first`,
  ].filter(problem => problem !== false);
}

function sectionProblems(texts: readonly string[], frame: Frame): string[] {
  const heads = texts.flatMap(text => [...text.matchAll(/^## (?:(\d+) · )?(.+)$/gm)]);
  const numbered = heads.filter(match => match[1]);
  const ending = numbered.slice(-frame.ending.length).map(match => match[2]);
  const broken = texts.some(text => new RegExp(`^#{2,3} (?:\\d+ · )?${frame.breakIt}`, 'm').test(text));
  return [
    numbered.some((match, i) => Number(match[1]) !== i + 1) && `sections are numbered ${numbered.map(m => m[1])}`,
    ending.join() !== frame.ending.join() && `the last sections are ${ending}, expected ${frame.ending}`,
    !broken && `no section '${frame.breakIt}'`,
    heads
      .slice(-2)
      .map(match => match[0])
      .join() !== `${frame.summary},${frame.references}` &&
      `the lesson does not end with '${frame.summary}' and '${frame.references}'`,
  ].filter(problem => problem !== false);
}

/** Exercises are numbered in bold, and a solution is folded away for each. */
function exerciseProblems(texts: readonly string[], frame: Frame): string[] {
  const all = texts.join('\n\n');
  const start = all.search(new RegExp(`^## \\d+ · ${frame.ending[0]}$`, 'm'));
  const end = all.search(new RegExp(`^## \\d+ · ${frame.ending[1]}$`, 'm'));
  const part = all.slice(start, end);
  const numbers = [...part.matchAll(/^\*\*(\d+)\.[ *]/gm)].map(match => Number(match[1]));
  const solutions = part.split(`<details><summary>${frame.solution}</summary>`).length - 1;
  return [
    (numbers.length < 3 || numbers.some((n, i) => n !== i + 1)) && `exercises are numbered ${numbers}`,
    solutions !== numbers.length && `${numbers.length} exercises, but ${solutions} solutions`,
  ].filter(problem => problem !== false);
}

function endProblems(end: string, frame: Frame, next: string | undefined): string[] {
  const [summary, references = ''] = end.split(`\n\n${frame.references}\n\n`);
  const link = new RegExp(`^${frame.next.replace(/[*]/g, '\\*')}\\[[^\\]]+\\]\\((.+?)\\.ipynb\\)`, 'm').exec(
    summary,
  )?.[1];
  return [
    !summary.startsWith(`${frame.summary}\n\n- `) && 'the summary is no list',
    !/^(- .+\n?)+$/.test(references) && 'the references are no list',
    link !== next && `the next lesson is ${link}, expected ${next}`,
  ].filter(problem => problem !== false);
}

/** Links to other notebooks whose words do not carry the notebook's title, up to its colon. */
export function untitledLinks(notebook: Notebook, titles: ReadonlyMap<string, string>): string[] {
  const links = notebook.cells
    .filter(cell => cell.cell_type === 'markdown')
    .flatMap(cell => [...cell.source.matchAll(/\[([^\]\n]*)\]\(([\w-]+)\.ipynb\)/g)]);
  return links.filter(([, words, to]) => !words.includes(titles.get(to) ?? '')).map(([link]) => link);
}

/** A notebook's title without its number and what follows a colon: '# 03 · Bayes: how …' → 'Bayes'. */
export const shortTitle = (notebook: Notebook): string =>
  titleOf(notebook)
    .replace(/^\d+ · /, '')
    .split(/：|: /)[0];
