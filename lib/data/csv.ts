/**
 * Readers' own tables: CSV (RFC 4180) as spreadsheets and Python write it. A value that cannot be taken for a number
 * without losing something stays text, and a value that is missing stays missing.
 */
import Papa from 'papaparse';
import { readWhole } from '../formats';
import { type DataCell, DataTable } from './table';

export interface CsvOptions {
  /** Between fields; default what the first line has most of: comma, semicolon (of either width), tab or |. */
  separator?: string;
  /** The decimal sign of the file's numbers; default a point. */
  decimal?: '.' | ',';
  /** Texts that stand for a missing value; an empty field always does. */
  missing?: readonly string[];
  /** The columns' names, for a file whose first line is a row already. */
  columns?: readonly string[];
}

const MISSING = ['NA', '<NA>', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '#N/A'];
const SEPARATORS = [',', ';', '\t', '|', '，', '；'];
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * A CSV file as a table. Columns in which every value is a number hold numbers, those of true and false truth values,
 * the others texts; so do codes such as 007 and whole numbers that a double cannot hold.
 * @throws Error with the file's name and line: bytes that are no UTF-8, a row with more or fewer fields, an open quote, …
 * @example
 * writeAtomic('cities.csv', 'city,people\nUlm,126000\nKiel,247000');
 * readCsv('cities.csv').count // → 2
 */
export const readCsv = (file: string, options: CsvOptions = {}): DataTable =>
  parseCsv(textOf(readWhole(file, '.csv file'), file), options, file);

/**
 * The same, from a text. `name` is what errors call it.
 * @example parseCsv('city,people\nUlm,126000\nKiel,247000').mean('people') // → 186500
 */
export function parseCsv(text: string, options: CsvOptions = {}, name = 'CSV'): DataTable {
  const said = /^sep=(.)\r?\n/.exec(text); // Excel's first line
  const body = said ? text.slice(said[0].length) : text;
  const separator = options.separator ?? said?.[1] ?? commonest(body);
  const records = recordsOf(body, separator, name, said ? 2 : 1);
  const given = options.columns && { fields: [...options.columns], line: records[0]?.line ?? 1 };
  const header = given ?? records.shift();
  if (!header) throw new Error(`${name}: the file is empty; expected a line with the columns' names`);
  const columns = namesOf(header.fields, name, header.line, given !== undefined);
  const wrong = records.find(({ fields }) => fields.length !== columns.length);
  if (wrong) {
    const found = `${wrong.fields.length} fields where ${columns.length} columns are named`;
    throw new Error(`${name}, line ${wrong.line}: ${found}; is "${separator}" what stands between fields?`);
  }
  const missing = new Set(['', ...(options.missing ?? MISSING)]);
  const cells = columns.map((column, c) => {
    const texts = records.map(({ fields }) => (missing.has(fields[c]) ? null : fields[c]));
    return [column, typed(texts, options.decimal ?? '.')] as const;
  });
  return new DataTable(name, new Map(cells), row => `line ${records[row].line}`);
}

/** UTF-8, or UTF-16 with a mark in front, as spreadsheets save "Unicode text". */
function textOf(bytes: Uint8Array, file: string): string {
  const marks: [string, number, number][] = [
    ['utf-16le', 0xff, 0xfe],
    ['utf-16be', 0xfe, 0xff],
  ];
  const encoding = marks.find(([, a, b]) => bytes[0] === a && bytes[1] === b)?.[0] ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes); // drops the mark
  } catch {
    throw new Error(`${file}: its bytes are no ${encoding.toUpperCase()}; save it as "CSV UTF-8"`);
  }
}

/** The separator that the first line has most of, outside quotes. */
function commonest(text: string): string {
  const line = text.replace(/"[^"]*"/g, '').split(/\r\n|\n|\r/, 1)[0];
  const counts = SEPARATORS.map(each => line.split(each).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

interface Line {
  fields: string[];
  /** Where it begins, from 1. */
  line: number;
}

/** The records of a file, spaces around fields left out; lines with nothing on them are none. */
function recordsOf(text: string, separator: string, name: string, first: number): Line[] {
  const records: Line[] = [];
  let [line, from] = [first, 0];
  Papa.parse<string[]>(text, {
    delimiter: separator,
    step: ({ data, errors, meta }) => {
      const fault = errors.find(({ type }) => type === 'Quotes');
      if (fault) throw new Error(`${name}, line ${line}: ${fault.message}; a quote inside quotes is written twice`);
      const source = text.slice(from, meta.cursor);
      if (source.trim() !== '') records.push({ fields: data.map(field => field.trim()), line });
      line += source.match(/\r\n|\n|\r/g)?.length ?? 0;
      from = meta.cursor;
    },
  });
  return records;
}

/** Names of columns: each there and each once. */
function namesOf(fields: string[], file: string, line: number, given: boolean): string[] {
  const names = fields.map((field, i) => field || `column ${i + 1}`);
  const twice = names.find((each, i) => names.indexOf(each) !== i);
  if (twice !== undefined) throw new Error(`${file}, line ${line}: two columns are named "${twice}"; rename one`);
  if (!given && names.every(each => NUMBER.test(each.replace(',', '.')))) {
    throw new Error(
      `${file}, line ${line}: expected the columns' names, got the numbers ${names.slice(0, 3).join(', ')}; if there is no line of names, read it with { columns: ['…', …] }`,
    );
  }
  return names;
}

/** The values of a column as what they all are. */
function typed(texts: (string | null)[], decimal: '.' | ','): DataCell[] {
  const there = texts.filter(text => text !== null) as string[];
  const all = (test: (text: string) => boolean) => there.length > 0 && there.every(test);
  const plain = (text: string) => (decimal === ',' && !text.includes('.') ? text.replace(',', '.') : text);
  const as = (of: (text: string) => DataCell): DataCell[] => texts.map(text => (text === null ? null : of(text)));
  if (all(text => isNumber(text, plain(text), decimal))) return as(text => Number(plain(text)));
  if (all(text => /^(?:true|false)$/i.test(text))) return as(text => /^true$/i.test(text));
  return texts;
}

/** Whether a text is a number that a double holds, and no code such as 007. */
function isNumber(text: string, plain: string, decimal: '.' | ','): boolean {
  if (!NUMBER.test(plain) || (decimal === ',' && text.includes('.'))) return false;
  if (/^[-+]?0\d/.test(plain)) return false;
  const whole = /^[-+]?\d+$/.test(plain);
  return whole ? Number.isSafeInteger(Number(plain)) : Number.isFinite(Number(plain));
}
