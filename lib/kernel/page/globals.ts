/** What code written for Node finds in a worker: `process`, `Buffer`, `setImmediate`. Imported before anything else. */
import { Buffer } from 'buffer';
import { formatWithOptions } from '../../platform/browser/builtins/util';

const heap = (): number =>
  (performance as Performance & { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;

const stream = () => ({ write: (_: string): boolean => true, isTTY: false });

/** No `versions.node`: packages must not take this for Node. */
const process = {
  env: {} as Record<string, string | undefined>,
  pid: 1,
  platform: 'browser',
  arch: 'browser',
  argv: [],
  execArgv: [],
  version: '',
  versions: {},
  browser: true,
  cwd: () => '/project/notebooks',
  nextTick: (act: (...values: unknown[]) => void, ...values: unknown[]) => queueMicrotask(() => act(...values)),
  on: () => process,
  once: () => process,
  off: () => process,
  emitWarning: () => {},
  stdout: stream(),
  stderr: stream(),
  memoryUsage: Object.assign(() => ({ rss: heap(), heapUsed: heap() }), { rss: heap }),
  /** A worker is one thread, and is not told its share of a core: the time that has passed, µs. */
  cpuUsage: (before = { user: 0 }) => ({ user: Math.round(1000 * performance.now()) - before.user, system: 0 }),
  resourceUsage: () => ({ maxRSS: heap() / 1024 }),
};

Object.assign(globalThis, { global: globalThis, process, Buffer });

const NAMES = {
  log: 'stdout',
  info: 'stdout',
  debug: 'stdout',
  warn: 'stderr',
  error: 'stderr',
  trace: 'stderr',
} as const;
/** The browser's own console, for what the kernel itself has to say. */
export const ownConsole = { ...console };
for (const [name, to] of Object.entries(NAMES))
  (console as unknown as Record<string, unknown>)[name] = (...values: unknown[]) =>
    void process[to].write(`${formatWithOptions({}, ...(values as [unknown]))}\n`);
