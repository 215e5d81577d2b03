/** The compiler's thread: TypeScript is busy here for seconds at a time, while the protocol goes on answering. */
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Language } from '../../i18n/language';
import { garbageCollector } from '../../platform/node/engine';
import type { CompilerRequest } from '../messages';
import { ROOT } from '../paths';
import { completeness } from './completeness';
import { complete, inspect } from './help';
import { CellCompiler, type TypeMode } from './service';
import { speak } from './speak';

const { folder, types, language } = workerData as { folder: string; types: TypeMode; language: Language };
speak(language);
const compiler = new CellCompiler(folder, types);

function answer(request: CompilerRequest): unknown {
  switch (request.kind) {
    case 'compile':
      return compiler.compile(request.cell, request.code);
    case 'commit':
      return compiler.commit(request.cell, request.names);
    case 'complete':
      return complete(compiler, request.code, request.offset);
    case 'inspect':
      return inspect(compiler, request.code, request.offset);
    case 'completeness':
      return completeness(request.code);
    case 'language':
      return speak(request.language);
    case 'reset':
      return compiler.reset();
  }
}

/** A notebook of the project will import the lib: read and check it while the reader still looks at the page. */
let ahead: NodeJS.Timeout | undefined;
if (isInside(folder)) later(readLib);

function later(work: () => void, wait = 800): void {
  clearTimeout(ahead);
  ahead = setTimeout(work, wait);
}

function readLib(): void {
  compiler.warmUp(true);
  if (types === 'off') return;
  const steps = compiler.checkAhead();
  const step = () => {
    if (!steps.next().done) later(step, 1);
    else tidyLater();
  };
  later(step, 1);
}

function isInside(file: string): boolean {
  return !path.relative(ROOT, file).startsWith('..');
}

/**
 * Each cell leaves a type checker behind. While nobody asks anything the collector has time for them: called only when
 * the heap has grown, so that a cell in a hurry never waits for it.
 */
const collect = garbageCollector();
const QUIET = 400;
const GROWTH = 32e6;
let kept = 0;
let resting: NodeJS.Timeout | undefined;

function tidyLater(): void {
  clearTimeout(resting);
  resting = setTimeout(() => {
    if (process.memoryUsage().heapUsed - kept < GROWTH) return;
    collect();
    kept = process.memoryUsage().heapUsed;
  }, QUIET);
  resting.unref();
}

compiler.warmUp(false);
tidyLater();
parentPort!.on('message', ({ id, request }: { id: number; request: CompilerRequest }) => {
  if (request.kind !== 'language') clearTimeout(ahead);
  clearTimeout(resting);
  try {
    parentPort!.postMessage({ id, value: answer(request) });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  tidyLater();
});
