/** Where the words lie: the lib's beside this file, a lesson's in `notebooks/zh/words`, beside its Chinese text. */

import { TERMS } from '../course/terms';
import { fs, path } from '../platform';
import { Dictionary, type Words } from './dictionary';
import { Faults } from './faults';
import { I18N, Names, readAllowed } from './words';

export const WORDS = path.join('notebooks', 'zh', 'words');

const read = (file: string): Words => (fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Words) : {});

const ERRORS = ['errors.json', 'advice.json'];

/** What the lib says, and the kernel; messages of errors are apart, as `faultWords`. */
export function libWords(root: string): Words {
  const folder = path.join(root, I18N, 'zh');
  const files = fs.readdirSync(folder).filter(file => file.endsWith('.json') && !ERRORS.includes(file));
  return Object.assign({}, ...files.sort().map(file => read(path.join(folder, file)))) as Words;
}

/** What errors say: the lib's, the kernel's, and notes that become a part of them. */
export const faultWords = (root: string): Words =>
  Object.assign({}, ...[...ERRORS, 'kernel.json', 'notes.json'].map(file => read(path.join(root, I18N, 'zh', file))));

/** Finds the Chinese of an error's lines. */
export const faultsOf = (root: string, dictionary: Dictionary): Faults => new Faults(faultWords(root), dictionary);

/** The glossary's terms, for labels that are a term. */
function terms(): Words {
  const lines = Object.values(TERMS).flatMap(topic => topic.trim().split('\n'));
  const pairs = lines.flatMap(line => {
    const [en, zh] = line.split('::').map(part => part.trim().split(', '));
    return en.map(form => [form, zh[0]]);
  });
  return Object.fromEntries(pairs) as Words;
}

/** What a lesson says, e.g. '12-diffusion'. */
export const lessonWords = (root: string, lesson: string): Words => read(path.join(root, WORDS, `${lesson}.json`));

/** The words of every lesson, for a notebook of the reader's own. */
function allWords(root: string): Words[] {
  const folder = path.join(root, WORDS);
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => read(path.join(folder, file)));
}

/**
 * The dictionary of a page: the lesson's own words before the lib's.
 * @param pairs further messages that go first, e.g. those that stand in both languages in the lesson's code
 */
export function dictionaryOf(root: string, lesson = '', pairs: Words = {}): Dictionary {
  const own = lessonWords(root, lesson);
  const others = Object.keys(own).length > 0 || lesson !== '' ? [] : allWords(root);
  return new Dictionary(new Names(readAllowed(root), lesson), pairs, own, libWords(root), ...others, terms());
}
