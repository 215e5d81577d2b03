/** What TypeScript says, as a reader can use it: habits from elsewhere in one sentence each, missing names with the cells that make them, no line twice. */
import { isBuiltin } from 'node:module';
import type { Diagnostic } from '../messages';
import { foreignMethod, foreignName } from './foreign-names';
import { habitOf, instead } from './habits';
import { browserNames } from './node-globals';
import { unknownNames } from './notebook';
import { missingModule } from './packages-help';
import { wideSigns } from './wide-signs';

/** Cannot find a name: plain, with a proposal, as a shorthand property, as one of the DOM's or of Node's, a type as a value. */
export const NO_NAME: ReadonlySet<number> = new Set([
  2304, 2552, 18004, 2584, 2580, 2581, 2582, 2583, 2591, 2592, 2693,
]);
const NO_MODULE = new Set([2307, 2792]);
const NO_PROPERTY = new Set([2339, 2550, 2551, 2568]);
const MOST_OF_SYNTAX = 3;

interface Circumstances {
  /** Whether these are errors of grammar, where one mistake makes many. */
  syntax: boolean;
  /** The notebook's folder. */
  folder: string;
  /** Whether this kernel knows any name yet. */
  noneYet: boolean;
  /** What the course's lib exports, as far as it has been read. */
  inLib(): ReadonlySet<string>;
}

export function advise(code: string, found: Diagnostic[], circumstances: Circumstances): Diagnostic[] {
  const { syntax, noneYet } = circumstances;
  const lines = code.split('\n');
  const wide = wideSigns(lines, found);
  if (wide.length) return wide;
  const habits = habitsIn(lines, found, syntax);
  if (habits.length) return habits;
  const own = found.filter(({ file }) => !file);
  const unknown = new Map<string, Diagnostic>();
  const assigned = new Set<string>();
  for (const diagnostic of own) {
    const name = NO_NAME.has(diagnostic.code) ? marked(lines, diagnostic) : '';
    if (!name || assigned.has(name) || unknown.has(name)) continue;
    if (isAssigned(name, lines[diagnostic.start.line], diagnostic.start.column)) assigned.add(name);
    else unknown.set(name, diagnostic);
  }
  const missing = unknownNames(code, unknown, noneYet && ![...unknown.keys()].some(isForeign));
  // The other errors follow from it, more often than not.
  if (missing) return [...found.filter(({ file }) => file), missing];
  const told = fold(found.map(diagnostic => withHint(diagnostic, lines, circumstances)));
  return syntax ? told.slice(0, MOST_OF_SYNTAX) : told;
}

const isForeign = (name: string): boolean => foreignName(name, browserNames.has(name)) !== undefined;

/**
 * Lines that do not compile and are Python or IPython. An open `x?` is noticed on the next line only. Where TypeScript can
 * read the line, as in `!ls -l`, it begins with a name that nobody knows.
 */
function habitsIn(lines: string[], found: Diagnostic[], syntax: boolean): Diagnostic[] {
  const bad = new Map<number, Diagnostic>();
  for (const diagnostic of found) {
    const { file, start, code } = diagnostic;
    const first = /[\w$]/.exec(lines[start.line] ?? '')?.index;
    if (!file && (syntax || (NO_NAME.has(code) && first === start.column))) bad.set(start.line, diagnostic);
  }
  const said: Diagnostic[] = [];
  lines.forEach((line, i) => {
    const follows = syntax && bad.has(i + 1) && /[?:]\s*;?\s*$/.test(line);
    const message = bad.has(i) || follows ? habitOf(line, syntax) : undefined;
    if (!message) return;
    const start = { line: i, column: line.length - line.trimStart().length };
    said.push({ start, end: { line: i, column: line.trimEnd().length }, message, code: 0 });
  });
  return fold(said);
}

function withHint(diagnostic: Diagnostic, lines: string[], { folder, inLib }: Circumstances): Diagnostic {
  if (diagnostic.file) return diagnostic;
  const name = marked(lines, diagnostic);
  if (NO_NAME.has(diagnostic.code)) {
    const foreign = foreignName(name, browserNames.has(name));
    if (foreign) return { ...diagnostic, code: 0, message: foreign, related: [] };
    if (inLib().has(name)) return { ...diagnostic, hint: `the course's lib has it: import { ${name} } from './lib'` };
    if (isBuiltin(name)) return { ...diagnostic, hint: `import ${name} from 'node:${name}'` };
    if (isAssigned(name, lines[diagnostic.start.line], diagnostic.start.column))
      return { ...diagnostic, hint: `to make a new name: let ${name} = …, or const where it stays` };
  }
  if (NO_MODULE.has(diagnostic.code)) {
    const module = name.slice(1, -1);
    return { ...diagnostic, hint: missingModule(module, folder, instead) };
  }
  if (NO_PROPERTY.has(diagnostic.code)) {
    // Two names in quotes, in whatever language: the property and the type.
    const quoted = [...diagnostic.message.matchAll(/'(.*?)'|“(.*?)”/g)].map(([, one, other]) => one ?? other);
    const hint = foreignMethod(name, quoted.find(type => type !== name) ?? '');
    if (hint) return { ...diagnostic, hint };
  }
  return diagnostic;
}

/** `x = 5`, at the beginning of a statement. */
function isAssigned(name: string, line: string, column: number): boolean {
  return /(?:^|[;{}])\s*$/.test(line.slice(0, column)) && /^\s*=(?![=>])/.test(line.slice(column + name.length));
}

/** The text that is underlined. */
function marked(lines: string[], { start, end }: Diagnostic): string {
  return start.line === end.line ? (lines[start.line] ?? '').slice(start.column, end.column) : '';
}

/** The same said of several lines is said once. */
function fold(diagnostics: Diagnostic[]): Diagnostic[] {
  const first = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const key = [diagnostic.code, diagnostic.message, diagnostic.file?.name ?? ''].join('\n');
    const known = first.get(key);
    const { line } = diagnostic.start;
    if (!known) first.set(key, { ...diagnostic, alsoOn: [] });
    else if (known.start.line !== line && !known.alsoOn!.includes(line)) known.alsoOn!.push(line);
  }
  return [...first.values()];
}
