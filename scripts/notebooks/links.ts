/** Links that must lead somewhere: between notebooks, from notebooks to the project's files, from the lib to lessons. */
import fs from 'node:fs';
import path from 'node:path';
import { type Notebook, readNotebook } from './notebook';

/** The id that JupyterLab and nbconvert give a heading: its text with hyphens for spaces. */
export function headingId(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>|[*`]/g, '')
    .trim()
    .replace(/ /g, '-');
}

/** Link targets of a notebook's text that do not lead to a file, or to a heading or anchor of a notebook. */
export const brokenLinks = (notebook: Notebook, file: string): string[] =>
  linksOf(notebook).filter(link => !leadsSomewhere(link, notebook, file));

/** Link targets of a notebook's text, but for addresses elsewhere in the world. */
export function linksOf(notebook: Notebook): string[] {
  const text = notebook.cells.filter(cell => cell.cell_type === 'markdown').map(cell => withoutCode(cell.source));
  const links = text.flatMap(source => [...source.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(match => match[1]));
  return links.filter(link => !/^[a-z]+:/i.test(link));
}

function leadsSomewhere(link: string, notebook: Notebook, file: string): boolean {
  const [target, fragment] = link.split('#');
  const absolute = target ? path.resolve(path.dirname(file), decodeURI(target)) : file;
  if (target && !fs.existsSync(absolute)) return false;
  if (!fragment || !absolute.endsWith('.ipynb')) return true;
  const goal = target ? readNotebook(absolute) : notebook;
  const anchors = goal.cells
    .filter(cell => cell.cell_type === 'markdown')
    .flatMap(cell => anchorsIn(withoutBlocks(cell.source)));
  return /^[ -~]*$/.test(decodeURIComponent(fragment)) && anchors.includes(decodeURIComponent(fragment));
}

/** Ids of headings and of anchors; JupyterLab finds only those in ASCII. */
const anchorsIn = (text: string) => [
  ...[...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map(match => headingId(match[1])),
  ...[...text.matchAll(/<a id="([^"]+)">/g)].map(match => match[1]),
];

const withoutBlocks = (source: string) => source.replace(/```[\s\S]*?```/g, '');
const withoutCode = (source: string) => withoutBlocks(source).replace(/`[^`\n]*`/g, '');

/** `@see` lines of the lib that name a lesson: [where, lesson's file name without ending]. */
export function seeTags(folder: string): { file: string; lesson: string }[] {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
  return files.flatMap(name => {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    const found = text.matchAll(/@see (?:\{@link )?(?:lesson |notebooks\/)(?:zh\/)?(\d\d-[\w-]+)/g);
    return [...found].map(match => ({ file: name, lesson: match[1] }));
  });
}
