/** The compiler's worker: `../compiler` over files that the site brings in one pack (scripts/site/types.ts). */
import './start';
import { gunzipSync } from 'fflate';
import ts from 'typescript';
import { languageOf } from '../../i18n/language';
import { listAlso, mount } from '../../platform/browser/files';
import { compileError } from '../code-frame';
import { namesOf } from '../compiler/cell';
import { completeness } from '../compiler/completeness';
import { complete, inspect } from '../compiler/help';
import { CellCompiler } from '../compiler/service';
import { speak } from '../compiler/speak';
import type { CompileAnswer, CompiledCell, CompilerRequest, Place } from '../messages';
import { Speech } from '../protocol/speech';
import { begin } from './start';

/** Paths from the project's folder. */
interface Pack {
  files: Record<string, string>;
  exist: string[];
  folders: string[];
}

export interface Translated {
  compiled?: CompiledCell;
  /** Content of an `error` output, in the page's language. */
  error?: Record<string, unknown>;
  /** What the cell declares. */
  names: string[];
}

/** A fault of a cell that is being written, from one place of its code to another. */
export interface Fault {
  from: number;
  to: number;
  /** In the page's language. */
  message: string;
}

/** What a page asks beyond what JupyterLab asks. */
export type PageRequest = CompilerRequest | { kind: 'check'; code: string };

const ROOT = '/project';
const short = (file: string): string => (file === ROOT ? '' : file.replace(`${ROOT}/`, ''));

/** TypeScript's window on the files. */
function systemOf({ files, exist, folders }: Pack): ts.System {
  const [known, places] = [new Set(exist), new Set(folders)];
  const nothing = (): void => {};
  return {
    args: [],
    newLine: '\n',
    useCaseSensitiveFileNames: true,
    write: nothing,
    writeFile: nothing,
    exit: nothing,
    createDirectory: nothing,
    getExecutingFilePath: () => `${ROOT}/node_modules/typescript/lib/typescript.js`,
    getCurrentDirectory: () => ROOT,
    resolvePath: file => file,
    readFile: file => files[short(file)],
    fileExists: file => short(file) in files || known.has(short(file)),
    directoryExists: folder => places.has(short(folder)),
    getDirectories: () => [],
    readDirectory: () => [],
    realpath: file => file,
  };
}

function load(bytes: Uint8Array): CellCompiler {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b; // some hosts unpack .gz on the way
  const pack = JSON.parse(new TextDecoder().decode(packed ? gunzipSync(bytes) : bytes)) as Pack;
  (ts as unknown as { setSys(system: ts.System): void }).setSys(systemOf(pack));
  listAlso(Object.keys(pack.files));
  const cells = begin.cells.map(source => ({ cell_type: 'code', source }));
  mount(begin.notebook, JSON.stringify({ cells })); // to say which cell makes a name
  speak(languageOf(begin.notebook));
  const made = new CellCompiler(`${ROOT}/notebooks`, 'strict', true);
  made.warmUp(true);
  return made;
}

const speech = new Speech(`${ROOT}/${begin.notebook}`);
const compiler = (async () => {
  const answer = await fetch(`${begin.site}types.json.gz?${begin.build}`);
  if (!answer.ok) throw new Error(`the site does not answer with types.json.gz (${answer.status})`);
  return load(new Uint8Array(await answer.arrayBuffer()));
})();

function translate(made: CellCompiler, cell: number, code: string): Translated {
  const { diagnostics, compiled }: CompileAnswer = made.compile(cell, code);
  const names = namesOf(code);
  if (compiled) return { compiled, names };
  return { error: speech.say('error', { ...compileError(code, cell, diagnostics) }), names };
}

/** Names that some cell of the lesson makes: they are no fault of a cell below that is written before that one has run. */
const promised = new Set(begin.cells.flatMap(namesOf));

function check(made: CellCompiler, code: string): Fault[] {
  const lines = code.split('\n');
  const at = ({ line, column }: Place): number =>
    lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, 0) + column;
  return made.check(code, promised).flatMap(diagnostic => {
    if (diagnostic.file) return [];
    const [from, to] = [at(diagnostic.start), at(diagnostic.end)];
    const { evalue } = speech.say('error', { ...compileError(code, 0, [diagnostic]) });
    return [{ from, to, message: String(evalue) }];
  });
}

async function answer(request: PageRequest): Promise<unknown> {
  const made = await compiler;
  if (request.kind === 'compile') return translate(made, request.cell, request.code);
  if (request.kind === 'commit') return made.commit(request.cell, request.names);
  if (request.kind === 'complete') return complete(made, request.code, request.offset);
  if (request.kind === 'inspect') return inspect(made, request.code, request.offset);
  if (request.kind === 'completeness') return completeness(request.code);
  if (request.kind === 'check') return check(made, request.code);
  if (request.kind === 'reset') return made.reset();
  throw new Error(`a page's compiler does not answer '${request.kind}'`);
}

self.addEventListener('message', async event => {
  const { id, request } = event.data as { id: number; request: PageRequest };
  const post = (message: object) => (self as unknown as Worker).postMessage({ id, ...message });
  try {
    post({ value: await answer(request) });
  } catch (error) {
    post({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
void compiler.then(() => (self as unknown as Worker).postMessage({ id: -1 }));
