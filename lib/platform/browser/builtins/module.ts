/** Source maps, as node:module reads them. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

interface Entry {
  generatedColumn: number;
  originalLine: number;
  originalColumn: number;
}

/** Base-64 VLQ numbers (source map specification, revision 3). */
function numbersIn(segment: string): number[] {
  const found: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    found.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return found;
}

export class SourceMap {
  private readonly lines: Entry[][];

  constructor({ mappings }: { mappings: string }) {
    let [originalLine, originalColumn] = [0, 0];
    this.lines = mappings.split(';').map(line => {
      let generatedColumn = 0;
      return line
        .split(',')
        .filter(Boolean)
        .map(segment => {
          const [column, , row = 0, place = 0] = numbersIn(segment);
          generatedColumn += column;
          originalLine += row;
          originalColumn += place;
          return { generatedColumn, originalLine, originalColumn };
        });
    });
  }

  /** The last entry that is not behind a place; both count from 0. */
  findEntry(line: number, column: number): Entry | object {
    return this.lines[line]?.filter(entry => entry.generatedColumn <= column).at(-1) ?? {};
  }
}

const BUILTIN = /^(?:node:)?(?:fs|path|os|zlib|crypto|child_process|url|util)$/;
export const isBuiltin = (name: string): boolean => BUILTIN.test(name);
