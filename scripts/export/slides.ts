/** Decides what becomes a slide: the author's own slide types where a notebook has some, else by headings and length. */
import type { Cell } from '../notebooks/notebook';

export type SlideType = 'slide' | 'subslide' | 'fragment' | 'skip' | 'notes' | '-';

/** How much fits on one slide, in lines of text at the deck's size; a figure counts as FIGURE lines. */
const CAPACITY = 26;
const FIGURE = 11;
/** A slide with less than this on it goes on, however long the next cell is: a heading needs what it announces. */
const LITTLE = 7;

/**
 * One slide type a cell. A heading of level 1 or 2 starts a slide (to the right), one of level 3 or text that no longer
 * fits starts a slide below; a code cell's outputs stay with it.
 */
export function slideTypes(cells: Cell[]): SlideType[] {
  const own = cells.map(cell => (cell.metadata.slideshow as { slide_type?: SlideType } | undefined)?.slide_type);
  if (own.some(type => type && type !== '-')) return own.map((type, i) => type ?? (i === 0 ? 'slide' : '-'));
  let used = 0;
  return cells.map((cell, i) => {
    const size = height(cell);
    const level = headingLevel(cell);
    const type =
      i === 0 || level === 1 || level === 2
        ? 'slide'
        : level === 3 || (used > LITTLE && used + size > CAPACITY)
          ? 'subslide'
          : '-';
    used = type === '-' ? used + size : size;
    return type;
  });
}

function headingLevel(cell: Cell): number {
  return cell.cell_type === 'markdown' ? (/^(#{1,6})\s/.exec(cell.source.trimStart())?.[1].length ?? 0) : 0;
}

/** Rough height of a cell in lines; wide characters (Chinese) take two columns. */
function height(cell: Cell): number {
  const folded = cell.source.replace(/<details[\s\S]*?<\/details>/g, '\n');
  const columns = (line: string) => [...line].reduce((n, c) => n + (c > '\u2e7f' ? 2 : 1), 0);
  const width = cell.cell_type === 'markdown' ? 95 : 105;
  const text = folded
    .split('\n')
    .reduce((sum, line) => sum + Math.max(line.trim() ? 1 : 0.4, Math.ceil(columns(line) / width)), 0);
  const formulas = (folded.match(/\$\$/g)?.length ?? 0) / 2;
  const outputs = (cell.outputs ?? []).reduce((sum, output) => {
    if (output.output_type === 'stream') return sum + (output.text ?? '').split('\n').length;
    if (output.output_type === 'error') return sum + 2;
    return sum + FIGURE;
  }, 0);
  return text + 1.5 * formulas + outputs;
}
