/** What TypeScript reads to check a lesson's cells, in one file: the lib's sources and the declarations of its packages. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { CellCompiler } from '../../lib/kernel/compiler/service';
import { codeCells, type Lesson, ROOT, readNotebook } from '../notebooks/notebook';

/** Writes `folder`/types.json.gz; returns its bytes. @throws where a cell of these lessons does not compile */
export function writeTypes(folder: string, lessons: readonly Lesson[]): number {
  const files = new Map<string, string>();
  const [exist, folders] = [new Set<string>(), new Set<string>()];
  const { readFile, fileExists, directoryExists } = ts.sys;
  ts.sys.readFile = (file, encoding) => {
    const text = readFile.call(ts.sys, file, encoding);
    if (text !== undefined) files.set(file, text);
    return text;
  };
  ts.sys.fileExists = file => noted(fileExists.call(ts.sys, file), exist, file);
  ts.sys.directoryExists = place => noted(directoryExists.call(ts.sys, place), folders, place);
  try {
    for (const lesson of lessons) compileAll(lesson);
    // A browser may have parts of newer JavaScript that this Node lacks, and then wants their declarations.
    const own = path.dirname(ts.sys.getExecutingFilePath());
    for (const name of fs.readdirSync(own)) if (/^lib\.es.*\.d\.ts$/.test(name)) ts.sys.readFile(path.join(own, name));
    ts.sys.readFile(path.join(own, 'zh-cn', 'diagnosticMessages.generated.json')); // what it says on a Chinese page
  } finally {
    Object.assign(ts.sys, { readFile, fileExists, directoryExists });
  }
  const short = (file: string): string => path.relative(ROOT, file).split(path.sep).join('/');
  const pack = {
    files: Object.fromEntries([...files].sort().map(([file, text]) => [short(file), text])),
    exist: [...exist].filter(file => !files.has(file)).map(short),
    folders: [...folders].map(short),
  };
  const bytes = gzipSync(JSON.stringify(pack), { level: 9 });
  fs.writeFileSync(path.join(folder, 'types.json.gz'), bytes);
  return bytes.length;
}

function noted(there: boolean, list: Set<string>, file: string): boolean {
  if (there) list.add(file);
  return there;
}

function compileAll({ name, files }: Lesson): void {
  const compiler = new CellCompiler(path.join(ROOT, 'notebooks'), 'strict', true);
  const cells = codeCells(readNotebook(files.en));
  for (const [i, { id, source, metadata }] of cells.entries()) {
    const { compiled, diagnostics } = compiler.compile(i + 1, source);
    if (!compiled && metadata.tags?.includes('raises-exception')) continue; // it shows what an error looks like
    if (!compiled) throw new Error(`${name}: cell '${id}' does not compile: ${diagnostics[0]?.message}`);
    compiler.commit(i + 1, compiled.declared);
  }
}
