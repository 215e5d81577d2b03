/** What to do where a package or a file is missing. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../paths';

/** One sentence on how packages come here. @param names as they stood behind `install` */
export function installing(names: string): string {
  const wanted = names.replace(/(?:^|\s)-{1,2}\S+/g, '').trim() || 'name';
  return `packages are installed in a terminal (menu File → New → Terminal): cd ${quoted(ROOT)} && npm install ${wanted}; they are npm's, not Python's, and can be imported at once`;
}

const quoted = (folder: string): string => (/\s/.test(folder) ? JSON.stringify(folder) : folder);

/** What an import of `name` found nothing for. @param folder the notebook's */
export function missingModule(name: string, folder: string, instead: (name: string) => string): string {
  if (name.startsWith('.')) {
    const places = [...new Set([ROOT, folder])].map(place => path.dirname(path.resolve(place, name)));
    const near = places.flatMap(place => neighbours(place, path.basename(name)));
    return [
      `looked in ${places.join(' and in ')}`,
      ...(near.length ? [`there ${near.length === 1 ? 'is' : 'are'} ${near.slice(0, 8).join(', ')}`] : []),
    ].join('; ');
  }
  const beside = [ROOT, folder].some(place => neighbours(place, name).some(file => path.parse(file).name === name));
  if (beside) return `a file of your own is imported with './' in front: './${name}'`;
  const python = instead(name);
  if (python) return python.replace(/^\. /, '');
  return `to install it, in a terminal (menu File → New → Terminal): cd ${quoted(ROOT)} && npm install ${packageOf(name)}; then run this cell again`;
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

/** Files that can be imported and share the beginning of the name, whatever its case. */
function neighbours(folder: string, name: string): string[] {
  const stem = path.parse(name).name.toLowerCase();
  try {
    return fs
      .readdirSync(folder)
      .filter(file => /\.(?:[mc]?[jt]sx?|json)$/.test(file) || fs.existsSync(path.join(folder, file, 'index.ts')))
      .filter(file => file.toLowerCase().startsWith(stem.slice(0, Math.max(2, stem.length - 2))));
  } catch {
    return [];
  }
}
