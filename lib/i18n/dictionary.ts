/**
 * English messages and their Chinese, in the manner of gettext. A message may hold placeholders: `{n}`, `{n2}` … match a number,
 * any other name (`{series}`) any text, which is translated by itself, `{list}` a list of names, `{code}` what stays as it is.
 * In the Chinese `{n million}` and `{n billion}` say such a number in 万 and 亿.
 * A text that is no message is taken apart at the ends of sentences, clauses and list entries.
 */
import { hasHan, hasLatin, type Names } from './words';

export type Words = Record<string, string>;

export interface Pattern {
  matches: RegExp;
  /** The message starts with this; the rest of its letters say how specific it is. */
  start: string;
  letters: number;
  /** How many words it has of its own. */
  words: number;
  names: string[];
  chinese: string;
  /** Its own words say enough to know it in any text. */
  telling: boolean;
}

/** A translation, how many English words it still shows and in which parts; `clause`: it came from a message with placeholders. */
interface Result {
  text: string;
  left: number;
  open?: readonly string[];
  clause?: boolean;
}

const NUMBER = String.raw`[-−+±≈≤≥<>~]?\s?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+−]?\d+)?(?:\s?%)?|[-−+]?∞`;
const PLACEHOLDER = /\{([a-z]+\d*)\}/g;
/** Where a text falls apart, strongest first, with what stands there in Chinese; each only where brackets are closed. */
const SEPARATORS: [english: string, chinese: string, inList: string][] = [
  ['\n', '\n', '\n'],
  ['\t', '\t', '\t'],
  ['. ', '。', '。'],
  ['? ', '？', '？'],
  ['! ', '！', '！'],
  ['; ', '；', '；'],
  [': ', '：', '：'],
  [' · ', ' · ', ' · '],
  [' → ', ' → ', ' → '],
  [' / ', ' / ', ' / '],
  [', ', '，', '、'],
  [' and ', '和', '和'],
  [' = ', ' = ', ' = '],
];
const ENDS: Record<string, string> = { '.': '。', ':': '：', '?': '？', '!': '！', '…': '……', ',': '，', ';': '；' };
const MARKS = /^((?:[✓✗○•·–—-]|\d+[.)]|[A-H][.)]|\([a-h]\))\s+)/;
const SEVERAL_WORDS = /[A-Za-z]{2}.* .*[A-Za-z]{2}/s;
/** Of such a text a message without words of its own, '{label} {n}', says nothing. */
const SEVERAL_CLAUSES = /[;.?!] |\n/;
/** Chinese sets a percent sign close to its number. */
const PERCENT = /(\d) %/g;
/** Longer texts are only taken apart at the ends of sentences: no message is as long. */
const LONG = 1500;

export class Dictionary {
  private readonly exact = new Map<string, string>();
  private readonly patterns: Pattern[] = [];
  private readonly known = new Map<string, Result>();

  /** @param sources the first that has a message decides */
  constructor(
    readonly names: Names,
    ...sources: Words[]
  ) {
    for (const [english, chinese] of sources.flatMap(words => Object.entries(words))) {
      this.add(english, chinese);
      if (english.endsWith('.') && chinese.endsWith('。')) this.add(english.slice(0, -1), chinese.slice(0, -1));
    }
    this.patterns.sort((a, b) => b.letters - a.letters);
  }

  private add(english: string, chinese: string): void {
    if (this.exact.has(english) || !chinese) return;
    this.exact.set(english, chinese);
    if (english.search(PLACEHOLDER) >= 0) this.patterns.push(compiled(english, chinese));
  }

  /** The Chinese of an English text; what no message covers stays. The `head` of a column is no data, also where its cells are. */
  translate(text: string, head = false): string {
    const core = text.trim();
    if (head && this.names.isData(core)) return this.exact.get(core) ?? text;
    if (!hasLatin(core)) return text.replace(PERCENT, '$1%');
    const [before, after] = [text.slice(0, text.indexOf(core)), text.slice(text.indexOf(core) + core.length)];
    const said = this.best(core, false).text;
    return before + (hasHan(said) ? said.replace(PERCENT, '$1%') : said) + after;
  }

  /** The parts of a text that no message covers. */
  missing(text: string): readonly string[] {
    return hasLatin(text) ? (this.best(text.trim(), false).open ?? []) : [];
  }

  /**
   * Only what is a message as a whole, of several words: for the reader's own prints and errors, which may say anything.
   * What stands for a placeholder stays, unless it is a message itself.
   */
  translateLine(line: string): string {
    const core = line.trim();
    const quoted = /^'(.*)'$/.exec(core)?.[1];
    if (quoted) return line.replace(core, () => `'${this.translateLine(quoted)}'`);
    if (!SEVERAL_WORDS.test(core) && !/\d/.test(core)) return line;
    const said = this.whole(core)?.text ?? this.wholePattern(core);
    return said === undefined ? line : line.replace(core, () => said);
  }

  private wholePattern(text: string): string | undefined {
    for (const { matches, start, names, chinese, telling } of this.patterns) {
      const found = telling && text.startsWith(start) ? matches.exec(text) : null;
      if (!found) continue;
      const values = names.map((name, i): [string, string] => [
        name,
        (isKept(name) ? undefined : this.whole(found[i + 1])?.text) ?? found[i + 1],
      ]);
      return filled(chinese, new Map(values));
    }
    return undefined;
  }

  private best(text: string, inList: boolean): Result {
    const key = `${inList} ${text}`;
    const known = this.known.get(key);
    if (known) return known;
    const result = this.whole(text) ?? this.composed(text, inList);
    if (this.known.size > 20_000) this.known.clear();
    this.known.set(key, result);
    return result;
  }

  private whole(text: string): Result | undefined {
    if (this.names.isData(text)) return { text, left: 0 };
    const found = this.exact.get(text) ?? this.exact.get(otherCase(text));
    return found === undefined ? undefined : { text: found, left: 0 };
  }

  private composed(text: string, inList: boolean): Result {
    const foreign = this.names.foreign(text).length;
    const none: Result = { text, left: foreign, open: foreign > 0 ? [text] : [] };
    if (!hasLatin(text)) return none;
    let best = none.left === 0 ? { ...none, left: 0.5 } : none; // a message that says more than names is preferred
    for (const candidate of this.candidates(text, inList)) {
      if (candidate.left < best.left) best = candidate;
      if (best.left === 0) break;
    }
    return best.left === 0.5 ? none : best;
  }

  private *candidates(text: string, inList: boolean): Generator<Result> {
    const mark = MARKS.exec(text)?.[1];
    if (mark) {
      const rest = this.best(text.slice(mark.length), inList);
      yield { ...rest, text: mark + rest.text };
    }
    if (text.length < LONG) yield* this.matched(text, inList);
    const end = ENDS[text.at(-1) as string];
    if (end && text.length > 1 && !text.endsWith('..')) {
      const core = text.slice(0, -1).trimEnd();
      const inner = this.best(core, inList);
      yield { ...inner, text: inner.text + (hasHan(inner.text) ? end : text.slice(core.length)) };
    }
    yield* this.split(text, inList);
    yield* this.bracketed(text, inList);
  }

  private *matched(text: string, inList: boolean): Generator<Result> {
    const isSeveral = SEVERAL_CLAUSES.test(text);
    for (const { matches, start, words, names, chinese } of this.patterns) {
      if (!text.startsWith(start) || (isSeveral && words === 0)) continue;
      const found = matches.exec(text);
      if (!found) continue;
      const said = names.map((name, i): Result => {
        const value = found[i + 1];
        return isNumber(name) || isKept(name)
          ? { text: value, left: 0 }
          : this.best(value, inList || name.startsWith('list'));
      });
      const values = new Map(names.map((name, i) => [name, said[i].text]));
      yield { text: filled(chinese, values), ...sum(said), clause: true };
    }
  }

  private *split(text: string, inList: boolean): Generator<Result> {
    for (const [english, chinese, listed] of SEPARATORS) {
      if (text.length >= LONG && english !== '. ' && english !== '\n') continue;
      for (let at = text.indexOf(english); at > 0; at = text.indexOf(english, at + 1)) {
        const [head, tail] = [text.slice(0, at), text.slice(at + english.length)];
        if (!tail || depth(head) !== 0) continue;
        const [a, b] = [this.best(head, inList), this.best(tail, inList)];
        const turned = hasHan(a.text) || hasHan(b.text);
        const clauses = a.clause || b.clause;
        const and = `${isWide(a.text.at(-1) ?? '') ? '' : ' '}和${isWide(b.text[0] ?? '') ? '' : ' '}`; // a space beside names and numbers
        const joint = english === ' and ' ? and : inList ? listed : chinese;
        const between = !turned ? (english === ' and ' ? and : english) : english === ' and ' && clauses ? '，' : joint;
        yield { text: joined(a.text, between, b.text), ...sum([a, b]), clause: clauses };
        if (a.left + b.left === 0) return;
        if (english === '\n' || english === '. ') break; // the rest splits its own tail
      }
    }
  }

  /** 'words (more words) rest' */
  private *bracketed(text: string, inList: boolean): Generator<Result> {
    const found = /^([^()]*?)(\s*)\(([^()]+)\)(.*)$/s.exec(text);
    if (!found || (!found[1] && !found[4] && !found[3])) return;
    const [, head, , inside, tail] = found;
    const [a, b, c] = [head, inside, tail].map(part =>
      part.trim() ? this.best(part.trim(), inList) : { text: '', left: 0 },
    );
    const turned = hasHan(b.text) || (hasHan(a.text) && !head.match(/\w$/));
    const wrapped = turned ? `（${b.text}）` : `${found[2]}(${b.text})`;
    const rest = /^\s/.test(tail) && !turned ? ` ${c.text}` : c.text;
    yield { text: `${a.text}${wrapped}${rest}`, ...sum([a, b, c]) };
  }
}

const sum = (parts: readonly Result[]): { left: number; open: string[] } => ({
  left: parts.reduce((total, { left }) => total + left, 0),
  open: parts.flatMap(({ open }) => open ?? []),
});

/** What stays as it is: code, types, what somebody typed. */
const isKept = (name: string): boolean => name.startsWith('code');
const isNumber = (name: string): boolean => /^n\d*$/.test(name);

export function compiled(english: string, chinese: string): Pattern {
  const names: string[] = [];
  let letters = 0;
  const source = english
    .split(/(\{[a-z]+\d*\})/)
    .map(part => {
      const name = /^\{([a-z]+\d*)\}$/.exec(part)?.[1];
      if (!name) {
        letters += part.length;
        return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      }
      const again = names.indexOf(name);
      if (again >= 0) return `\\${again + 1}`;
      names.push(name);
      return isNumber(name) ? `(${NUMBER})` : '(.+?)';
    })
    .join('');
  const words = english.replace(PLACEHOLDER, ' ').match(/[A-Za-z]{2,}/g)?.length ?? 0;
  return {
    matches: new RegExp(`^${source}$`, 's'),
    telling: words >= 3 || (words > 0 && letters >= 8 && names.every(isNumber)),
    start: english.slice(0, english.indexOf('{')),
    letters,
    words,
    names,
    chinese,
  };
}

export function filled(chinese: string, values: ReadonlyMap<string, string>): string {
  let text = '';
  for (const part of chinese.split(/(\{[a-z]+\d*(?: [mb]illion)?\})/)) {
    const [, name, unit] = /^\{([a-z]+\d*)(?: ([mb]illion))?\}$/.exec(part) ?? [];
    const value = name === undefined ? part : (values.get(name) ?? part);
    text = joined(text, '', unit && value !== part ? inWan(value, unit === 'million' ? 6 : 9) : value);
  }
  return text;
}

/** '4.7' millions are 470 万, '119' billions 1190 亿: Chinese counts in steps of ten thousand, and keeps the digits given. */
function inWan(value: string, exponent: number): string {
  const [, sign, whole, part = ''] = /^(\D*)([\d,]+)(?:\.(\d+))?$/.exec(value.trim()) ?? [];
  if (whole === undefined) return `${value} × 10${exponent === 6 ? '⁶' : '⁹'}`; // no plain number
  const digits = whole.replaceAll(',', '');
  const size = Number(`${digits}.${part}e${exponent}`);
  const [name, step] = size >= 1e12 ? ['万亿', 12] : size >= 1e8 ? ['亿', 8] : ['万', 4];
  const all = (digits + part).padEnd(digits.length + exponent - step, '0');
  const point = digits.length + exponent - step;
  const [before, after] = [all.slice(0, point).replace(/^0+(?=\d)/, ''), all.slice(point).replace(/0+$/, '')];
  return `${sign}${before}${after && `.${after}`} ${name}`;
}

/** Chinese beside Chinese stands without a space, beside Latin letters and digits with one. */
function joined(a: string, between: string, b: string): string {
  if (between || / {2}$/.test(a) || /^ {2}/.test(b)) return a + between + b;
  const [left, right] = [a.trimEnd(), b.trimStart()];
  const [last, first] = [left.at(-1) ?? '', right.at(0) ?? ''];
  if (!last || !first) return a + b;
  if (isWide(last) && isWide(first)) return left + right;
  const meets = (hasHan(last) && !APART.test(first)) || (!APART.test(last) && hasHan(first));
  return meets ? `${left} ${right}` : a + b;
}

/** What needs no space beside Chinese: quotes and brackets that open, marks, Chinese itself. */
const APART = /[\s"'([{<,.:;?!\u2018-\u201d\u3000-\u303f\u3400-\u9fff\uff00-\uffef…]/;
const isWide = (character: string): boolean => /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’…]/.test(character);

/** 'Rows' for 'rows' and back. */
const otherCase = (text: string): string => {
  const first = text[0];
  return (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()) + text.slice(1);
};

/** How many brackets are open at the end of a text. */
function depth(text: string): number {
  let open = 0;
  for (const character of text) {
    if ('([{（'.includes(character)) open++;
    else if (')]}）'.includes(character)) open--;
  }
  return open;
}
