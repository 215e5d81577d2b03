/**
 * Numbers in a lesson's text that an output gives. `<!--=frechet::drawn from N(0, I)::Fréchet distance;0-->212<!--/-->` is the
 * number of that cell's table, in that row and column, with no digits after the point; the sync writes it anew after each run,
 * in both languages, and a test refuses a text that says another. The marks are comments, so a page does not show them.
 */
import { withMinus } from '../../lib/runtime/numbers';
import { allLessons, type Notebook, type Output, readNotebook } from './notebook';

/** A mark, what stands between its ends, and where. */
export interface Marked {
  cell: string;
  source: string;
  text: string;
}

const MARK = /<!--=([^>]+?)-->([\s\S]*?)<!--\/-->/g;

/** A text as a page shows it: comments, which marks are, are not seen. */
export const withoutMarks = (text: string): string => text.replace(/<!--[\s\S]*?-->/g, '');

/** Every marked number of a notebook's texts. */
export function markedIn(notebook: Notebook): Marked[] {
  return notebook.cells.flatMap(cell =>
    cell.cell_type === 'markdown'
      ? [...cell.source.matchAll(MARK)].map(([, source, text]) => ({ cell: cell.id, source, text }))
      : [],
  );
}

/**
 * The notebook with every marked number as the outputs of `english` give it (those of both languages are the same run's); one
 * that no output gives yet stays as it is, for `numberProblems` to name.
 */
export function withNumbers(notebook: Notebook, english: Notebook): Notebook {
  const said = (source: string, text: string) => {
    try {
      return saidBy(source, english);
    } catch {
      return text;
    }
  };
  const cells = notebook.cells.map(cell =>
    cell.cell_type === 'markdown' && cell.source.includes('<!--=')
      ? {
          ...cell,
          source: cell.source.replace(
            MARK,
            (_, source: string, text: string) => `<!--=${source}-->${said(source, text)}<!--/-->`,
          ),
        }
      : cell,
  );
  return { ...notebook, cells };
}

/** What is wrong with the marked numbers of a notebook, one sentence each. */
export function numberProblems(notebook: Notebook, english: Notebook): string[] {
  return markedIn(notebook).flatMap(({ cell, source, text }) => {
    try {
      const said = saidBy(source, english);
      return said === text ? [] : [`text '${cell}' says ${text}, its output ${said} (${source}); run \`npm run sync\``];
    } catch (error) {
      return [`text '${cell}': ${(error as Error).message}`];
    }
  });
}

/**
 * The number that a mark asks for, as it is written. Sources: `metric::name` (of the lesson's card), `cell::row::column` (of a table or
 * of a chart's words; `row#2` and `column#2` the second of that name), `cell::✓ how a claim begins` (what was found; `::2` its second comparison), `cell` (the first number that it shows);
 * with a lesson's number and a slash before it, as in `16/ladder::…`, from that lesson's saved outputs. After `;` stands the
 * form: digits after the point, `%` or `%1` (a share), nothing: as it is there.
 */
export function saidBy(source: string, english: Notebook): string {
  const [where, form = ''] = source.split(';');
  const [, lesson, place] = /^(?:(\d\d)\/)?(.*)$/.exec(where.trim()) ?? [];
  const notebook = lesson ? lessonOf(lesson) : english;
  const parts = place.split('::').map(part => part.trim());
  const raw = parts[0] === 'metric' ? metricOf(notebook, parts[1]) : shownBy(notebook, parts);
  const value = Number(raw.replaceAll(',', '').replaceAll('−', '-'));
  if (!Number.isFinite(value)) throw new Error(`expected a number at ${where}, got ${raw}`);
  const percent = /^%(\d?)$/.exec(form);
  if (percent) return withMinus((100 * value).toFixed(Number(percent[1] || 0)));
  return withMinus(form === '' ? raw : grouped(value.toFixed(Number(form))));
}

function lessonOf(number: string): Notebook {
  const lesson = allLessons().find(({ name }) => name.startsWith(`${number}-`));
  if (!lesson) throw new Error(`no lesson ${number} to take a number from`);
  return readNotebook(lesson.files.en);
}

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+(?!\d))(?<!\.\d*)/g, ',');

function metricOf({ metadata }: Notebook, name: string): string {
  const metrics = (metadata.metrics ?? []) as unknown as { name: string; value: number }[];
  const metric = metrics.find(one => one.name === name);
  if (!metric) throw new Error(`no metric '${name}'; there is ${metrics.map(one => one.name).join(', ') || 'none'}`);
  return String(metric.value);
}

const NUMBER = /[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+−-]?\d+)?/;

function shownBy({ cells }: Notebook, [id, row, column]: string[]): string {
  const cell = cells.find(one => one.id === id);
  if (!cell) throw new Error(`no cell '${id}' to take a number from`);
  const texts = (cell.outputs ?? []).map(wordsOf);
  const found =
    row === undefined
      ? texts.join('\n')
      : row.startsWith('✓')
        ? claimed(texts, row, column)
        : inTable(texts, row, column);
  const number = found === undefined ? undefined : NUMBER.exec(found)?.[0];
  if (number === undefined)
    throw new Error(`cell '${id}' shows no number at ${[row, column].filter(Boolean).join(', ') || 'all'}`);
  return number;
}

const wordsOf = ({ data, text }: Output): string => String(data?.['text/plain'] ?? text ?? '');

/** 'found 3.1e-8, bound < 1e-6' below the claim. */
function claimed(texts: string[], says: string, which = '1'): string | undefined {
  const lines = texts.join('\n').split('\n');
  const at = lines.findIndex(line => line.startsWith(says));
  const found: string[] = [];
  for (let i = at + 1; at >= 0 && i < lines.length && lines[i].startsWith('  '); i++)
    if (lines[i].trim().startsWith('found ')) found.push(lines[i]);
  return found[Number(which) - 1];
}

const COUNTED = /^(.*?)(?:#(\d))?$/;

/** The cell of a table in plain text, found by how its row begins and what stands above its column. */
function inTable(texts: string[], row: string, column = ''): string | undefined {
  const [, name, which] = COUNTED.exec(column) as RegExpExecArray;
  const [, title, nth] = COUNTED.exec(row) as RegExpExecArray;
  for (const text of texts) {
    const lines = text.split('\n');
    const rule = lines.findIndex(line => /^─+(?: +─+)*\s*$/.test(line));
    if (rule < 1) continue;
    const ends = [...lines[rule].matchAll(/─+/g)].map(({ 0: run, index }) => [index, index + run.length]);
    const same = ends.flatMap(([from, to], i) => (lines[rule - 1].slice(from, to).trim() === name ? [i] : []));
    if (same.length > 1 && which === undefined)
      throw new Error(`${same.length} columns are headed '${name}'; say which, as in '${name}#2'`);
    const at = same[Number(which ?? 1) - 1] ?? -1;
    const line = lines.slice(rule + 1).filter(one => one.slice(...ends[0]).trim() === title)[Number(nth ?? 1) - 1];
    if (at >= 0 && line !== undefined) return line.slice(...ends[at]);
  }
  return undefined;
}
