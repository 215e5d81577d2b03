import path from 'node:path';

/** The project's root: where `./lib` of every notebook is looked up. (The bundler writes the value in.) */
export const ROOT: string = process.env.LATENTLAB_ROOT ?? path.resolve(__dirname, '..', '..');

/** Caches and the history live here; the folder can be deleted at any time. */
export const CACHE = path.join(ROOT, '.lab');

/** A path as a reader wants to see it: relative to the project where it is inside. */
export function shortPath(file: string): string {
  const relative = path.relative(ROOT, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative.split(path.sep).join('/');
}
