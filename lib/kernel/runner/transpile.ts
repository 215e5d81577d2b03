/** TypeScript → CommonJS for the project's own files, without checking types. A bundle of its own: only loaded when the cache misses. */
import ts from 'typescript';
import { instrument } from '../compiler/instrument';

export function transpile(file: string, source: string): { js: string; map: string } {
  const { outputText, sourceMapText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      downlevelIteration: true,
      sourceMap: true,
    },
    transformers: { before: [instrument] },
  });
  return { js: outputText.replace(/^\/\/# sourceMappingURL=.*$/m, ''), map: sourceMapText ?? '' };
}
