/** What was executed, across sessions: one JSON line a cell in .lab/history.jsonl. */
import fs from 'node:fs';
import path from 'node:path';
import { CACHE } from '../paths';

interface Entry {
  session: number;
  line: number;
  source: string;
}

export interface HistoryRequest {
  hist_access_type?: string;
  session?: number;
  start?: number;
  stop?: number | null;
  n?: number;
  pattern?: string;
  unique?: boolean;
  output?: boolean;
}

const FILE = path.join(CACHE, 'history.jsonl');
const KEEP = 5000;

export class History {
  private readonly entries: Entry[];
  private readonly session: number;

  constructor(private readonly file = FILE) {
    this.entries = readEntries(file);
    // Kernels that run side by side write in turns, so the last line need not have the highest number.
    this.session = this.entries.reduce((highest, { session }) => Math.max(highest, session), 0) + 1;
  }

  add(line: number, source: string): void {
    const entry = { session: this.session, line, source };
    this.entries.push(entry);
    fs.mkdirSync(path.dirname(this.file), { recursive: true });
    fs.appendFile(this.file, `${JSON.stringify(entry)}\n`, () => {}); // a full disk must not stop the cell
  }

  /** Triples [session, line, source], oldest first; with `output`, the source is a pair with an output we do not keep. */
  answer(request: HistoryRequest): [number, number, string | [string, null]][] {
    return this.select(request).map(({ session, line, source }) => [
      session,
      line,
      request.output ? [source, null] : source,
    ]);
  }

  private select({
    hist_access_type: type,
    session = 0,
    start = 1,
    stop,
    n,
    pattern = '*',
    unique,
  }: HistoryRequest): Entry[] {
    const last = (entries: Entry[]) => (n ? entries.slice(-n) : entries);
    if (type === 'range') {
      const wanted = session > 0 ? session : this.session + session;
      return this.entries.filter(e => e.session === wanted && e.line >= start && e.line < (stop ?? Infinity));
    }
    if (type !== 'search') return last(this.entries);
    const expression = globToRegExp(pattern);
    const hits = this.entries.filter(entry => expression.test(entry.source));
    return last(unique ? [...new Map(hits.map(entry => [entry.source, entry])).values()] : hits);
  }
}

function readEntries(file: string): Entry[] {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  const entries = text.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as Entry];
    } catch {
      return []; // the end of a line that was cut short
    }
  });
  if (entries.length > 2 * KEEP)
    fs.writeFileSync(
      file,
      entries
        .slice(-KEEP)
        .map(entry => `${JSON.stringify(entry)}\n`)
        .join(''),
    );
  return entries.slice(-KEEP);
}

/** `*` and `?` as in file names. */
function globToRegExp(glob: string): RegExp {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's');
}
