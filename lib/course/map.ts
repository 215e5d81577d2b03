/**
 * The map of the course: what needs what, read from the lessons themselves, so that it is never out of date.
 * @see notebooks/00-welcome.ipynb
 */

import { pageLanguage } from '../i18n/language';
import { fromRoot, fs, path } from '../platform';
import { type Figure, flowChart, type Link } from '../plot';
import { directNeeds } from './needs';

const NOTEBOOKS = fromRoot('notebooks');

/** A lesson as the map shows it. */
export interface LessonNode {
  /** File name without its ending, e.g. '03-bayes'. */
  name: string;
  /** Its number, e.g. '03'. */
  number: string;
  title: { en: string; zh: string };
  /** Names of the lessons that its head names as needed before it. */
  needs: string[];
}

/**
 * The lessons in order, from the first cell of each notebook: its title, and the links in its line 'Before this' up to a semicolon.
 * @example courseLessons()[3].title.en // → Bayes
 */
export function courseLessons(folder = NOTEBOOKS): LessonNode[] {
  const isLesson = (file: string) => fs.existsSync(path.join(folder, 'zh', file)); // a reader's copy is in one language
  const names = fs.readdirSync(folder).flatMap(file => {
    const name = /^(\d\d-[\w-]+)\.ipynb$/.exec(file)?.[1];
    return name && !/-Copy\d*$/.test(name) && isLesson(file) ? name : [];
  });
  return names.sort().map(name => {
    const [english, chinese] = [folder, path.join(folder, 'zh')].map(f => headOf(path.join(f, `${name}.ipynb`)));
    const before = /^\|\s*Before this\s*\|([^;\n]*)/m.exec(english)?.[1] ?? '';
    const linked = [...before.matchAll(/\]\((\d\d-[\w-]+)\.ipynb/g)].map(match => match[1]);
    return {
      name,
      number: name.slice(0, 2),
      title: { en: shortTitle(english, ':'), zh: shortTitle(chinese, '：') },
      needs: linked.filter(need => need !== name && names.includes(need)),
    };
  });
}

/**
 * A lesson by what its title says, as a table shows it: a link to its notebook, or a word where there is none yet.
 * @example lessonLink(/Bayes/)
 */
export function lessonLink(title: RegExp, lessons = courseLessons()): Link | string {
  const found = lessons.find(lesson => title.test(lesson.title.en));
  return found
    ? { text: `${found.number} ${found.title[pageLanguage()]}`, href: `${found.name}.ipynb` }
    : 'to be written';
}

/** Text of a notebook's first cell; empty where there is no such notebook. */
function headOf(file: string): string {
  if (!fs.existsSync(file)) return '';
  const { cells } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cells: { source: string | string[] }[] };
  return [cells[0]?.source ?? ''].flat().join('');
}

/** '# 03 · Bayes: how evidence …' → 'Bayes'. */
function shortTitle(text: string, colon: string): string {
  const heading = /^#\s+(?:\d+\s*·\s*)?(.+)$/m.exec(text)?.[1] ?? '';
  return heading.split(colon)[0].trim();
}

/** Parts of the course by the numbers of their lessons: palette colours on the map. */
const colourOf = (number: string): number => [0, 2, 4, 1][Math.min(3, Math.floor(Number(number) / 8))];

/**
 * The map, drawn, with titles in the language of the page: an arrow leads from what is needed to what needs it.
 * @example courseMap().alt
 */
export function courseMap(lessons = courseLessons(), language = pageLanguage()): Figure {
  const nodes = lessons.map(({ name, number, title }): [string, { label: string; colour: number }] => [
    name,
    { label: `${number} ${title[language]}`, colour: colourOf(number) },
  ]);
  const said = directNeeds(lessons).map(([from, to]) => `${to.slice(0, 2)} needs ${from.slice(0, 2)}`);
  return flowChart({
    nodes: Object.fromEntries(nodes),
    edges: directNeeds(lessons),
    alt: `Map of the course with ${lessons.length} lessons: ${said.join(', ')}.`,
  });
}
