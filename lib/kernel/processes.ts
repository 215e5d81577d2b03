/**
 * Processes that cells have started: found by parent, by process group, and, where one has left both behind, by a variable
 * that all of them inherit. (Only Linux lets that variable be read; elsewhere parents and groups must do.)
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** Environment variable that names the runner and the cell: "runner:cell". */
export const MARK = 'LATENTLAB_CELL';
/** A process that is told to end has this long to do so, in ms. */
const GRACE = 400;
const LOOK_AGAIN = 20;

export interface Process {
  pid: number;
  parent: number;
  group: number;
  /** When it began, in the system's own words: tells it from a later one of the same number. */
  began: string;
  /** Value of MARK, where it can be read. */
  mark?: string;
}

/** All processes but those that have ended and wait to be noticed. */
export function processes(): Process[] {
  if (process.platform === 'win32') return [];
  return process.platform === 'linux' ? fromProc() : fromPs();
}

function fromProc(): Process[] {
  const found: Process[] = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // "pid (name, which may hold anything) state parent group …", the start is the 22nd field
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state, parent, group] = fields;
      if (state === 'Z' || state === 'X') continue;
      const one = { pid: Number(name), parent: Number(parent), group: Number(group), began: fields[19] };
      found.push({ ...one, mark: markOf(name) });
    } catch {
      // gone meanwhile
    }
  }
  return found;
}

function markOf(pid: string): string | undefined {
  try {
    const variables = fs.readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return variables.find(variable => variable.startsWith(`${MARK}=`))?.slice(MARK.length + 1);
  } catch {
    return undefined; // somebody else's process
  }
}

function fromPs(): Process[] {
  const columns = ['pid', 'ppid', 'pgid', 'stat', 'lstart'].flatMap(name => ['-o', `${name}=`]);
  const lines = execFileSync('ps', ['-A', ...columns], { encoding: 'utf8' }).split('\n');
  return lines.flatMap(line => {
    const [, pid, parent, group, state, began] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!pid || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), began }];
  });
}

/** The child of `ancestor` through which a process descends from it. */
export function branch(one: Process, ancestor: number, all: ReadonlyMap<number, Process>): Process | undefined {
  for (let at: Process | undefined = one, steps = 0; at && steps < 1000; at = all.get(at.parent), steps++)
    if (at.parent === ancestor) return at;
  return undefined;
}

export const byNumber = (list: readonly Process[]): Map<number, Process> => new Map(list.map(one => [one.pid, one]));

/** Whatever a runner's cells have started and is still there. */
export function startedBy(runner: number, mark: string): Process[] {
  const all = processes();
  const numbers = byNumber(all);
  return all.filter(
    one =>
      one.pid !== runner &&
      one.pid !== process.pid &&
      (one.group === runner || one.mark?.startsWith(`${mark}:`) || branch(one, runner, numbers)),
  );
}

export function signal(list: readonly Process[], name: NodeJS.Signals): void {
  for (const { pid } of list) {
    try {
      process.kill(pid, name);
    } catch {
      // ended by itself
    }
  }
}

/** Asks processes to end, and ends them by force where they do not. */
export async function end(list: readonly Process[], kindly: NodeJS.Signals): Promise<void> {
  signal(list, kindly);
  let left = list;
  for (let waited = 0; left.length > 0 && waited < GRACE; waited += LOOK_AGAIN) {
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN));
    left = stillThere(left);
  }
  signal(left, 'SIGKILL');
}

function stillThere(list: readonly Process[]): Process[] {
  const now = byNumber(processes());
  return list.filter(({ pid, began }) => now.get(pid)?.began === began);
}

/** The runner's end when the kernel is gone: at once, and with all that its cells have started. */
export function leave(): void {
  const [mark] = (process.env[MARK] ?? '').split(':');
  signal(startedBy(process.pid, mark), 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
}
