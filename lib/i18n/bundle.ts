/** What a cell shows, in another language: MIME bundles, streams, errors, and the states of widgets. */

import type { Dictionary } from './dictionary';
import type { Faults } from './faults';
import { changeMarkup } from './markup';
import { changePlain } from './plain';
import { changePlotly, changeVega } from './specs';

export type Bundle = Record<string, unknown>;

/** How each kind of text is changed: a dictionary's two ways, or a test that only listens. */
export interface Changer {
  /** A text of the lib or the lesson: taken apart where it is no message as a whole. */
  text(text: string, head?: boolean): string;
  /** A line that the reader may have printed: changed only where it is a message. */
  line(line: string): string;
  /** A line of an error, or of what is written to stderr; as `line` where it is not given. */
  fault?(line: string): string;
}

/** @param faults messages of errors; they are needed where errors may come */
export const inChinese = (dictionary: Dictionary, faults?: Faults): Changer => ({
  text: (text, head) => quoted(text, dictionary, faults) ?? dictionary.translate(text, head),
  line: line => dictionary.translateLine(line),
  fault: faults && (line => faults.say(line)),
});

/** What a table quotes of the lib's errors, where the dictionary's own words leave English. */
export const quoted = (text: string, dictionary: Dictionary, faults?: Faults): string | undefined =>
  faults && dictionary.missing(text).length > 0 ? faults.whole(text) : undefined;

const faultOf = (change: Changer): ((line: string) => string) => change.fault ?? change.line;

const joined = (value: unknown): string => (Array.isArray(value) ? value.join('') : String(value));

/** A bundle with its visible strings changed. Multi-line text may be a list of lines, as files keep it; it becomes one string. */
export function changeBundle(bundle: Bundle, change: Changer): Bundle {
  const own = Object.keys(bundle).length > 1; // a value that is only text may be the reader's own
  const entries = Object.entries(bundle).map(([mime, content]) => [mime, changeContent(mime, content, change, own)]);
  return Object.fromEntries(entries) as Bundle;
}

function changeContent(mime: string, content: unknown, change: Changer, own: boolean): unknown {
  if (mime === 'text/html' || mime === 'image/svg+xml') return changeMarkup(joined(content), change.text);
  if (mime === 'text/plain') return changePlain(joined(content), own ? change.text : change.line);
  if (mime === 'text/markdown') return changePlain(joined(content), change.text);
  if (/^application\/vnd\.vega(lite)?\.v\d\+json$/.test(mime)) return changeVega(content, change.text);
  if (mime === 'application/vnd.plotly.v1+json') return changePlotly(content, change.text);
  return content;
}

/** An output as the notebook format keeps it. */
export function changeOutput<T extends object>(output: T, change: Changer): T {
  const given = output as Bundle;
  const changed: Bundle = { ...given };
  const line = given.name === 'stderr' ? faultOf(change) : change.line;
  if (given.output_type === 'stream') changed.text = joined(given.text).split('\n').map(line).join('\n');
  else if (given.output_type === 'error') Object.assign(changed, changeError(given as never, change));
  else if (given.data) changed.data = changeBundle(given.data as Bundle, change);
  return changed as T;
}

export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** The message of an error, and the places that its traceback names; code and names stay. */
export function changeError<T extends Failure>(error: T, change: Changer): T {
  const evalue = error.evalue.split('\n').map(faultOf(change)).join('\n');
  const traceback = error.traceback.map(part =>
    part
      .split('\n')
      .map(line => changeTraceLine(line, change))
      .join('\n'),
  );
  return { ...error, evalue, traceback };
}

const ESCAPE = String.fromCharCode(27);
/** 'Error: message', its name in the colours of a terminal. */
const HEAD = new RegExp(`^(${ESCAPE}\\[\\d+m[\\w$]+${ESCAPE}\\[\\d+m(?: TS\\d+)?: )(.*)$`);

/** Code in a frame is in colours; what else is more than a place is a message or a hint. */
function changeTraceLine(line: string, change: Changer): string {
  const [, head, message] = HEAD.exec(line) ?? [];
  if (head) return head + faultOf(change)(message);
  const said = line.includes(ESCAPE) || /^\s+at /.test(line) ? line : faultOf(change)(line);
  return said.replace(/cell \[\d+\], line \d+(?: \(also line [\d, ]+\))?/g, faultOf(change));
}

/** Keys of a widget's state that the reader sees. */
const SHOWN = new Set([
  'description',
  'description_tooltip',
  'tooltip',
  'placeholder',
  '_options_labels',
  '_titles',
  'titles',
]);
const MARKED = /^(HTML|HTMLMath|Label)Model$/;

/** The state of a widget, or a part of it that an update carries. */
export function changeWidget(state: Bundle, model: unknown, change: Changer): Bundle {
  const entries = Object.entries(state).map(([key, value]) => {
    if (SHOWN.has(key)) return [key, everyString(value, change.text)];
    if (key === 'value' && typeof value === 'string' && MARKED.test(String(model)))
      return [key, changeMarkup(value, change.text)];
    if (key === 'outputs' && Array.isArray(value))
      return [key, value.map(output => changeOutput(output as object, change))];
    return [key, value];
  });
  return Object.fromEntries(entries) as Bundle;
}

function everyString(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map(item => everyString(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, everyString(item, change)]));
}
