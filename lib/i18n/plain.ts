/** Text for terminals: lines, tables with aligned columns, flow charts as Mermaid source. */
import type { Change } from './markup';

const RULE = /^─+(?: {2}─+)*$/;

/** The same text with every line changed; a table's columns are aligned anew. Indented code stays. */
export function changePlain(text: string, change: Change): string {
  const lines = text.split('\n');
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (RULE.test(lines[i + 1] ?? '')) {
      const end = tableEnd(lines, i);
      out.push(...changeTable(lines.slice(i, end), change));
      i = end - 1;
    } else out.push(changeLine(lines[i], change));
  }
  return out.join('\n');
}

function changeLine(line: string, change: Change): string {
  if (/^ {4}/.test(line)) return line;
  if (/[║│]/.test(line)) return line.replace(/[^║│]+/g, cell => padded(change(cell.trim()), cell));
  const node = /^( *n\d+[[({]+")(.*)("[\])}]+)$/.exec(line);
  if (node)
    return (
      node[1] +
      node[2]
        .split('<br>')
        .map(part => change(part))
        .join('<br>') +
      node[3]
    );
  const edge = /^( *n\d+ -->\|")(.*)("\| n\d+)$/.exec(line);
  if (edge) return edge[1] + change(edge[2]) + edge[3];
  if (/^( *n\d+ --> n\d+|flowchart (LR|TD))$/.test(line)) return line;
  return change(line);
}

/** As wide as the cell was, with its margin on the left. */
const padded = (said: string, cell: string): string => {
  const margin = /^ */.exec(cell)?.[0] ?? '';
  return `${margin}${said}${' '.repeat(Math.max(0, width(cell) - margin.length - width(said)))}`;
};

/** A line belongs to the table as long as its words keep to the columns. */
function tableEnd(lines: readonly string[], start: number): number {
  const starts = startsOf(lines[start + 1]);
  let end = start + 2;
  while (end < lines.length && lines[end].trim() !== '' && keepsTo(lines[end], starts)) end++;
  return end;
}

const startsOf = (rule: string): number[] => [...rule.matchAll(/─+/g)].map(({ index = 0 }) => index);

function keepsTo(line: string, starts: readonly number[]): boolean {
  const columns = [...line].flatMap(character => (width(character) === 2 ? [character, character] : [character]));
  return starts.every(start => start === 0 || columns.slice(start - 2, start).every(character => character === ' '));
}

/** Columns start where the rule's stretches start, counted in columns of a terminal. */
function changeTable(lines: readonly string[], change: Change): string[] {
  const starts = startsOf(lines[1]);
  const rows = lines
    .filter((_, i) => i !== 1)
    .map((line, i) => cellsOf(line, starts).map(cell => change(cell, i === 0)));
  const widths = starts.map((_, i) => Math.max(...rows.map(row => width(row[i] ?? ''))));
  const aligned = rows.map(row =>
    row
      .map((cell, i) => cell + ' '.repeat(widths[i] - width(cell)))
      .join('  ')
      .trimEnd(),
  );
  return [aligned[0], widths.map(w => '─'.repeat(w)).join('  '), ...aligned.slice(1)];
}

function cellsOf(line: string, starts: readonly number[]): string[] {
  const cells = starts.map(() => '');
  let at = 0;
  for (const character of line) {
    const column = starts.filter(start => start <= at).length - 1;
    cells[Math.max(0, column)] += character;
    at += width(character);
  }
  return cells.map(cell => cell.trim());
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const width = (text: string): number => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
