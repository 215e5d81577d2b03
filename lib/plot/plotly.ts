import { changePlotly } from '../i18n/specs';
import { fs, hasPage, inPackage } from '../platform';
import { minusInWords } from '../runtime/numbers';
import { checkAlt, Figure, sizeNote } from './figure';
import { heatmap } from './heatmap';
import { fontFamily, ink, palette, paper } from './palette';
import { drawSpace, type PathData, type Point3, type SurfaceData } from './space';
import { finishSvg } from './svg';
import { plainJson } from './vega';

/** A Plotly trace or layout; https://plotly.com/javascript/reference/ describes the fields. */
export type PlotlyTrace = { type?: string } & Record<string, unknown>;
export type PlotlyLayout = Record<string, unknown>;

/**
 * A chart from Plotly traces: live in JupyterLab and in exported pages (turn it, zoom, hover), a still picture elsewhere.
 * For what Vega-Lite cannot draw, above all 3-D; other charts are lighter with `vegaFigure`.
 * @example await plotlyFigure([{ type: 'scatter', x: [1, 2], y: [3, 4] }], { title: { text: 'Two points' } }, { alt: 'It rises.' })
 */
export async function plotlyFigure(
  data: PlotlyTrace[],
  layout: PlotlyLayout,
  { alt }: { alt: string },
): Promise<Figure> {
  const said = checkAlt(alt);
  const traces = changePlotly(plainJson(data), minusInWords) as PlotlyTrace[];
  const full = changePlotly(plainJson(withLook(layout, isSpatial(traces))), minusInWords) as PlotlyLayout;
  const svg = await still(traces, full, said);
  return new Figure(
    {
      'application/vnd.plotly.v1+json': {
        data: traces,
        layout: full,
        config: { responsive: false, displaylogo: false },
      },
      'image/svg+xml': svg,
      'text/plain': [said, sizeNote(svg, traces)].filter(Boolean).join('\n\n'),
    },
    said,
  );
}

const SPATIAL = ['surface', 'scatter3d', 'mesh3d'];
const isSpatial = (data: PlotlyTrace[]): boolean => data.some(trace => SPATIAL.includes(trace.type ?? ''));

/** The proportions and the point of view of the still picture in `space.ts`. */
const SEEN_FROM = {
  aspectmode: 'manual',
  aspectratio: { x: 1, y: 1, z: 0.7 },
  camera: { eye: { x: 0.9, y: -1.35, z: 0.95 } },
};

/** The course's look under the caller's own settings. */
function withLook(layout: PlotlyLayout, spatial: boolean): PlotlyLayout {
  const axis = { color: ink, gridcolor: 'rgba(128,128,128,0.3)', zerolinecolor: 'rgba(128,128,128,0.5)' };
  for (const key of ['width', 'height'] as const) {
    const size = layout[key] ?? 400;
    if (typeof size !== 'number' || !(size >= 20 && size <= 10_000))
      throw new Error(`expected a ${key} between 20 and 10,000 pixels, got ${size}`);
  }
  const nested = (key: string, base: object) => ({ [key]: { ...base, ...(layout[key] as object | undefined) } });
  const scene = (layout.scene ?? {}) as Record<string, object | undefined>;
  const sceneAxis = (name: string) => ({ [name]: { ...axis, backgroundcolor: 'rgba(0,0,0,0)', ...scene[name] } });
  const axes = { ...sceneAxis('xaxis'), ...sceneAxis('yaxis'), ...sceneAxis('zaxis') };
  return {
    width: 560,
    height: 420,
    margin: { l: 55, r: 20, t: layout.title ? 45 : 15, b: 45 },
    paper_bgcolor: paper,
    plot_bgcolor: paper,
    colorway: [...palette],
    ...layout,
    ...nested('font', { color: ink, size: 13, family: fontFamily }),
    modebar: { orientation: 'v', bgcolor: 'rgba(0,0,0,0)', color: ink, activecolor: palette[0] },
    ...(spatial
      ? { scene: { ...SEEN_FROM, ...scene, ...axes } }
      : { ...nested('xaxis', axis), ...nested('yaxis', axis) }),
  };
}

/** Plotly itself draws 2-D charts, in a page without a screen; 3-D and heat maps need a real one, so they are drawn here. */
async function still(data: PlotlyTrace[], layout: PlotlyLayout, alt: string): Promise<string> {
  const title = titleOf(layout);
  if (isSpatial(data)) return finishSvg(spaceSvg(data, layout, title), { title, alt });
  const map = data.find(trace => trace.type === 'heatmap');
  if (map) {
    const rows = numbersIn(map, 'z') as unknown as (number | null)[][];
    const values = rows.map(row => row.map(value => value ?? Number.NaN)).reverse();
    return (await heatmap(values, { title, alt, values: false })).svg as string;
  }
  const drawn = hasPage ? blank(layout) : await plotlySvg(data, layout);
  return finishSvg(drawn, { title, alt });
}

/** The values of a trace that the picture is made of. @throws where they are no list */
function numbersIn(trace: PlotlyTrace, key: 'x' | 'y' | 'z'): number[] {
  const values = trace[key];
  if (Array.isArray(values)) return values as number[];
  throw new Error(`expected a list of numbers as ${key} of the ${trace.type} trace, got ${JSON.stringify(values)}`);
}

function titleOf(holder: Record<string, unknown> | undefined): string {
  const title = holder?.title as string | { text?: string } | undefined;
  return (typeof title === 'string' ? title : title?.text) ?? '';
}

function spaceSvg(data: PlotlyTrace[], layout: PlotlyLayout, title: string): string {
  const scene = layout.scene as Record<string, Record<string, unknown>>;
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  const surfaces = data
    .filter(t => t.type === 'surface')
    .map((trace): SurfaceData => {
      const z = numbersIn(trace, 'z') as unknown as number[][];
      return { z, x: (trace.x as number[]) ?? range(z[0]?.length ?? 0), y: (trace.y as number[]) ?? range(z.length) };
    });
  const paths = data
    .filter(t => t.type !== 'surface')
    .map((trace): PathData => {
      const [x, y, z] = (['x', 'y', 'z'] as const).map(key => numbersIn(trace, key));
      const marker = (trace.line ?? trace.marker) as { color?: unknown } | undefined;
      return {
        points: x.map((_, i): Point3 => [x[i] ?? Number.NaN, y[i] ?? Number.NaN, z[i] ?? Number.NaN]),
        mode: String(trace.mode ?? 'markers').includes('lines') ? 'lines' : 'markers',
        ...(typeof marker?.color === 'string' ? { colour: marker.color } : {}),
        ...(typeof trace.name === 'string' ? { name: trace.name } : {}),
      };
    });
  const axes = ['xaxis', 'yaxis', 'zaxis'].map((key, i) => titleOf(scene[key]) || 'xyz'[i]) as [string, string, string];
  return drawSpace(surfaces, paths, { width: layout.width as number, height: layout.height as number, title, axes });
}

interface PlotlyWindow {
  eval(source: string): void;
  document: { body: { innerHTML: string }; getElementById(id: string): unknown };
  URL: { createObjectURL?: () => string };
  HTMLCanvasElement: { prototype: { getContext: () => null } };
  SVGElement: { prototype: Record<string, unknown> };
  Plotly: {
    newPlot(div: unknown, data: unknown, layout: unknown, config: unknown): Promise<unknown>;
    toImage(div: unknown, options: object): Promise<string>;
    purge(div: unknown): void;
  };
}
let page: PlotlyWindow | undefined;

/** In a page the live chart is all that is seen. */
const blank = ({ width, height }: PlotlyLayout): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`;

/** Plotly in jsdom; the first picture takes a second, the next ones 0.2 s. */
async function plotlySvg(data: PlotlyTrace[], layout: PlotlyLayout): Promise<string> {
  page ??= openPage();
  page.document.body.innerHTML = '<div id="chart"></div>';
  const chart = page.document.getElementById('chart');
  await page.Plotly.newPlot(chart, data, layout, { staticPlot: true });
  const svg = await page.Plotly.toImage(chart, {
    format: 'svg',
    width: layout.width,
    height: layout.height,
    imageDataOnly: true,
  });
  page.Plotly.purge(chart);
  return svg;
}

/** A page without a screen: jsdom has no text sizes, so they are estimated at 8 pixels a letter. */
function openPage(): PlotlyWindow {
  const { JSDOM } = require('jsdom') as { JSDOM: new (html: string, options: object) => { window: unknown } };
  const window = new JSDOM('<body></body>', { runScripts: 'outside-only', pretendToBeVisual: false })
    .window as PlotlyWindow;
  window.URL.createObjectURL = () => '';
  window.HTMLCanvasElement.prototype.getContext = () => null;
  type Worded = { textContent: string | null };
  const width = (element: Worded) => 8 * (element.textContent ?? '').length;
  const box = (element: Worded) => ({
    x: 0,
    y: 0,
    left: 0,
    top: 0,
    right: width(element),
    bottom: 14,
    width: width(element),
    height: 14,
  });
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: Worded) {
      return box(this);
    },
    getBoundingClientRect(this: Worded) {
      return box(this);
    },
    getComputedTextLength(this: Worded) {
      return width(this);
    },
  });
  window.eval(fs.readFileSync(inPackage('plotly.js', 'dist', 'plotly-cartesian.min.js'), 'utf8'));
  return window;
}
