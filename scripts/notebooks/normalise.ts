/** Takes out of a notebook that was run whatever would differ without meaning anything: times, machine paths, widgets. */
import os from 'node:os';
import { pictureUrl } from '../../lib/plot/figure';
import {
  type Bundle,
  type Cell,
  type Json,
  type JsonObject,
  type Notebook,
  type Output,
  ROOT,
  tagsOf,
} from './notebook';
import { folded } from './predictions';
import { shownModel, tidyWidgets, WIDGET_VIEW, type WidgetStates, widgetStates } from './widgets';

/** What a metrics card puts beside what it shows; copied into the notebook's metadata. */
export const METRICS_MIME = 'application/vnd.latentlab.metrics+json';
const LIVE = /^application\/vnd\.(vega|vegalite|plotly)\.v\d+\+json$/;

/** Cell metadata that says something about the lesson; the rest (execution times, collapsed state) is dropped. */
const KEPT_METADATA = ['tags', 'slideshow', 'editable', 'deletable'];

/** The notebook as it should be saved. `metrics` of a metrics card go to the notebook's metadata; no card leaves them. */
export function normalise(notebook: Notebook): Notebook {
  const states = widgetStates(notebook);
  const { cells, widgets } = tidyWidgets(
    notebook,
    notebook.cells.map(cell => normaliseCell(cell, states)),
  );
  const metadata: JsonObject = {};
  for (const key of ['kernelspec', 'language_info', 'metrics', 'title', 'made_from']) {
    if (notebook.metadata[key] !== undefined) metadata[key] = notebook.metadata[key];
  }
  if (widgets) metadata.widgets = widgets;
  const metrics = metricsOf(notebook);
  if (metrics) metadata.metrics = metrics;
  return { cells, metadata, nbformat: 4, nbformat_minor: 5 };
}

/** The metrics that the notebook's cards report: {name, value, unit, band, reference}; undefined where it has no card. */
export function metricsOf(notebook: Notebook): Json[] | undefined {
  const found = notebook.cells.flatMap(cell =>
    (cell.outputs ?? []).flatMap(output => {
      const bundle = output.data?.[METRICS_MIME];
      if (bundle === undefined) return [];
      const list = Array.isArray(bundle) ? bundle : ((bundle as JsonObject).metrics as Json[]);
      if (!Array.isArray(list))
        throw new Error(`cell '${cell.id}': expected a list of metrics, got ${JSON.stringify(bundle)}`);
      return list.map(metric => plainMetric(metric as JsonObject, cell.id));
    }),
  );
  return found.length > 0 ? found : undefined;
}

function plainMetric(metric: JsonObject, id: string): JsonObject {
  const { name, value, unit, band, reference, sd, seeds } = metric;
  if (typeof name !== 'string' || typeof value !== 'number' || !Array.isArray(band) || band.length !== 2) {
    throw new Error(
      `cell '${id}': expected a metric {name, value, unit, band: [low, high], reference}, got ${JSON.stringify(metric)}`,
    );
  }
  const spread: JsonObject = sd === undefined ? {} : { sd, seeds };
  return { name, value, unit: unit ?? '', band, reference: reference ?? '', ...spread };
}

function normaliseCell(cell: Cell, states: WidgetStates): Cell {
  const metadata: Cell['metadata'] = {};
  for (const key of KEPT_METADATA) if (cell.metadata[key] !== undefined) metadata[key] = cell.metadata[key];
  if (cell.cell_type !== 'code') return { ...cell, metadata };
  // The code of a prediction names its answer.
  const tags = [...tagsOf(cell), ...(/^predict\(/.test(cell.source) ? ['hide-input'] : [])];
  if (tags.length > 0) metadata.tags = [...new Set(tags)];
  if (tags.includes('hide-input')) metadata.jupyter = { source_hidden: true };
  const outputs = joinStreams((cell.outputs ?? []).flatMap(output => normaliseOutput(output, states)));
  return folded({
    cell_type: cell.cell_type,
    id: cell.id,
    metadata,
    source: cell.source,
    execution_count: cell.execution_count ?? null,
    outputs,
  });
}

function normaliseOutput(output: Output, states: WidgetStates): Output[] {
  if (output.output_type === 'stream') return [{ ...output, text: withoutPaths(output.text ?? '') }];
  if (output.output_type === 'error') {
    const traceback = (output.traceback ?? []).map(withoutPaths);
    return [{ ...output, evalue: withoutPaths(output.evalue ?? ''), traceback }];
  }
  const data = normaliseBundle(output.data ?? {}, states);
  return Object.keys(data).length > 0 ? [{ ...output, data, metadata: output.metadata ?? {} }] : [];
}

function normaliseBundle(data: Bundle, states: WidgetStates): Bundle {
  const { [WIDGET_VIEW]: view, ...rest } = data;
  if (shownModel(data, states)) rest[WIDGET_VIEW] = view;
  else if (view !== undefined && Object.keys(rest).every(mime => mime === 'text/plain')) return {}; // dead without its kernel
  return Object.fromEntries(
    Object.entries(pictureOnce(withoutExtensionPictures(rest))).map(([mime, value]) => [
      mime,
      mime.startsWith('text/') ? withoutPaths(value as string) : value,
    ]),
  );
}

/** The plotly extension adds a PNG to figures of a notebook that is opened; where an SVG is there it is not ours. */
export function withoutExtensionPictures(data: Bundle): Bundle {
  const { 'image/png': _, ...rest } = data;
  return Object.keys(data).some(mime => LIVE.test(mime)) && data['image/svg+xml'] !== undefined ? rest : data;
}

const SVG_URL = /"data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)"/g;

/** A picture that stands in the bundle's HTML is not stored a second time beside it, nor as base64 where it is text. */
export function pictureOnce(data: Bundle): Bundle {
  const html = data['text/html'];
  if (typeof html !== 'string' || !html.includes('src="data:image/')) return data;
  const text = html.replace(
    SVG_URL,
    (_, base64) => `"${pictureUrl({ svg: Buffer.from(base64, 'base64').toString() })}"`,
  );
  const inside = ([mime, value]: [string, Json]): boolean => {
    if (typeof value !== 'string') return false;
    if (mime === 'image/svg+xml') return text.includes(pictureUrl({ svg: value }));
    return mime.startsWith('image/') && text.includes(value.trim());
  };
  return { ...Object.fromEntries(Object.entries(data).filter(entry => !inside(entry))), 'text/html': text };
}

/** Absolute paths of this machine, shortened to what they mean on every machine. */
export function withoutPaths(text: string): string {
  return text
    .replaceAll(`file://${ROOT}/`, '')
    .replaceAll(`${ROOT}/`, '')
    .replaceAll(ROOT, '.')
    .replace(new RegExp(`${escapeRegExp(os.homedir())}(?=/)`, 'g'), '~');
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Neighbouring pieces of one stream become one output, and lines that a carriage return overwrote disappear. */
function joinStreams(outputs: Output[]): Output[] {
  const joined: Output[] = [];
  for (const output of outputs) {
    const last = joined.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      last.text = `${last.text}${output.text}`;
    } else joined.push(output);
  }
  return joined.map(o => (o.text === undefined ? o : { ...o, text: o.text.replace(/[^\n]*\r(?!\n)/g, '') }));
}
