import type { MimeBundle } from '../runtime/display';
import { Figure } from './figure';
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

interface VegaModule {
  parse(spec: unknown): unknown;
  View: new (runtime: unknown, options: { renderer: 'none' }) => { toSVG(): Promise<string>; finalize(): void };
}
interface VegaLiteModule {
  compile(spec: unknown, options?: { logger?: unknown }): { spec: unknown };
}

/**
 * A chart from a Vega-Lite specification: live in JupyterLab and in exported pages (tooltips, and sliders for `params` with a
 * `bind`), an SVG elsewhere, words for everyone. Size, fonts and colours are filled in where the specification has none.
 */
export async function vegaFigure(spec: VegaSpec, { alt, text }: FigureOptions): Promise<Figure> {
  const full = withDefaults(spec, alt);
  const bundle: MimeBundle = {
    'application/vnd.vegalite.v5+json': full,
    'image/svg+xml': await vegaSvg(full, alt),
    'text/plain': text ? `${alt}\n\n${text}` : alt,
  };
  return new Figure(bundle, alt);
}

/** The specification with the course's look, its alt text and plain JSON data (no typed arrays, NaN or infinities). */
export function withDefaults(spec: VegaSpec, alt: string): VegaSpec {
  const composed = ['hconcat', 'vconcat', 'concat', 'repeat', 'facet', 'spec'].some(key => key in spec);
  const size = composed ? {} : { width: 560, height: 300 };
  const config = { ...vegaConfig, ...(spec.config as object | undefined) };
  const schema = 'https://vega.github.io/schema/vega-lite/v5.json';
  return plainJson({ $schema: schema, ...size, ...spec, description: alt, config }) as VegaSpec;
}

/** JSON has no NaN: holes in a chart are null, which Vega-Lite leaves out. */
export function plainJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => {
      if (typeof item === 'number' && !Number.isFinite(item)) return null;
      return ArrayBuffer.isView(item) ? Array.from(item as Float32Array) : item;
    }),
  );
}

/** Draws the chart without a browser, at the first position of every slider. */
async function vegaSvg(spec: VegaSpec, alt: string): Promise<string> {
  // Loaded on first use: 250 ms that a lesson without charts does not pay, and types too heavy for a notebook's compiler.
  const vega = require('vega') as VegaModule;
  const vegaLite = require('vega-lite') as VegaLiteModule;
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  const title = typeof spec.title === 'string' ? spec.title : '';
  return finishSvg(slim(svg), { title, alt });
}
