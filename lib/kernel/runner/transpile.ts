/** TypeScript and JavaScript → CommonJS, without checking types. A bundle of its own: only loaded when the cache misses. */
import ts from 'typescript';
import { instrument } from '../compiler/instrument';

export interface Translated {
  js: string;
  map: string;
  /** Names in its static imports, as far as they are left when types are gone. */
  imports: string[];
  /** It waits at its top level, so it cannot be loaded by `require`. */
  waits: boolean;
}

/** What is wrong with a file that cannot be parsed; line and column count from 0. */
export interface SyntaxFault {
  line: number;
  column: number;
  message: string;
}

/** @param esm an ES module even if it neither imports nor exports anything. */
export function transpile(file: string, source: string, esm: boolean): Translated | SyntaxFault {
  let waits = false;
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(source, {
    // TypeScript would write .mts and .mjs as ES modules.
    fileName: file.replace(/\.[mc]([tj]s)$/, '.$1'),
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2024,
      moduleDetection: esm ? ts.ModuleDetectionKind.Force : ts.ModuleDetectionKind.Auto,
      esModuleInterop: true,
      downlevelIteration: true,
      jsx: ts.JsxEmit.React,
      allowJs: true,
      sourceMap: true,
    },
    transformers: {
      before: [
        () => parsed => {
          waits = waitsAtTop(parsed);
          return parsed;
        },
        instrument,
      ],
    },
  });
  const [fault] = (diagnostics ?? []).filter(d => d.category === ts.DiagnosticCategory.Error && d.start !== undefined);
  if (fault) return faultOf(fault);
  const isModule = outputText.includes('"__esModule"');
  const names = isModule ? [...outputText.matchAll(/\brequire\("([^"\n]+)"\)/g)].map(([, name]) => name) : [];
  return {
    js: outputText.replace(/^\/\/# sourceMappingURL=.*$/m, '').replace(/^#!.*/, ''),
    map: sourceMapText ?? '',
    imports: [...new Set(names)],
    waits,
  };
}

/** Where a JSON text goes wrong; V8 does not always say. */
export function jsonFault(file: string, source: string): SyntaxFault | undefined {
  const parsed = ts.parseJsonText(file, source) as ts.JsonSourceFile & { parseDiagnostics: ts.Diagnostic[] };
  return parsed.parseDiagnostics.length ? faultOf(parsed.parseDiagnostics[0]) : undefined;
}

function faultOf(fault: ts.Diagnostic): SyntaxFault {
  const { line, character } = ts.getLineAndCharacterOfPosition(fault.file!, fault.start!);
  return { line, column: character, message: ts.flattenDiagnosticMessageText(fault.messageText, '\n') };
}

function waitsAtTop(file: ts.SourceFile): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node))
      return false;
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
    return ts.forEachChild(node, child => visit(child) || undefined) ?? false;
  };
  return visit(file);
}
