/** Names that a cell does not know, and the notebook's cells that make them: read from the file that Jupyter names. */
import fs from 'node:fs';
import type { Diagnostic } from '../messages';
import { namesOf } from './cell';

interface Maker {
  /** Among the cells with code, from 1. */
  number: number;
  above: boolean;
  firstLine: string;
  names: string[];
}

const RUN_ABOVE = 'menu Run → Run All Above Selected Cell';
const MOST_NAMED = 12;

/**
 * @param unknown for each name, where it is used first.
 * @returns one sentence in place of them all, or undefined where no cell makes any of these names.
 */
export function unknownNames(
  code: string,
  unknown: ReadonlyMap<string, Diagnostic>,
  noneYet: boolean,
): Diagnostic | undefined {
  const makers = makersOf(code, [...unknown.keys()]);
  const made = makers.flatMap(({ names }) => names);
  if (made.length > 0) return { ...unknown.get(made[0])!, code: 0, message: sentence(makers, made) };
  if (!noneYet || unknown.size < 2) return undefined;
  const [first] = unknown.values();
  const message = `${list([...unknown.keys()])} are unknown, and no cell has made a name since this kernel started: run the cells above first (${RUN_ABOVE})`;
  return { ...first, code: 0, message };
}

function sentence(makers: Maker[], made: string[]): string {
  const where = makers.map(({ names, number, firstLine }) => `${list(names)} in code cell ${number} (${firstLine})`);
  const below = makers.every(({ above }) => !above);
  const cells = makers.length === 1 ? (below ? 'a cell below' : 'a cell') : below ? 'cells below' : 'cells';
  const verb = made.length === 1 ? 'is' : 'are';
  const way = below ? 'Run that first' : `Run it first: ${RUN_ABOVE}`;
  return `${list(made)} ${verb} made in ${cells} that this kernel has not run: ${where.join('; ')}. ${makers.length > 1 ? way.replace(/\bit\b|\bthat\b/, 'them') : way}`;
}

function list(names: string[]): string {
  const quoted = names.slice(0, MOST_NAMED).map(name => `'${name}'`);
  if (names.length > MOST_NAMED) quoted.push(`${names.length - MOST_NAMED} more`);
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}

/** Of each name the cell that made it last above this one, else the first below. In the order of the notebook. */
function makersOf(code: string, names: string[]): Maker[] {
  const cells = codeCells();
  const here = cells.findIndex(source => source.trim() === code.trim());
  const makers = new Map<number, Maker>();
  const declared = cells.map((source, i) => (i === here ? [] : namesOf(source)));
  for (const name of names) {
    const indices = declared.flatMap((own, i) => (own.includes(name) ? [i] : []));
    const index = indices.filter(i => here < 0 || i < here).at(-1) ?? indices[0];
    if (index === undefined) continue;
    const firstLine = cells[index].split('\n').find(line => line.trim() && !line.trim().startsWith('//')) ?? '';
    const maker = makers.get(index) ?? {
      number: index + 1,
      above: here < 0 || index < here,
      firstLine: short(firstLine),
      names: [],
    };
    maker.names.push(name);
    makers.set(index, maker);
  }
  return [...makers.values()].sort((a, b) => a.number - b.number);
}

const short = (line: string): string => (line.length > 60 ? `${line.slice(0, 60).trim()}…` : line.trim());

interface Notebook {
  cells?: { cell_type?: string; source?: string | string[] }[];
}

/** The code of the notebook as last saved; none where nobody says which it is. */
function codeCells(): string[] {
  try {
    const { cells = [] } = JSON.parse(fs.readFileSync(process.env.JPY_SESSION_NAME ?? '', 'utf8')) as Notebook;
    return cells.filter(cell => cell.cell_type === 'code').map(({ source = '' }) => [source].flat().join(''));
  } catch {
    return [];
  }
}
