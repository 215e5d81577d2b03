/**
 * `npm run reset -- 03`: brings a lesson back as it was given out, in both languages. What the reader made of it is put
 * into notebooks/my-work first, and the place is said. `--all` does so for every lesson.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseCommand, runCommand } from './notebooks/command';
import { freePlace, makeMyWork } from './notebooks/my-work';
import { LANGUAGES, type Language, type Lesson, lessonNamed, ROOT, selectLessons } from './notebooks/notebook';
import { type Shipped, shipped } from './notebooks/shipped';

/** Resets the lessons that the words name; a lesson whose file was deleted comes back, too. */
export function main(argv: string[], root = ROOT, say: (line: string) => void = console.log): number {
  const { words, options } = parseCommand(argv, [], ['all']);
  if (words.length === 0 && !options.has('all')) {
    throw new Error('which lesson? `npm run reset -- 03`, or `npm run reset -- --all` for every one');
  }
  const store = shipped(root);
  const names = new Set(store.names.map(name => path.posix.basename(name, '.ipynb')));
  const lessons = [...names].sort().map(name => lessonNamed(name, root));
  for (const lesson of selectLessons(words, root, lessons)) resetLesson(lesson, store, root, say);
  return 0;
}

function resetLesson(lesson: Lesson, store: Shipped, root: string, say: (line: string) => void): void {
  const changed = LANGUAGES.filter(language => resetFile(lesson, language, store, root, say));
  say(changed.length > 0 ? `✓ ${lesson.name}: as in ${store.from}` : `${lesson.name}: nothing was changed in it`);
  if (changed.length > 0) say('  If it is open in JupyterLab: File → Reload Notebook from Disk');
}

/** True where the file differed from what was given out, and was put back. */
function resetFile(
  lesson: Lesson,
  language: Language,
  store: Shipped,
  root: string,
  say: (line: string) => void,
): boolean {
  const file = lesson.files[language];
  const name = path.relative(root, file).split(path.sep).join('/');
  if (!store.names.includes(name)) return false;
  const original = store.read(name);
  const own = fs.existsSync(file) ? fs.readFileSync(file) : undefined;
  if (own?.equals(original)) return false;
  if (own) {
    makeMyWork(root);
    const aside = freePlace({ name: lesson.name, language }, root);
    fs.mkdirSync(path.dirname(aside), { recursive: true });
    fs.writeFileSync(aside, own);
    say(`  your version of ${name} is now ${path.relative(root, aside)}`);
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.part`, original);
  fs.renameSync(`${file}.part`, file);
  return true;
}

if (require.main === module) runCommand(main);
