/**
 * What a terminal's stdout and stderr have in addition, for programs that draw a progress line: output below a cell knows
 * the carriage return, so a line can be gone back on and drawn anew; the lines above it cannot.
 */
const WIDTH = 80;
const HEIGHT = 24;
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

const LONGEST_LINE = 10_000;

/** The line that is being written. Kept in pieces, as few programs ever go back on it. */
class Line {
  private pieces: string[] = [];
  private length = 0;

  written(piece: string): void {
    const line = piece.slice(piece.lastIndexOf('\n') + 1);
    if (line.length < piece.length || this.length > LONGEST_LINE) this.clear();
    if (line.length === 0) return;
    this.pieces.push(line);
    this.length += line.length;
  }

  clear(): void {
    this.pieces = [];
    this.length = 0;
  }

  /** What is to be seen of it, and where the next character goes. */
  get state(): { text: string; column: number } {
    let text = '';
    let column = 0;
    for (const [i, part] of this.pieces.join('').replace(ESCAPES, '').split('\r').entries()) {
      if (i > 0) column = 0;
      text = text.slice(0, column) + part + text.slice(column + part.length);
      column += part.length;
    }
    return { text, column };
  }
}

const lines: Line[] = [];

/** A cell begins, and with it an output of its own. */
export function freshLines(): void {
  for (const line of lines) line.clear();
}

/** Call after `write` has been replaced. */
export function actAsTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const line = new Line();
    lines.push(line);
    const write = stream.write.bind(stream) as (...values: unknown[]) => boolean;
    const put = (text: string, done?: () => void): boolean => {
      line.written(text);
      return write(text, done);
    };
    const goTo = (column: number): string => `\r${line.state.text.slice(0, column).padEnd(column)}`;
    const own: Partial<NodeJS.WriteStream> = {
      isTTY: false as never,
      columns: WIDTH,
      rows: HEIGHT,
      getWindowSize: () => [WIDTH, HEIGHT],
      getColorDepth: () => 4,
      hasColors: (count?: unknown) => typeof count !== 'number' || count <= 16,
      write: (chunk: unknown, ...rest: unknown[]) => {
        if (typeof chunk === 'string') line.written(chunk);
        return write(chunk, ...rest);
      },
      clearLine(direction, done) {
        const { column, text } = line.state;
        const kept =
          direction < 0 ? ' '.repeat(column) + text.slice(column) : direction > 0 ? text.slice(0, column) : '';
        return put(`\r${kept.padEnd(text.length)}`, done) && put(goTo(column));
      },
      cursorTo(x: number, y?: unknown, done?: () => void) {
        return put(goTo(x), typeof y === 'function' ? (y as () => void) : done);
      },
      moveCursor: (dx, _dy, done) => put(goTo(Math.max(0, line.state.column + dx)), done),
      clearScreenDown: done => put('', done),
    };
    Object.assign(stream, own);
  }
}

let depth = 0;

/** How deep console.group is indented at this moment. */
export const groupDepth = (): number => depth;

export function watchGroups(): void {
  const { group, groupEnd } = console;
  console.group = console.groupCollapsed = (...label: unknown[]) => {
    group(...label);
    depth++;
  };
  console.groupEnd = () => {
    depth = Math.max(0, depth - 1);
    groupEnd();
  };
}

/** A cell failed: the groups that it opened end with it. */
export function endGroups(to: number): void {
  while (depth > to) console.groupEnd();
}
