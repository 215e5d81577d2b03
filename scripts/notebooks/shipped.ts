/** The lessons as they were given out: from git, or, where the course came without it, from copies made at the first start. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { allLessons, LANGUAGES, ROOT } from './notebook';

/** Where lessons as they were given out are found. */
export interface Shipped {
  /** In words: 'the last commit'. */
  from: string;
  /** Paths of the notebooks below the project's root, with slashes. */
  names: string[];
  /** One notebook's bytes. */
  read(name: string): Buffer;
}

/** Notebooks of the lessons only: what is in other folders is not reset. */
const NOTEBOOK = /^notebooks\/(?:zh\/)?[^/]+\.ipynb$/;

/** @throws Error where there is neither git's record nor a copy */
export function shipped(root = ROOT): Shipped {
  const found = fromGit(root) ?? fromCopies(root);
  if (found) return found;
  throw new Error(
    'neither git nor a copy of the lessons is here: download the course anew, and keep your folder notebooks/my-work',
  );
}

function fromGit(root: string): Shipped | undefined {
  if (!hasGit(root)) return undefined;
  const git = (...argv: string[]): Buffer =>
    execFileSync('git', argv, { cwd: root, maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const names = git('ls-tree', '-r', '-z', '--name-only', 'HEAD', 'notebooks').toString().split('\0');
    return {
      from: 'the last commit',
      names: names.filter(name => NOTEBOOK.test(name)),
      read: name => git('show', `HEAD:./${name}`),
    };
  } catch {
    return undefined; // no git program, or a folder that another user owns
  }
}

/** The project's own record, not that of a folder around it. */
const hasGit = (root: string): boolean => fs.existsSync(path.join(root, '.git'));

/** Copies of another version of the course would bring its lessons back: each version has its own. */
function copiesFolder(root: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return path.join(root, '.lab', 'shipped', version);
}

function fromCopies(root: string): Shipped | undefined {
  const folder = copiesFolder(root);
  if (!fs.existsSync(folder)) return undefined;
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => name.split(path.sep).join('/'));
  return {
    from: 'the copy that the first start made',
    names: files.filter(name => name.endsWith('.ipynb.gz')).map(name => `notebooks/${name.slice(0, -'.gz'.length)}`),
    read: name => gunzipSync(fs.readFileSync(path.join(folder, `${name.slice('notebooks/'.length)}.gz`))),
  };
}

/** Keeps a copy of every lesson where no git does; once, before the reader changes anything. */
export function keepShipped(root = ROOT): void {
  const folder = copiesFolder(root);
  if (hasGit(root) || fs.existsSync(folder)) return;
  const unfinished = `${folder}.${process.pid}.part`;
  for (const { files } of allLessons(root)) {
    for (const language of LANGUAGES) {
      const to = path.join(unfinished, `${path.relative(path.join(root, 'notebooks'), files[language])}.gz`);
      fs.mkdirSync(path.dirname(to), { recursive: true });
      fs.writeFileSync(to, gzipSync(fs.readFileSync(files[language]), { level: 1 }));
    }
  }
  fs.renameSync(unfinished, folder);
}
