/** Watches what the kernels of a grading take of memory, and ends those that take too much. Linux only: elsewhere nobody is stopped. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

const EVERY = 250;
const MARK = 'LATENTLAB_GRADED';
const PAGE = 4096;

export interface Watched {
  /** Belongs into the environment of what is watched; all that it starts inherits it. */
  env: Record<string, string>;
  /** The process that drives the kernel and reports: it is counted, and not ended. */
  driver: (pid: number) => void;
  /** Whether the limit was passed. */
  readonly tooLarge: boolean;
  /** Stops watching, and ends whatever is left. */
  end(): void;
}

interface Entry {
  bytes: number;
  driver: number;
  tooLarge: boolean;
}

export class Guard {
  private readonly entries = new Map<string, Entry>();
  private timer: NodeJS.Timeout | undefined;

  /** @param memory in MB */
  watch(memory: number): Watched {
    const mark = randomBytes(8).toString('hex');
    const entry: Entry = { bytes: memory * 1e6, driver: 0, tooLarge: false };
    this.entries.set(mark, entry);
    this.timer ??= setInterval(() => this.look(), EVERY);
    return {
      env: { [MARK]: mark },
      driver: pid => {
        entry.driver = pid;
      },
      get tooLarge() {
        return entry.tooLarge;
      },
      end: () => {
        for (const { pid } of marked().get(mark) ?? []) kill(pid);
        this.entries.delete(mark);
        if (this.entries.size > 0) return;
        clearInterval(this.timer);
        this.timer = undefined;
      },
    };
  }

  /** Ends everything that is watched. */
  endAll(): void {
    const all = marked();
    for (const mark of this.entries.keys()) for (const { pid } of all.get(mark) ?? []) kill(pid);
  }

  private look(): void {
    const all = marked();
    for (const [mark, entry] of this.entries) {
      const processes = all.get(mark) ?? [];
      if (processes.reduce((sum, { bytes }) => sum + bytes, 0) <= entry.bytes) continue;
      entry.tooLarge = true;
      for (const { pid } of processes) if (pid !== entry.driver) kill(pid);
    }
  }
}

/** Processes that bear a mark, with the memory that each has for itself. */
function marked(): Map<string, { pid: number; bytes: number }[]> {
  const found = new Map<string, { pid: number; bytes: number }[]>();
  if (process.platform !== 'linux') return found;
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const mark = new RegExp(`(?:^|\\0)${MARK}=([0-9a-f]+)`).exec(
        fs.readFileSync(`/proc/${name}/environ`, 'latin1'),
      )?.[1];
      if (!mark) continue;
      const [, resident, shared] = fs.readFileSync(`/proc/${name}/statm`, 'latin1').split(' ').map(Number);
      const list = found.get(mark) ?? [];
      list.push({ pid: Number(name), bytes: (resident - shared) * PAGE });
      found.set(mark, list);
    } catch {
      // gone meanwhile, or somebody else's
    }
  }
  return found;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended by itself
  }
}
