/** Charts from plain objects: what Vega-Lite, Vega and Plotly themselves take. The kernel shows such a value so. */
import { legal } from '../runtime/html';
import { Figure } from './figure';
import { brief } from './measure';
import { type PlotlyLayout, type PlotlyTrace, plotlyFigure } from './plotly';
import { plainJson, type VegaSpec, vegaFigure, vegaSvg } from './vega';
import { say, several, titled } from './words';

/**
 * A figure from a specification of Vega-Lite, Vega or Plotly (`{ data, layout }`), with words made from it. Where no still
 * picture can be drawn, as with data that lies on the network, the figure is live only, and why is said on the console.
 */
export async function chartFigure(spec: Record<string, unknown>): Promise<Figure> {
  const isPlotly = Array.isArray(spec.data) && spec.layout !== undefined;
  const alt = isPlotly ? plotlyAlt(spec) : vegaAlt(spec);
  const isVega = typeof spec.$schema === 'string' && /\/schema\/vega\/v\d/.test(spec.$schema);
  try {
    if (isPlotly) return await plotlyFigure(spec.data as PlotlyTrace[], spec.layout as PlotlyLayout, { alt });
    return isVega ? await vegaItself(spec, alt) : await vegaFigure(spec, { alt });
  } catch (error) {
    console.warn(`no still picture of this chart: ${(error as Error).message}`);
    const mime = isPlotly ? 'plotly.v1' : isVega ? 'vega.v5' : 'vegalite.v5';
    return new Figure({ [`application/vnd.${mime}+json`]: plainJson(spec), 'text/plain': legal(alt) }, alt);
  }
}

async function vegaItself(spec: VegaSpec, alt: string): Promise<Figure> {
  const full = plainJson({ ...spec, description: alt }) as VegaSpec;
  const svg = await vegaSvg(full, alt, true);
  return new Figure({ 'application/vnd.vega.v5+json': full, 'image/svg+xml': svg, 'text/plain': legal(alt) }, alt);
}

/** The author's own description, else what kind of marks show what. */
function vegaAlt({ description, title, mark, encoding, data }: Record<string, unknown>): string {
  if (typeof description === 'string' && description.trim()) return description;
  const kind = typeof mark === 'string' ? mark : (mark as { type?: string } | undefined)?.type;
  const { x, y } = (encoding ?? {}) as Record<string, Channel | undefined>;
  const rows = (data as { values?: unknown } | undefined)?.values;
  const size = Array.isArray(rows) ? `, ${say(rows.length)} rows` : '';
  const what = [nameOf(y), nameOf(x)].filter(Boolean).join(' over ');
  return titled(textOf(title), `${kind ? `${kind} chart` : 'chart'}${what ? ` of ${what}` : ''}${size}.`);
}

interface Channel {
  field?: unknown;
  title?: unknown;
  aggregate?: unknown;
}

function nameOf({ field, title, aggregate }: Channel = {}): string {
  if (typeof title === 'string' && title) return brief(title);
  if (typeof field === 'string') return brief(field);
  return typeof aggregate === 'string' ? aggregate : '';
}

/** What is drawn, and the names of the traces. */
function plotlyAlt({ data, layout }: Record<string, unknown>): string {
  const traces = data as PlotlyTrace[];
  const kinds = [...new Set(traces.map(trace => trace.type ?? 'scatter'))];
  const names = traces.flatMap(({ name }) => (typeof name === 'string' && name ? brief(name) : []));
  const words = `${several(kinds)} chart${names.length > 0 ? ` of ${several(names)}` : ''}.`;
  return titled(textOf((layout as PlotlyLayout).title), words);
}

const textOf = (title: unknown): string | undefined => {
  if (typeof title === 'string') return title;
  const text = (title as { text?: unknown } | undefined)?.text;
  return typeof text === 'string' ? text : Array.isArray(text) ? text.join(' ') : undefined;
};
