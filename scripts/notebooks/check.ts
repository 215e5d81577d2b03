/** What must hold for a notebook before it is given to a reader; each problem is one sentence. */
import { CURRICULUM } from './curriculum';
import {
  type Cell,
  LANGUAGES,
  type Language,
  type Lesson,
  type Notebook,
  type Output,
  readNotebook,
  tagsOf,
} from './notebook';
import { markedIn, numberProblems } from './numbers';
import { isMadeBySync, predictionProblems } from './predictions';
import { differences } from './sync';
import { inChineseOf, inWordsOf } from './translate';

/** An absolute path that exists on one machine only. */
const MACHINE_PATH = /(?<![\w.:/-])(?:\/(?:work|root|home|tmp|Users|private)\/[\w.-]+|[A-Z]:\\Users\\\w+)/;
const LIVE = /^application\/vnd\.(vega|vegalite|plotly)\.v\d+\+json$/;
const MOST_OUTPUT = 2_500_000;
const KERNEL = 'tslab';

/** Problems of a lesson in both languages, the differences between them included. */
export function lessonProblems(lesson: Lesson): string[] {
  const [english, chinese] = LANGUAGES.map(language => readNotebook(lesson.files[language]));
  return [
    ...notebookProblems(english, 'en'),
    ...notebookProblems(chinese, 'zh').map(p => `zh: ${p}`),
    ...predictionProblems(english, 'en'),
    ...predictionProblems(chinese, 'zh', inWordsOf(english, lesson.name)).map(p => `zh: ${p}`),
    ...numberProblems(english, english),
    ...numberProblems(chinese, english).map(p => `zh: ${p}`),
    ...markDifferences(english, chinese),
    ...differences(english, chinese, notebook => inChineseOf(notebook, lesson.name)),
  ];
}

/** Both languages take the same numbers from the same outputs. */
function markDifferences(english: Notebook, chinese: Notebook): string[] {
  const [en, zh] = [english, chinese].map(notebook =>
    markedIn(notebook)
      .map(({ cell, source }) => `${cell}: ${source}`)
      .sort(),
  );
  const alone = (some: string[], others: string[]) => some.filter(mark => !others.includes(mark));
  return [
    ...alone(en, zh).map(mark => `marked number in English only: ${mark}`),
    ...alone(zh, en).map(mark => `marked number in Chinese only: ${mark}`),
  ];
}

/** Problems of one notebook. */
export function notebookProblems(notebook: Notebook, language: Language): string[] {
  const problems: string[] = [];
  const kernel = (notebook.metadata.kernelspec as { name?: string } | undefined)?.name;
  if (kernel !== KERNEL) problems.push(`expected the kernel '${KERNEL}', got '${kernel ?? 'none'}'`);
  const seen = new Set<string>();
  for (const cell of notebook.cells) {
    if (!cell.id || seen.has(cell.id)) problems.push(`cell id '${cell.id ?? ''}' is missing or there twice`);
    seen.add(cell.id);
    problems.push(...cellProblems(cell).map(problem => `cell '${cell.id}': ${problem}`));
  }
  if (language === 'zh') problems.push(...proseProblems(notebook));
  return problems;
}

/** Curriculum ids that a notebook's cells claim to cover. */
export function coveredBy(notebook: Notebook): string[] {
  const tags = notebook.cells.flatMap(tagsOf).filter(tag => tag.startsWith('covers:'));
  return [...new Set(tags.map(tag => tag.slice('covers:'.length)))];
}

function cellProblems(cell: Cell): string[] {
  const problems: string[] = [];
  for (const tag of tagsOf(cell)) {
    if (tag.startsWith('covers:') && !CURRICULUM.includes(tag.slice(7)))
      problems.push(`unknown curriculum id in '${tag}'`);
  }
  const path = MACHINE_PATH.exec(cell.source + JSON.stringify(cell.outputs ?? []))?.[0];
  if (path) problems.push(`a path of one machine: ${path}`);
  problems.push(...(cell.cell_type === 'code' ? codeProblems(cell) : emphasisProblems(cell)));
  return problems;
}

function codeProblems(cell: Cell): string[] {
  const problems: string[] = [];
  const tags = tagsOf(cell);
  if (
    cell.source.trim() &&
    cell.execution_count == null &&
    !tags.some(tag => tag.startsWith('exercise')) &&
    !isMadeBySync(cell)
  ) {
    problems.push('saved without having been run');
  }
  for (const output of cell.outputs ?? []) {
    if (output.output_type === 'error' && !tags.includes('raises-exception')) {
      problems.push(`saved with an error: ${output.ename}: ${output.evalue}`);
    }
    problems.push(...figureProblems(output));
  }
  const size = JSON.stringify(cell.outputs ?? []).length;
  if (size > MOST_OUTPUT) problems.push(`${(size / 1e6).toFixed(1)} MB of outputs, more than ${MOST_OUTPUT / 1e6}`);
  return problems;
}

/** A live figure needs a still picture for GitHub and paper, and every figure words for those who cannot see it. */
function figureProblems(output: Output): string[] {
  const mimes = Object.keys(output.data ?? {});
  const live = mimes.some(mime => LIVE.test(mime));
  const still = mimes.some(mime => mime.startsWith('image/'));
  const problems: string[] = [];
  if (live && !still) problems.push('a live figure without a still picture');
  const text = output.data?.['text/plain'];
  if ((live || still) && (typeof text !== 'string' || text.trim() === ''))
    problems.push('a figure without words (text/plain)');
  return problems;
}

/** Chinese prose should be Chinese: at least 15 % Han characters over all. */
function proseProblems(notebook: Notebook): string[] {
  const prose = notebook.cells
    .filter(cell => cell.cell_type === 'markdown')
    .map(cell => cell.source.replace(/\]\([^)\n]*\)/g, ']'))
    .join('');
  const han = prose.match(/\p{Script=Han}/gu)?.length ?? 0;
  return prose && han < 0.15 * prose.length ? [`hardly any Chinese: ${han} of ${prose.length} characters`] : [];
}

/**
 * Emphasis that stays asterisks on the page: Markdown closes '**' or '*' after punctuation, and opens it before
 * punctuation, only where a space or other punctuation stands on its far side. Chinese has no spaces, so '**问题：**怎么办'
 * is not bold.
 */
function emphasisProblems(cell: Cell): string[] {
  const codeOrMath = /```[\s\S]*?```|`[^`\n]*`|\$\$[\s\S]*?\$\$|\$[^$\n]*\$/g;
  const masked = cell.source.replace(codeOrMath, code => code.replaceAll('*', 'x'));
  return masked.split(/\n\s*\n|\n(?=[-|>#\d])/).flatMap(paragraph => {
    const single = paragraph.replaceAll('**', '').replace(/(?<=[\s\d]|^)\*(?=[\s\d])/g, 'x');
    return [...unclosed(paragraph, '**'), ...unclosed(single, '*')];
  });
}

/** Text between two marks where the first cannot open, or the second cannot close. */
function unclosed(paragraph: string, mark: string): string[] {
  const parts = paragraph.split(mark);
  return parts.flatMap((text, i) => {
    if (i % 2 === 0 || i === parts.length - 1) return [];
    const closes = !(/[\p{P}\p{S}]$/u.test(text) && /^[\p{L}\p{N}]/u.test(parts[i + 1]));
    const opens = !(/^[\p{P}\p{S}]/u.test(text) && /[\p{L}\p{N}]$/u.test(parts[i - 1]));
    const shown = `'${mark}${text}${mark}'`;
    return opens && closes ? [] : [`${shown} will show its asterisks; put the punctuation outside of the emphasis`];
  });
}
