/** What a value looks like below a cell: a MIME bundle, richest first for whoever can show it. */
import { inspect, types } from 'node:util';
import { DISPLAY, type Displayable, type MimeBundle } from '../../runtime/display';
import { cut } from '../text';
import { type Chart, isChart } from './chart';
import { loadProject } from './loader';
import { plainBundle } from './plain';
import { isDataFrame, showDataFrame } from './table';
import { isTensor, showTensor } from './tensor';

const MAX_TEXT = 20_000;
/** How much of a value is told at most: levels below the first, and values of each array. The first that MAX_PARTS allows. */
const SIZES = [
  { depth: 4, maxArrayLength: 100 },
  { depth: 4, maxArrayLength: 12 },
  { depth: 2, maxArrayLength: 12 },
  { depth: 0, maxArrayLength: 100 },
];
const MAX_PARTS = 50_000;

export interface Shown {
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** The bundle of a cell's result; undefined where there is nothing to show. */
export async function showValue(value: unknown): Promise<Shown | undefined> {
  if (value === undefined) return undefined;
  if (isDisplayable(value)) {
    return { data: plainBundle(await value[DISPLAY]()), metadata: {} };
  }
  if (isTensor(value)) return { data: plainBundle(await showTensor(value)), metadata: {} };
  if (isDataFrame(value)) return { data: plainBundle(showDataFrame(value)), metadata: {} };
  if (isChart(value)) return { data: plainBundle((await drawChart(value))[DISPLAY]()), metadata: {} };
  return { data: { 'text/plain': plainText(value) }, metadata: {} };
}

/** The course's figures are loaded when the first chart is shown, as its vega and plotly are. */
function drawChart(chart: Chart): Promise<Displayable> {
  const { chartFigure } = loadProject('lib/plot/specs.ts') as { chartFigure(chart: Chart): Promise<Displayable> };
  return chartFigure(chart);
}

function isDisplayable(value: unknown): value is Displayable {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as Displayable)[DISPLAY] === 'function'
  );
}

/** Marks that Node puts on promises to know whose work they are: nothing of the reader's. */
const MARKS = /^Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)$/;

/** From now on, promises are printed without Node's marks, also by console.log. */
export function hidePromiseMarks(): void {
  Object.defineProperty(Promise.prototype, inspect.custom, {
    configurable: true,
    value(this: Promise<unknown>) {
      for (const mark of Object.getOwnPropertySymbols(this))
        if (MARKS.test(String(mark))) Object.defineProperty(this, mark, { enumerable: false });
      return this;
    },
  });
}

export function plainText(value: unknown): string {
  const text = inspect(value, {
    ...(SIZES.find(size => partsOf(value, size) <= MAX_PARTS) ?? SIZES.at(-1)!),
    maxStringLength: MAX_TEXT,
    breakLength: 100,
    numericSeparator: false,
  });
  if (text.length <= MAX_TEXT) return text;
  const beginning = cut(text, MAX_TEXT);
  return `${beginning}\n… ${text.length - beginning.length} more characters; show a part of the value to see them`;
}

/** How many values would be written; more than MAX_PARTS are not counted. Runs nothing of the reader's: no getter, proxy or iterator. */
function partsOf(value: unknown, { depth, maxArrayLength }: (typeof SIZES)[number]): number {
  let parts = 1;
  const count = (inside: unknown, level: number): void => {
    if (level > depth || typeof inside !== 'object' || inside === null || types.isProxy(inside)) return;
    for (const each of valuesOf(inside, maxArrayLength)) {
      if (++parts > MAX_PARTS) return;
      count(each, level + 1);
    }
  };
  count(value, 0);
  return parts;
}

/** What `inspect` writes of an object; of an array, map or set the first `most`. */
function* valuesOf(inside: object, most: number): Iterable<unknown> {
  if (types.isMap(inside)) for (const pair of firstOf(Map.prototype.entries.call(inside), most)) yield* pair;
  else if (types.isSet(inside)) yield* firstOf(Set.prototype.values.call(inside), most);
  else if (!ArrayBuffer.isView(inside)) {
    const keys = Array.isArray(inside) ? Array(Math.min(inside.length, most)).keys() : Object.keys(inside);
    for (const key of keys) yield Object.getOwnPropertyDescriptor(inside, key)?.value;
  }
}

function* firstOf<T>(values: Iterable<T>, most: number): Iterable<T> {
  let left = most;
  for (const each of values) {
    if (left-- === 0) return;
    yield each;
  }
}
