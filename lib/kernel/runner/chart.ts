/** Plain objects that describe a chart, as examples on the web and other languages' tools write them. */

type Plain = Record<string, unknown>;

/** A specification of a chart. */
export interface Chart {
  [key: string]: unknown;
}

/** A specification of Vega-Lite, Vega or Plotly: a plain object that can hardly be anything else. */
export function isChart(value: unknown): value is Chart {
  return isPlain(value) && (isVega(value) || isPlotly(value));
}

const isPlain = (value: unknown): value is Plain => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Vega's by its `$schema`; one view of Vega-Lite also by `data`, `mark` and `encoding` together. */
function isVega({ $schema, data, mark, encoding }: Plain): boolean {
  if (typeof $schema === 'string') return /\/schema\/vega(?:-lite)?\/v\d/.test($schema);
  const marked = typeof mark === 'string' || (isPlain(mark) && typeof mark.type === 'string');
  return marked && isPlain(encoding) && isPlain(data);
}

const PLOTLY_KEYS = ['data', 'layout', 'config', 'frames'];

function isPlotly(value: Plain): boolean {
  const { data, layout } = value;
  const only = Object.keys(value).every(key => PLOTLY_KEYS.includes(key));
  return only && isPlain(layout) && Array.isArray(data) && data.length > 0 && data.every(isPlain);
}
