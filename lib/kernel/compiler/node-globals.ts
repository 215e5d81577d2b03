/**
 * Which global names there are: Node's. Packages' types speak of the browser's (HTMLCanvasElement, ImageData), so
 * TypeScript reads the browser's declarations, but only the types among them: a variable or function that this Node does
 * not have is left out, here and in Node's own declarations, which are those of the newest release.
 */
import path from 'node:path';

/** Names of the browser's that Node lacks, found while its declarations were read. */
export const browserNames = new Set<string>();

/** What `globalThis` has in a cell but not in the compiler's thread, and names that are there only inside a module. */
const MODULE_NAMES = new Set([
  'require',
  'module',
  'exports',
  '__filename',
  '__dirname',
  'global',
  'globalThis',
  'undefined',
  'gc',
]);
const present = (name: string): boolean => name in globalThis || MODULE_NAMES.has(name);

/** TypeScript's declarations of what this Node's JavaScript offers. */
export function librariesOfNode(): string[] {
  const has = (object: object, name: string) => name in object;
  const optional: [string, boolean][] = [
    ['es2024.object', has(Object, 'groupBy')],
    ['es2024.collection', has(Map, 'groupBy')],
    ['es2024.promise', has(Promise, 'withResolvers')],
    ['es2024.arraybuffer', has(ArrayBuffer.prototype, 'transfer')],
    ['esnext.collection', has(Set.prototype, 'union')],
    ['esnext.iterator', has(globalThis, 'Iterator')],
    ['esnext.array', has(Array, 'fromAsync')],
  ];
  const names = ['es2023', 'es2024.string', 'es2024.regexp', 'dom'];
  return [...names, ...optional.filter(([, there]) => there).map(([name]) => name)].map(name => `lib.${name}.d.ts`);
}

/** The text of a file as TypeScript is to see it. */
export function withoutBrowserValues(file: string, text: string): string {
  const dom = /^lib\.(?:dom|webworker)\b/.test(path.basename(file));
  if (dom) return without(text, /^declare (?:var|let|const|function) (\w+)/gm, name => browserNames.add(name));
  // Only what is declared for all is indented by one step, in `declare global`.
  if (file.includes('/@types/node/') && text.includes('declare global'))
    return without(text, /^ {4}(?: {4})?var (\w+)(?=: typeof globalThis extends)/gm);
  return text;
}

function without(text: string, declaration: RegExp, found: (name: string) => void = () => {}): string {
  let kept = '';
  let from = 0;
  for (const match of text.matchAll(declaration)) {
    const start = match.index!;
    if (present(match[1]) || start < from) continue;
    found(match[1]);
    kept += text.slice(from, start);
    from = endOfDeclaration(text, start);
  }
  return kept + text.slice(from);
}

/** Behind the semicolon that ends it; those between brackets belong to types. */
function endOfDeclaration(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '/' && text[at + 1] === '*') at = text.indexOf('*/', at) + 1;
    else if ('{(['.includes(character)) depth++;
    else if ('})]'.includes(character)) depth--;
    else if (character === ';' && depth === 0) return at + 1;
  }
  return text.length;
}
