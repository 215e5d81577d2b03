/** Paths with slashes, as node:path has them on Linux. */
function parts(text: string): string[] {
  const out: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else out.push(part);
  }
  return out;
}

const WORKING_FOLDER = '/project/notebooks';

const isAbsolute = (file: string): boolean => file.startsWith('/');

function normalize(file: string): string {
  const inner = parts(file);
  if (isAbsolute(file)) while (inner[0] === '..') inner.shift();
  const end = file.endsWith('/') ? '/' : ''; // stays, as in Node
  if (isAbsolute(file)) return inner.length > 0 ? `/${inner.join('/')}${end}` : '/';
  return (inner.join('/') || '.') + end;
}

const join = (...files: string[]): string => normalize(files.filter(Boolean).join('/') || '.');

function resolve(...files: string[]): string {
  const from = files.reduce((base, file) => (isAbsolute(file) ? file : `${base}/${file}`), WORKING_FOLDER);
  return normalize(from).replace(/(.)\/$/, '$1');
}

function dirname(file: string): string {
  const trimmed = file.replace(/(.)\/+$/, '$1');
  const at = trimmed.lastIndexOf('/');
  return at < 0 ? '.' : trimmed.slice(0, at) || '/';
}

function basename(file: string, ending = ''): string {
  const name = file.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return ending && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

function extname(file: string): string {
  const name = basename(file);
  const at = name.lastIndexOf('.');
  return at > 0 && name !== '..' ? name.slice(at) : '';
}

function relative(from: string, to: string): string {
  const [a, b] = [parts(resolve(from)), parts(resolve(to))];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/');
}

const posix = { sep: '/', delimiter: ':', isAbsolute, normalize, join, resolve, dirname, basename, extname, relative };

export const path = { ...posix, posix } as unknown as typeof import('node:path');
