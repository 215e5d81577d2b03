/** Turns a cell's outputs into HTML that works without Jupyter: live figures, their still picture, and a text form. */
import type { Dictionary } from '../../lib/i18n/dictionary';
import { dictionaryOf } from '../../lib/i18n/load';
import { escapeXml } from '../../lib/runtime/html';
import { withMinus } from '../../lib/runtime/numbers';
import { type Bundle, type Json, type JsonObject, type Language, type Output, ROOT } from '../notebooks/notebook';

/** Drawing libraries that a page must load for its figures. */
export type Library = 'vega' | 'plotly' | 'widgets';

export interface RenderedOutput {
  output: Output;
  uses?: Library;
}

const WORDS = {
  en: {
    details: 'Text and data of this figure',
    rows: (shown: number, all: number) => `first ${shown} of ${all} rows`,
  },
  zh: { details: '此图的文字与数据', rows: (shown: number, all: number) => `共 ${all} 行，显示前 ${shown} 行` },
};
const MAX_ROWS = 60;
const MAX_COLUMNS = 8;
/** A cell that holds a whole curve shows its first numbers, its last, and how many there are. */
const LONGEST_LIST = 6;

/** The output as nbconvert should print it; anything but a figure or picture is left as it is. A lesson's own words say what a column is. */
export function renderOutput(output: Output, language: Language, lesson = ''): RenderedOutput {
  const data = output.data;
  if (!data) return { output };
  const [mime, uses] = liveFormat(data);
  const still = stillPicture(data);
  if (!mime && (!still || data['text/html'] !== undefined)) return { output }; // its own HTML knows better
  const html = figureHtml(data, mime, still, { language, lesson });
  return { output: { ...output, data: { 'text/html': html }, metadata: {} }, uses };
}

function liveFormat(data: Bundle): [mime: string | undefined, uses: Library | undefined] {
  const mime = Object.keys(data).find(key => /^application\/vnd\.(vega|vegalite|plotly)\.v\d+\+json$/.test(key));
  if (mime === undefined) return [undefined, undefined];
  return [mime, mime.includes('plotly') ? 'plotly' : 'vega'];
}

/** An <img> of the bundle's own picture, SVG first because it prints sharply; undefined where there is none. */
function stillPicture(data: Bundle): string | undefined {
  const alt = escapeXml(wordsOf(data).alt);
  const image = (mime: string, base64: string) => `<img src="data:${mime};base64,${base64}" alt="${alt}">`;
  const svg = data['image/svg+xml'];
  if (typeof svg === 'string') return image('image/svg+xml', Buffer.from(svg).toString('base64'));
  for (const mime of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
    const encoded = data[mime];
    if (typeof encoded === 'string') return image(mime, encoded.replace(/\s/g, ''));
  }
  return undefined;
}

/** A figure's plain text: its description, and below a blank line perhaps its data; '<figure>' and the like say nothing. */
function wordsOf(data: Bundle): { alt: string; more: string } {
  const text = data['text/plain'];
  if (typeof text !== 'string' || text.startsWith('<')) return { alt: '', more: '' };
  const [alt, ...more] = text.trim().split('\n\n');
  return { alt: alt.trim(), more: more.join('\n\n') };
}

/** In which language a figure's text is, and of which lesson, e.g. '12-diffusion'. */
interface Where {
  language: Language;
  lesson: string;
}

function figureHtml(data: Bundle, mime: string | undefined, still: string | undefined, where: Where): string {
  const { alt, more } = wordsOf(data);
  const parts = [`<figure class="lab-figure${still ? '' : ' lab-no-still'}">`];
  if (mime) {
    const kind = /vnd\.(\w+)\./.exec(mime)![1];
    const spec = JSON.stringify(data[mime]).replace(/</g, '\\u003c');
    parts.push(`<div class="lab-live" data-kind="${kind}" role="img" aria-label="${escapeXml(alt)}"></div>`);
    parts.push(`<script type="application/json">${spec}</script>`);
  }
  if (still) parts.push(`<div class="lab-still">${still}</div>`);
  if (mime) {
    const table = more ? `<pre>${escapeXml(more)}</pre>` : dataTable(data[mime] as JsonObject, where);
    const text = alt ? `<p>${escapeXml(alt)}</p>` : '';
    if (text || table) {
      parts.push(
        `<details class="lab-text"><summary>${WORDS[where.language].details}</summary>${text}${table}</details>`,
      );
    }
  }
  return `${parts.join('\n')}\n</figure>`;
}

type Row = Record<string, Json>;

/** The rows that a chart draws: a vega or vega-lite specification's inline values, or plotly's traces. */
export function tableOf(spec: JsonObject): Row[] {
  if (Array.isArray(spec.data) && spec.layout !== undefined) return spec.data.flatMap(t => traceRows(t as JsonObject));
  const rows: Row[] = [];
  const visit = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value && typeof value === 'object') {
      if (Array.isArray(value.values)) for (const row of value.values) rows.push(asRow(row));
      for (const key of ['data', 'layer', 'hconcat', 'vconcat', 'concat', 'spec']) if (value[key]) visit(value[key]);
      if (value.datasets)
        for (const set of Object.values(value.datasets))
          if (Array.isArray(set)) for (const row of set) rows.push(asRow(row));
    }
  };
  visit(spec);
  return rows;
}

const asRow = (value: Json): Row => (value && typeof value === 'object' && !Array.isArray(value) ? value : { value });

function traceRows(trace: JsonObject): Row[] {
  const axes = ['x', 'y', 'z', 'labels', 'values', 'text'].filter(key => Array.isArray(trace[key]));
  if (axes.some(key => Array.isArray((trace[key] as Json[])[0]))) return []; // a grid: the description must do
  const length = Math.max(0, ...axes.map(key => (trace[key] as Json[]).length));
  return Array.from({ length }, (_, i) => {
    const name: Row = trace.name ? { series: trace.name } : {};
    return { ...name, ...Object.fromEntries(axes.map(key => [key, (trace[key] as Json[])[i] ?? null])) };
  });
}

/** What a column is called in the chart itself; else its field's name, in the page's language: the lesson's word for it before any other's. */
function headOf(field: string, titles: ReadonlyMap<string, string>, { language, lesson }: Where): string {
  if (language === 'en' || titles.has(field)) return titles.get(field) ?? field;
  const own = wordsFor(lesson).translate(field);
  return own === field ? wordsFor('').translate(field) : own;
}

const dictionaries = new Map<string, Dictionary>();
function wordsFor(lesson: string): Dictionary {
  const words = dictionaries.get(lesson) ?? dictionaryOf(ROOT, lesson);
  dictionaries.set(lesson, words);
  return words;
}

/** Titles that a chart gives to the fields of its data. */
function titlesIn(spec: Json, found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(spec)) for (const each of spec) titlesIn(each, found);
  else if (spec && typeof spec === 'object') {
    const { field, title, values, datasets, ...rest } = spec;
    if (typeof field === 'string' && typeof title === 'string' && title && !found.has(field)) found.set(field, title);
    titlesIn(Object.values(rest), found);
  }
  return found;
}

/** A picture is no text: its bytes say nothing to a reader. */
const isPicture = (value: Json | undefined): boolean => typeof value === 'string' && value.startsWith('data:image/');

/** What of a row is text; of a film's picture, nothing: that it has a place among the others is no news. */
function said(row: Row): string[] {
  const keys = Object.keys(row).filter(key => !isPicture(row[key]));
  const isFrame = keys.length < Object.keys(row).length && keys.every(key => key === 'frame');
  return isFrame ? [] : keys;
}

function dataTable(spec: JsonObject, where: Where): string {
  const rows = tableOf(spec).filter(row => said(row).length > 0);
  const columns = [...new Set(rows.flatMap(said))].slice(0, MAX_COLUMNS);
  if (columns.length === 0) return '';
  const shown = rows.slice(0, MAX_ROWS);
  const cells = (row: Row) => columns.map(c => `<td>${escapeXml(withMinus(cellText(row[c])))}</td>`).join('');
  const titles = titlesIn(spec);
  const head = columns.map(c => `<th scope="col">${escapeXml(headOf(c, titles, where))}</th>`).join('');
  const rest = rows.length > shown.length ? `<p>${WORDS[where.language].rows(shown.length, rows.length)}</p>` : '';
  const body = shown.map(row => `<tr>${cells(row)}</tr>`).join('');
  return `<div class="lab-scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${rest}`;
}

function cellText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (Array.isArray(value) && value.length > LONGEST_LIST) {
    const [first, last] = [value.slice(0, LONGEST_LIST - 1), value.slice(-1)].map(part =>
      part.map(cellText).join(', '),
    );
    return `${first}, …, ${last} (${value.length})`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
