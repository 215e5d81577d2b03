import { changeVega } from '../i18n/specs';
import type { MimeBundle } from '../runtime/display';
import { legal } from '../runtime/html';
import { minusInWords } from '../runtime/numbers';
import { checkAlt, Figure, sizeNote } from './figure';
import { vegaConfig } from './palette';
import { finishSvg, slim } from './svg';

/** A Vega-Lite specification; https://vega.github.io/vega-lite/docs/ describes its fields. */
export type VegaSpec = Record<string, unknown>;

export interface FigureOptions {
  /** What the picture says in one or two sentences. */
  alt: string;
  /** Longer text for terminals and text exports, for example the data as a table; the alt text comes before it. */
  text?: string;
}

interface VegaView {
  toSVG(): Promise<string>;
  finalize(): void;
}
interface VegaModule {
  parse(spec: unknown): unknown;
  logger(level: number): Logger;
  View: new (runtime: unknown, options: { renderer: 'none'; logger: Logger }) => VegaView;
  Error: number;
}
interface Logger {
  error(...said: unknown[]): Logger;
}
interface VegaLiteModule {
  compile(spec: unknown): { spec: unknown };
}

/**
 * A chart from a Vega-Lite specification: live in JupyterLab and in exported pages (tooltips, and sliders for `params` with a
 * `bind`), an SVG elsewhere, words for everyone. Size, fonts and colours are filled in where the specification has none.
 * @throws where Vega cannot draw the specification, with Vega's own words
 * @example
 * const data = { values: [{ month: 'May', sales: 3 }, { month: 'June', sales: 5 }] };
 * const encoding = { x: { field: 'month' }, y: { field: 'sales', type: 'quantitative' } };
 * await vegaFigure({ data, mark: 'bar', encoding }, { alt: 'Sales rise from 3 to 5.' })
 */
export async function vegaFigure(spec: VegaSpec, { alt, text }: FigureOptions): Promise<Figure> {
  const said = checkAlt(alt);
  checkMarks(spec);
  const full = withDefaults(spec, said);
  const svg = await vegaSvg(full, said);
  const words = [said, sizeNote(svg, full), text].filter(Boolean).join('\n\n');
  const bundle: MimeBundle = {
    'application/vnd.vegalite.v5+json': full,
    'image/svg+xml': svg,
    'text/plain': legal(words),
  };
  return new Figure(bundle, said);
}

const MARKS =
  'bar line point area rect rule text tick arc circle square trail image geoshape boxplot errorband errorbar'.split(
    ' ',
  );

/** Vega-Lite itself trips over a mark that it does not know, with words that name none. @throws naming the mark */
function checkMarks(spec: VegaSpec): void {
  const { mark, layer } = spec;
  const type = typeof mark === 'object' && mark !== null ? (mark as { type?: unknown }).type : mark;
  if (mark !== undefined && !MARKS.includes(String(type)))
    throw new Error(`expected a mark such as ${MARKS.slice(0, 5).join(', ')}, got ${JSON.stringify(type)}`);
  if (Array.isArray(layer)) for (const part of layer) checkMarks(part as VegaSpec);
}

/**
 * The specification with the course's look, its alt text, plain JSON data (no typed arrays, NaN or infinities), and the minus
 * sign of pages in its words.
 */
export function withDefaults(spec: VegaSpec, alt: string): VegaSpec {
  const composed = ['hconcat', 'vconcat', 'concat', 'repeat', 'facet', 'spec'].some(key => key in spec);
  for (const key of ['width', 'height'] as const) checkLength(key, spec[key]);
  const size = composed ? {} : { width: 560, height: 300 };
  const config = { ...vegaConfig, ...(spec.config as object | undefined) };
  const schema = 'https://vega.github.io/schema/vega-lite/v5.json';
  const whole = plainJson({ $schema: schema, ...size, ...spec, description: alt, config });
  return bearable(changeVega(whole, minusInWords)) as VegaSpec;
}

/** Words that every object knows; as values they upset Vega's look-ups. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * The specification with words that Vega trips over made harmless, unseen: a name such as 'constructor' gets a space of no
 * width; in the titles of channels, which Vega-Lite writes into the code of tooltips, a backslash becomes its double.
 */
function bearable(value: unknown, key = '', channel = false): unknown {
  if (typeof value === 'string') {
    if (key !== 'field' && INHERITED.has(value)) return `${value}\u200b`;
    return key === 'title' && channel ? value.replace(/\s+/g, ' ').replaceAll('\\', '∖') : value;
  }
  if (Array.isArray(value)) return value.map(item => bearable(item, key, channel));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, bearable(item, name, channel || name === 'encoding')]),
  );
}

/** Sizes in pixels, or an object or word that Vega-Lite understands. */
function checkLength(name: string, value: unknown): void {
  if (typeof value === 'number' && !(value > 0 && value <= 10_000))
    throw new Error(`expected a ${name} between 0 and 10,000 pixels, got ${value}`);
}

/** JSON has no NaN: holes in a chart are null, which Vega-Lite leaves out. Text has no half characters and no controls. */
export function plainJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => {
      if (typeof item === 'number' && !Number.isFinite(item)) return null;
      if (typeof item === 'bigint') return Number(item);
      if (typeof item === 'string') return legal(item);
      return ArrayBuffer.isView(item) ? Array.from(item as Float32Array) : item;
    }),
  );
}

/** Draws the chart without a browser, at the first position of every slider; `compiled`: it is Vega's own, not Vega-Lite's. */
export async function vegaSvg(spec: VegaSpec, alt: string, compiled = false): Promise<string> {
  // Loaded on first use: 250 ms that a lesson without charts does not pay, and types too heavy for a notebook's compiler.
  const vega = require('vega') as VegaModule;
  const vegaLite = require('vega-lite') as VegaLiteModule;
  const faults: unknown[] = [];
  const logger = vega.logger(vega.Error);
  logger.error = (...said) => {
    faults.push(...said);
    return logger;
  };
  try {
    const view = new vega.View(vega.parse(compiled ? spec : vegaLite.compile(spec).spec), { renderer: 'none', logger });
    const svg = await view.toSVG();
    view.finalize();
    if (faults.length) throw faults[0];
    const title = typeof spec.title === 'string' ? spec.title : '';
    return finishSvg(slim(svg), { title, alt });
  } catch (error) {
    const fault = faults[0] ?? error;
    const said = fault instanceof Error ? fault.message : String(fault);
    throw new Error(`Vega cannot draw this chart: ${said}`, { cause: fault });
  }
}
