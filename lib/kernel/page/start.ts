/** A worker begins: what the page tells it in its name, and the list of the site's files. Imported before the lib. */
import './globals';
import './interrupt'; // the bundle's lib asks for it
import { type Listed, useSite } from '../../platform/browser/files';

/** What a page gives its workers. */
export interface Begin {
  /** Address of the folder in which the site keeps files, with a slash at its end. */
  site: string;
  /** Checksum of all that the folder holds: the state of the site that the page belongs to. */
  build: string;
  /** Path from the project's folder: 'notebooks/zh/03-bayes.ipynb'. */
  notebook: string;
  env: Record<string, string>;
  /** Code of the lesson's cells, for what is said of names that no cell has made yet. */
  cells: string[];
}

export const begin = JSON.parse(self.name) as Begin;

function fetchNow(name: string): string {
  const request = new XMLHttpRequest();
  request.open('GET', `${begin.site}${name}?${begin.build}`, false);
  request.send();
  if (request.status !== 200) throw new Error(`the site does not answer with ${name} (${request.status})`);
  return request.responseText;
}

Object.assign(process.env, begin.env, { JPY_SESSION_NAME: `/project/${begin.notebook}` });
const site = JSON.parse(fetchNow('files.json')) as { build: string; files: Record<string, Listed> };
useSite(`${begin.site}files/`, site.files);

/** @throws Error where this worker is of another state of the site than its page: scripts and data would not fit each other */
export async function checkBuild(): Promise<void> {
  if (site.build !== begin.build) throw new Error('the site has changed since this page was opened: reload the page');
}
