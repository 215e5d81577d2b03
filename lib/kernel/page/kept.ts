/** The cells' worker and the files that outlive it: takes them when it begins, and hands on what cells write. */
import { os, path } from '../../platform';
import { bytesHeld, fromRoot, mount, watchFiles } from '../../platform/browser/files';
import { openKept, readKept, writeKept } from '../../platform/browser/kept';
import { tell } from './link';
import { begin } from './start';

/** The same for both languages' pages; a checkpoint of a short training fits no full one. */
const owner: [string, string] = [
  path.basename(begin.notebook, '.ipynb'),
  process.env.LAB_QUICK === '1' ? 'short' : 'full',
];

/** What lies there nobody looks for again. */
const PASSING = `${path.relative(fromRoot(), os.tmpdir())}/`;

let database: IDBDatabase | undefined;
let whyNot = '';
const waiting = new Set<string>();

/** Resolves when the files of earlier visits are there; where the browser keeps none, the lesson runs without. */
export async function restoreFiles(): Promise<void> {
  watchFiles(noteChange);
  try {
    database = await openKept();
    for (const [file, bytes] of await readKept(database, owner)) mount(file, bytes);
  } catch (error) {
    whyNot = (error as Error).message;
  }
}

/** Written when the code that wrote it comes to its next `await`: by then what was only on its way to a name is gone. */
function noteChange(file: string): void {
  if (file.startsWith(PASSING)) return;
  if (waiting.size === 0) queueMicrotask(() => void handOn());
  waiting.add(file);
}

async function handOn(): Promise<void> {
  const files = new Map([...waiting].map(file => [file, bytesHeld(file)]));
  waiting.clear();
  try {
    if (!database) throw new Error(whyNot);
    await writeKept(database, owner, files);
  } catch (error) {
    const lost = [...files].find(([, bytes]) => bytes);
    if (lost) tell({ kind: 'unkept', file: lost[0], why: (error as Error).message });
  }
}
