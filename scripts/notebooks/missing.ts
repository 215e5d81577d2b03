/** What a page shows in the language of the other: words to translate, words to take out. */
import { type Changer, inChinese, quoted } from '../../lib/i18n/bundle';
import { faultsOf } from '../../lib/i18n/load';
import { hasHan, readAllowed } from '../../lib/i18n/words';
import { CLOSING } from './closing';
import { type Language, type Lesson, type Notebook, ROOT, readNotebook } from './notebook';
import { changed, wordsOf } from './translate';

/** A visible text, and the cell that shows it. */
export interface Found {
  cell: string;
  text: string;
}

/** Parts of outputs and widgets that would stay English on the Chinese page, each once. */
export function missingChinese(english: Notebook, lesson: string): Found[] {
  const dictionary = wordsOf(english, lesson);
  const faults = faultsOf(ROOT, dictionary);
  const { text, line } = inChinese(dictionary, faults);
  return visible(
    english,
    (said, report) => {
      for (const part of quoted(said, dictionary, faults) === undefined ? dictionary.missing(said) : []) report(part);
      return text(said);
    },
    (printed, report, cell) => {
      const said = line(printed);
      if (!dictionary.names.isDataCell(cell) && !isValue(said) && dictionary.names.foreign(said).length > 0)
        report(said);
      return said;
    },
  );
}

/** Chinese that an English page shows because it is the subject, the longest first. */
function subjectOf(lesson: string): string[] {
  const { chinese } = readAllowed(ROOT);
  const told = lesson === CLOSING ? Object.values(chinese) : [chinese[lesson] ?? {}]; // it asks what all lessons ask
  return told.flatMap(lists => Object.values(lists).flat()).sort((a, b) => b.length - a.length);
}

/** Chinese texts that the English page shows and that are not its subject. */
export function strayChinese(english: Notebook, lesson: string): Found[] {
  const subject = subjectOf(lesson);
  return visible(english, (said, report) => {
    if (hasHan(said) && !subject.reduce((rest, word) => rest.replaceAll(word, ''), said).match(/[\u3400-\u9fff]/))
      return said;
    if (hasHan(said)) report(said.trim());
    return said;
  });
}

/** What is no prose: code, formulas, addresses. */
const PROSE_ONLY = /```[\s\S]*?```|`[^`\n]*`|\$\$[\s\S]*?\$\$|\$[^$\n]*\$|\]\([^)\n]*\)|<[^>]*>|https?:\S+/g;
/** A source, `- LeCun et al., Gradient-based learning … (1998)`, keeps its title. */
const SOURCE = /^[-*] .*\b(?:1[789]|20)\d\d\b.*$/gm;
const SENTENCE = /[A-Za-z][A-Za-z'’-]+(?:,? (?:a|[A-Za-z][A-Za-z'’-]+)){3,}/g;

/** Lines of the text cells that are in the other language: English sentences on a Chinese page, Chinese on an English one. */
export function strayProse({ cells }: Notebook, lesson: string, language: Language): Found[] {
  const subject = subjectOf(lesson);
  return cells
    .filter(({ cell_type }) => cell_type === 'markdown')
    .flatMap(({ id, source }) => {
      const prose = source.replace(PROSE_ONLY, ' · ');
      const found =
        language === 'zh'
          ? (prose.replace(SOURCE, '').match(SENTENCE) ?? [])
          : subject
              .reduce((rest, word) => rest.replaceAll(word, ''), prose)
              .split('\n')
              .filter(hasHan);
      return found.map(text => ({ cell: id, text }));
    });
}

/** A line of an object or a list as Node prints it: code, not prose. */
const isValue = (line: string): boolean => /^\s*[[\]{}]|^\s+\S|\[\d+\] \w+ \{/.test(line);

type Look = (text: string, report: (found: string) => void, cell: string) => string;

/** Passes every visible text of every cell to `look` (lines that are only printed to `lookAtLine`); what they report is found, once. */
function visible(notebook: Notebook, look: Look, lookAtLine = look): Found[] {
  const found = new Map<string, string>();
  for (const cell of [...notebook.cells, undefined]) {
    const id = cell?.id ?? 'widgets';
    const report = (text: string) => void (found.has(text) || found.set(text, id));
    const change: Changer = { text: text => look(text, report, id), line: line => lookAtLine(line, report, id) };
    changed({ ...notebook, cells: cell ? [cell] : [], metadata: cell ? {} : notebook.metadata }, change);
  }
  return [...found].map(([text, cell]) => ({ cell, text }));
}

/** A message as a dictionary wants it: numbers become placeholders. */
export function asMessage(text: string): string {
  let count = 0;
  return text.replace(/(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+−]?\d+)?(?![\w])/g, () =>
    ++count === 1 ? '{n}' : `{n${count}}`,
  );
}

/** Prints what is missing as lines to fill in; returns how many there are. */
export function printMissing(lesson: Lesson): number {
  const english = readNotebook(lesson.files.en);
  const missing = missingChinese(english, lesson.name);
  const stray = strayChinese(english, lesson.name);
  if (missing.length + stray.length === 0) return 0;
  console.log(`\n${lesson.name}: ${missing.length} texts without Chinese`);
  let cell = '';
  for (const { cell: id, text } of missing) {
    if (id !== cell) console.log(`  # ${id}`);
    cell = id;
    console.log(`  ${JSON.stringify(asMessage(text))}: "",`);
  }
  for (const { cell: id, text } of stray) console.log(`  ${id}: Chinese on the English page: ${text}`);
  return missing.length + stray.length;
}
