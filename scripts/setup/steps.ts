/** A set-up is a list of steps; each is skipped when its inputs have not changed since it last succeeded. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ticking } from './clock.cjs';

export interface Step {
  name: string;
  /** A rough time, shown while the step runs. */
  takes?: string;
  /** Remembers the inputs of the last success; lies beside what the step makes, so that both vanish together. */
  stamp: string;
  /** Everything the result depends on. */
  inputs(): string[];
  /** Is what the step made still there and usable? */
  intact(): boolean | Promise<boolean>;
  run(): Promise<void>;
}

/** Where the steps tell how they fare. */
export type Reporter = (line: string) => void;

export const hash = (parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');
/** Hash of a file's bytes; 'missing' where there is none. */
export function hashFile(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'missing';
  }
}

/** Runs a step unless it is done. Returns true when there was work. */
export async function perform(step: Step, report: Reporter): Promise<boolean> {
  const inputs = hash(step.inputs());
  if (readStamp(step.stamp) === inputs && (await step.intact())) return false;
  rmSync(step.stamp, { force: true });
  const what = `${step.name}${step.takes ? ` (about ${step.takes})` : ''}`;
  const started = performance.now();
  const done = ticking(what, report);
  await step.run().finally(done);
  writeStamp(step.stamp, hash(step.inputs()));
  report(`✓ ${step.name}  ${seconds(started)}`);
  return true;
}

/** '12.3 s' since a moment of performance.now(). */
export const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function readStamp(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Remembers success; written last, so an interrupted step has none. */
export function writeStamp(file: string, inputs: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${inputs}\n`);
}
