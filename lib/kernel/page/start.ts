/** A worker begins: what the page tells it in its name, and the list of the site's files. Imported before the lib. */
import './globals';
import './interrupt'; // the bundle's lib asks for it
import { useSite } from '../../platform/browser/files';

/** What a page gives its workers. */
export interface Begin {
  /** Address of the folder in which the site keeps files, with a slash at its end. */
  site: string;
  /** Path from the project's folder: 'notebooks/zh/03-bayes.ipynb'. */
  notebook: string;
  env: Record<string, string>;
  /** Code of the lesson's cells, for what is said of names that no cell has made yet. */
  cells: string[];
}

export const begin = JSON.parse(self.name) as Begin;

function fetchNow(name: string): string {
  const request = new XMLHttpRequest();
  request.open('GET', begin.site + name, false);
  request.send();
  if (request.status !== 200) throw new Error(`the site does not answer with ${name} (${request.status})`);
  return request.responseText;
}

Object.assign(process.env, begin.env, { JPY_SESSION_NAME: `/project/${begin.notebook}` });
useSite(`${begin.site}files/`, JSON.parse(fetchNow('files.json')));
