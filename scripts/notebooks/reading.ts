/** How long a lesson takes to read, counted from its words and its code, and written into the table of its head by the sync. */
import type { Language, Notebook } from './notebook';

/** A minute of prose that is thought about, not skimmed: words of English, characters of Chinese. */
const WORDS = 180;
const HAN = 300;
/** Lines of code, and formulas set apart, that a minute suffices for. */
const LINES = 12;
const FORMULAS = 3;

const ROW: Record<Language, { name: string; after: string; say: (minutes: number) => string }> = {
  en: { name: 'Reading', after: 'Code', say: minutes => `about ${minutes} minutes` },
  zh: { name: '阅读', after: '代码', say: minutes => `约 ${minutes} 分钟` },
};

/** Minutes, to the nearest five. Folded code and answers are not read at first sight, references not at all. */
export function readingMinutes({ cells }: Notebook): number {
  let minutes = 0;
  cells.forEach(({ cell_type, source, metadata }, i) => {
    if (cell_type === 'code') {
      if (!metadata.tags?.includes('hide-input'))
        minutes += source.split('\n').filter(line => line.trim()).length / LINES;
      return;
    }
    const prose = source
      .replace(/^## (?:References|参考文献)[\s\S]*/m, '')
      .replace(/<details>[\s\S]*?<\/details>/g, '')
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(i === 0 ? /^\|.*\|$/gm : /$^/, '')
      .replace(/\]\([^)\n]*\)/g, ']');
    const plain = prose.replace(/\$\$[\s\S]*?\$\$/g, ' ').replace(/\$[^$\n]*\$/g, ' x ');
    const han = plain.match(/\p{Script=Han}/gu)?.length ?? 0;
    const words = plain.match(/[A-Za-z][\w'’-]*/g)?.length ?? 0;
    minutes += han / HAN + words / WORDS + (prose.match(/\$\$/g)?.length ?? 0) / 2 / FORMULAS;
  });
  return Math.max(5, 5 * Math.round(minutes / 5));
}

/** The notebook with its reading minutes in the table of its first cell, below the row of its code; no table, no row. */
export function withReadingTime(notebook: Notebook, language: Language): Notebook {
  const [head, ...rest] = notebook.cells;
  const { name, after, say } = ROW[language];
  const bare = head?.source.replace(new RegExp(`\\n\\| ${name} \\|.*\\|`), '').trimEnd() ?? '';
  if (!new RegExp(`^\\| ${after} \\|`, 'm').test(bare)) return notebook;
  const row = `| ${name} | ${say(readingMinutes(notebook))} |`;
  const source = bare.replace(new RegExp(`^(\\| ${after} \\|.*\\|)$`, 'm'), (line: string) => `${line}\n${row}`);
  return { ...notebook, cells: [{ ...head, source }, ...rest] };
}
