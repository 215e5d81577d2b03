/**
 * The project's files that notebooks link to, beside the notebooks: JupyterLab follows `../lib/nn/module.ts` from its topmost
 * folder to `lib/nn/module.ts`, as it goes no higher.
 */
import fs from 'node:fs';
import path from 'node:path';
import { linksOf } from '../notebooks/links';
import { ROOT, readNotebook } from '../notebooks/notebook';

/** What a reader goes on to from a file of the lib, which imports others of it. */
const WHOLE = 'lib';

const inside = (file: string, folder: string): boolean => !path.relative(folder, file).startsWith('..');

/** Files outside of `notebooks` that the notebooks in `files` link to, and all of the lib's, relative to the project. */
export function linkedSources(files: readonly string[], notebooks: string): string[] {
  const linked = files.flatMap(file =>
    linksOf(readNotebook(file)).map(link => path.resolve(path.dirname(file), decodeURI(link.split('#')[0]))),
  );
  const wanted = [...linked.filter(file => !inside(file, notebooks) && fs.existsSync(file)), path.join(ROOT, WHOLE)];
  const found = wanted.flatMap(filesAt).map(file => path.relative(ROOT, file).split(path.sep).join('/'));
  return [...new Set(found)].sort();
}

/** A file, or those of a folder that somebody has written. */
function filesAt(place: string): string[] {
  if (fs.statSync(place).isFile()) return [place];
  return fs.readdirSync(place, { withFileTypes: true }).flatMap(entry => {
    const at = path.join(place, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'build'].includes(entry.name) ? [] : filesAt(at);
    return /\.(?:ts|js|cjs|json|md|cc|h|py|sh|cmd|ps1)$/.test(entry.name) ? [at] : [];
  });
}

interface Listed {
  type: string;
  writable: boolean;
  mimetype: string | null;
  format: string | null;
}

/** The built folder's lists of files say that these are text, which a host may take for something else (.ts: a film), and are not to be written. */
export function listAsText(folder: string, sources: readonly string[]): void {
  const known = new Set(sources);
  for (const place of new Set(sources.map(name => path.posix.dirname(name)))) {
    const list = path.join(folder, 'api', 'contents', place, 'all.json');
    const about = JSON.parse(fs.readFileSync(list, 'utf8')) as { content: (Listed & { path: string })[] };
    for (const entry of about.content)
      if (known.has(entry.path)) Object.assign(entry, { mimetype: 'text/plain', format: 'text', writable: false });
    fs.writeFileSync(list, JSON.stringify(about));
  }
}
