/** The examples in the docstrings of what notebooks import, and a program that runs them all. */
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../../scripts/setup/paths';

export interface PublicName {
  name: string;
  /** File and line, from the project's root. */
  place: string;
  /** Code of its examples. */
  examples: string[];
}

const INDEX = inProject('lib', 'index.ts');

const options = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(inProject('tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, inProject()).options;
};

/**
 * Every function and class that `import { … } from './lib'` offers, less what is another package's. `values`: the names that
 * are there when the lib has run; what is exported as a type only is nobody's to call.
 */
export function publicNames(values: ReadonlySet<string>): PublicName[] {
  const program = ts.createProgram([INDEX], options());
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(INDEX)!)!;
  return checker.getExportsOfModule(module).flatMap(found => {
    const symbol = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
    const declaration = symbol.valueDeclaration;
    if (!declaration || !values.has(found.name) || declaration.getSourceFile().fileName.includes('node_modules'))
      return [];
    const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
    if (!isClass && checker.getTypeOfSymbol(symbol).getCallSignatures().length === 0) return [];
    const file = declaration.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(declaration.getStart());
    const tags = symbol.getJsDocTags(checker).filter(tag => tag.name === 'example');
    const examples = tags.map(tag => ts.displayPartsToString(tag.text).trim());
    return [{ name: found.name, place: `${path.relative(inProject(), file.fileName)}:${line + 1}`, examples }];
  });
}

/** An example that begins so is compiled, but not run: `// needs a GGUF file of your own`. */
export const NEEDS = /^\/\/ needs /;

/** A module that exports the examples as functions, each with what it uses of the lib, and checks values after `// →`. */
export function asModule(names: readonly PublicName[]): string {
  const all = names.flatMap(({ name, examples }) => examples.map(code => ({ name, code })));
  const words = new Set(all.flatMap(({ code }) => code.match(/[A-Za-z_$][\w$]*/g) ?? []));
  const imported = exportedValues().filter(name => words.has(name));
  const functions = all.map(
    ({ name, code }) => `  ['${name}', async () => {\n${code.split('\n').map(checked).join('\n')}\n  }],`,
  );
  return `import { ${imported.join(', ')} } from ${JSON.stringify(inProject('lib'))};
declare function check(value: unknown, expected: string): void;
export const examples: [name: string, run: () => unknown][] = [
${functions.join('\n')}
];
`;
}

/** `half(3) // → 1.5` asks for the value; other lines are as they are, with a semicolon where one is needed. */
function checked(line: string): string {
  const [, code, expected] = /^(.*?);?\s*\/\/ → (.*)$/.exec(line) ?? [];
  if (code !== undefined) return `check(${code}, ${JSON.stringify(expected)});`;
  return line;
}

function exportedValues(): string[] {
  const program = ts.createProgram([INDEX], options());
  const checker = program.getTypeChecker();
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(INDEX)!)!).map(s => s.name);
}

/** What TypeScript says of a file, one sentence a line. */
export function typeErrors(file: string): string[] {
  const program = ts.createProgram([file], { ...options(), noUnusedLocals: false, noUnusedParameters: false });
  const source = program.getSourceFile(file)!;
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(d => {
    const { line } = source.getLineAndCharacterOfPosition(d.start ?? 0);
    const shown = source.text.split('\n')[line].trim();
    return `${ts.flattenDiagnosticMessageText(d.messageText, ' ')}\n    ${shown}`;
  });
}
