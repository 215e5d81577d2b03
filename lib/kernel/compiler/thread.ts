/** The compiler's thread: TypeScript is busy here for seconds at a time, while the protocol goes on answering. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CompilerRequest } from '../messages';
import { completeness } from './completeness';
import { complete, inspect } from './help';
import { CellCompiler, type TypeMode } from './service';

const { folder, types } = workerData as { folder: string; types: TypeMode };
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
    case 'reset':
      return compiler.reset();
  }
}

parentPort!.on('message', ({ id, request }: { id: number; request: CompilerRequest }) => {
  try {
    parentPort!.postMessage({ id, value: answer(request) });
  } catch (error) {
    parentPort!.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
