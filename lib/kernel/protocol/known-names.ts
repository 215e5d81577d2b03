/** Completion from what this process knows by itself, while the compiler is still reading or busy: keywords, Node's globals and their members, words of the cell and of earlier ones. */
import type { Completions } from '../messages';

const KEYWORDS =
  'abstract any as async await bigint boolean break case catch class const constructor continue declare default delete do else enum export extends false finally for from function get if implements import in infer instanceof interface is keyof let namespace never new null number object of override private protected public readonly return satisfies set static string super switch symbol this throw true try type typeof undefined unique unknown using var void while yield'.split(
    ' ',
  );
const MOST = 500;

/** @param words names that earlier cells hold */
export function completeFromKnown(code: string, offset: number, words: Iterable<string>): Completions {
  const before = code.slice(0, offset);
  const typed = /[\p{ID_Continue}$]*$/u.exec(before)![0];
  const start = offset - typed.length;
  const path = /((?:[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\.\s*)+)$/u.exec(before.slice(0, start));
  const isMember = /\.\s*$/.test(before.slice(0, start)) && !/\d\.$/.test(before.slice(0, start));
  const names = isMember ? membersOf(path?.[1] ?? '') : [...wordsIn(code, start), ...words, ...globals(), ...KEYWORDS];
  if (insideText(before)) return { start, end: offset, items: [] };
  const lower = typed.toLowerCase();
  const fitting = [...new Set(names)].filter(name => name !== typed && name.toLowerCase().startsWith(lower)).sort();
  const kind = isMember ? 'property' : 'variable';
  const items = fitting
    .slice(0, MOST)
    .map(name => ({ name, kind: KEYWORDS.includes(name) ? 'keyword' : kind, signature: '' }));
  return { start, end: offset, items };
}

const globals = (): string[] => Object.getOwnPropertyNames(globalThis).filter(name => !name.startsWith('_'));

/** Is the cursor in a text that opens on its line? There paths are wanted, which the compiler's thread looks up. */
const insideText = (before: string): boolean =>
  /^(?:[^'"`]|'[^']*'|"[^"]*"|`[^`]*`)*['"`][^'"`]*$/.test(before.slice(before.lastIndexOf('\n') + 1));

/** Of `Math.` or `process.versions.`: only what can be looked at without running anything. */
function membersOf(path: string): string[] {
  let value: unknown = globalThis;
  for (const name of path
    .split('.')
    .map(part => part.trim())
    .filter(Boolean))
    value = own(value, name);
  const found: string[] = [];
  for (
    let at: unknown = value;
    isObject(at) && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  )
    found.push(...Object.getOwnPropertyNames(at));
  return path ? found.filter(name => /^[\p{ID_Start}$]/u.test(name) && name !== 'constructor') : [];
}

function own(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined;
  const property = Object.getOwnPropertyDescriptor(value, name);
  // Node defines some of its globals lazily, by a getter: harmless on the global object itself.
  return value === globalThis ? (globalThis as Record<string, unknown>)[name] : property?.value;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Other words of the cell. */
function wordsIn(code: string, except: number): string[] {
  const found = [...code.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)];
  return found.filter(({ index }) => index !== except).map(([word]) => word);
}
