/** Names the line of the reader's code that something came from. */

/** Remembers where we are; the text is made only if `whereFrom` asks. */
export function here(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const origin = new Error('here');
  Error.stackTraceLimit = limit;
  return origin;
}

/** Frames of engines and of this folder say nothing to the reader. */
const INSIDE = /node_modules|node:|\(internal|[\\/( ]lib[\\/]runtime[\\/]|tfjs-core|<anonymous>\)$/;

/** Where the compiled function was called: for what is wrong about a call as a whole. */
export const calledFrom = (): string => `called at ${whereFrom(here())}`;

/** The innermost frame in the reader's code, and, where that is in the lib, the one that called it: "a.ts:3, from b.ts:7". */
export function whereFrom(origin: Error | undefined): string {
  const frames = (origin?.stack ?? '').split('\n').filter(line => /^\s+at /.test(line) && !INSIDE.test(line));
  const first = frames[0];
  if (!first) return 'an unknown line';
  const caller = inLib(first) ? frames.find(frame => !inLib(frame)) : undefined;
  return caller ? `${place(first)}, from ${place(caller)}` : place(first);
}

const inLib = (frame: string): boolean => /[\\/( ]lib[\\/]/.test(frame);

/** "at Dropout.forward (/home/a/lib/nn/layers.ts:160:18)" → "lib/nn/layers.ts:160 (Dropout.forward)". */
function place(frame: string): string {
  const parts = /at (?:(.*?) \()?(.*?):(\d+):\d+\)?$/.exec(frame.trim());
  if (!parts) return frame.trim().slice(3);
  const [, name, file, line] = parts;
  if (/^cell \[\d+\]$/.test(file)) return `${file}, line ${line}`;
  const short = file.replace(/^file:\/\//, '').replace(`${process.cwd()}/`, '');
  return name ? `${short}:${line} (${name})` : `${short}:${line}`;
}
