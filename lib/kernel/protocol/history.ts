/** What was executed, across sessions: one JSON line a cell in .lab/history.jsonl (or where LAB_HISTORY says). */
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

const FILE = process.env.LAB_HISTORY ?? path.join(CACHE, 'history.jsonl');
const KEEP = 5000;
/** Nobody looks for a longer cell by its text, and every kernel reads the whole file when it starts. */
const LONGEST = 1 << 16;

export class History {
  private readonly entries: Entry[];
  private readonly session: number;

  constructor(private readonly file = FILE) {
    this.entries = readEntries(file);
    // Kernels that run side by side write in turns, so the last line need not have the highest number.
    this.session = this.entries.reduce((highest, { session }) => Math.max(highest, session), 0) + 1;
  }

  /** A cell longer than 64 Ki characters is not kept. */
  add(line: number, source: string): void {
    if (source.length > LONGEST) return;
    const entry = { session: this.session, line, source };
    this.entries.push(entry);
    if (this.entries.length > 2 * KEEP) this.entries.splice(0, KEEP);
    // A full disk or a read-only project must not stop the cell.
    fs.mkdir(path.dirname(this.file), { recursive: true }, () => {
      fs.appendFile(this.file, `${JSON.stringify(entry)}\n`, () => {});
    });
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
  const lines = text.split('\n');
  const entries = lines.flatMap(line => {
    if (line.length > 2 * LONGEST) return [];
    try {
      return [JSON.parse(line) as Entry];
    } catch {
      return []; // the end of a line that was cut short
    }
  });
  const kept = entries.slice(-KEEP);
  if (lines.length > 2 * KEEP || text.length > 100 * LONGEST) {
    fs.writeFileSync(file, kept.map(entry => `${JSON.stringify(entry)}\n`).join(''));
  }
  return kept;
}

/** `*` and `?` as in file names. */
function globToRegExp(glob: string): RegExp {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's');
}
