/**
 * Messages of errors in Chinese. They are found by their whole form only, since a reader's own errors may say anything; what
 * stands in them is a value (`{code}`: kept), a phrase or a message of its own (`{text}`: one word stays, it is the name of a
 * setting), the name of a thing (`{noun}`), several of them (`{list}`).
 */
import { compiled, type Dictionary, filled, type Pattern, type Words } from './dictionary';

/** 'lib/a.ts, line 3 (also line 5): what is wrong' */
const PLACE = /^([^\s:]+\.\w+), line (\d+)(?: \(also line ([\d, ]+)\))?(?:: (.*))?$/;

export class Faults {
  private readonly exact: ReadonlyMap<string, string>;
  private readonly patterns: Pattern[];

  constructor(
    words: Words,
    private readonly dictionary: Dictionary,
  ) {
    const entries = Object.entries(words);
    this.exact = new Map(entries);
    this.patterns = entries.filter(([said]) => /\{[a-z]+\d*\}/.test(said)).map(pair => compiled(...pair));
    this.patterns.sort((a, b) => b.letters - a.letters);
  }

  /** A line of a message; what is none of the lib's or the kernel's stays. */
  say(line: string): string {
    const core = line.trim();
    const [, file, at, also, rest] = PLACE.exec(core) ?? [];
    if (file) return `${file}，第 ${at} 行${also ? `（还有第 ${also} 行）` : ''}${rest ? `：${this.say(rest)}` : ''}`;
    const said = this.whole(core);
    return said === undefined ? this.dictionary.translateLine(line) : line.replace(core, () => said);
  }

  /** A text that is a message of the lib from its first word to its last, as tables of errors hold them. */
  whole(text: string): string | undefined {
    return this.message(text.trim(), 2);
  }

  /** @param least so many words of its own a pattern must have: inside a message fewer are enough */
  private message(text: string, least: number): string | undefined {
    const known = this.exact.get(text);
    if (known !== undefined && (least < 2 || /\s/.test(text))) return known;
    for (const { matches, start, names, chinese, words } of this.patterns) {
      const found = words >= least && text.startsWith(start) ? matches.exec(text) : null;
      if (!found) continue;
      const values = names.map((name, i): [string, string] => [
        name,
        this.value(name.replace(/\d+$/, ''), found[i + 1]),
      ]);
      return filled(chinese, new Map(values));
    }
    return undefined;
  }

  private value(kind: string, value: string): string {
    if (kind === 'noun') return this.message(value, 1) ?? this.dictionary.translate(value);
    const parts = kind === 'text' && value.includes('; ') ? value.split('; ').map(part => this.message(part, 1)) : [];
    if (parts.length > 0 && parts.every(part => part !== undefined)) return parts.join('；');
    if (kind === 'text')
      return /\s/.test(value) ? (this.message(value, 1) ?? this.dictionary.translateLine(value)) : value;
    if (kind === 'list')
      return value
        .split(/, (?![^[]*\])| and /)
        .map(each => this.message(each, 1) ?? each)
        .join('、');
    return value;
  }
}
