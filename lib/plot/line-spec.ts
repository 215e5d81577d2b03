import { seriesLegend } from './legend';
import type { LineOptions } from './lines';
import { dashes, palette } from './palette';
import type { VegaSpec } from './vega';

/** A point of a curve, where asked for with a band around it. */
export interface Row {
  x: number;
  y: number;
  series: string;
  low?: number;
  high?: number;
}

type Field = 'x' | 'y' | 'low' | 'high';

/** The Vega-Lite specification of a line chart; one record a curve, unpacked by Vega, since a record a point is four times the bytes. */
export function lineSpec(names: string[], rows: Row[], options: LineOptions): VegaSpec {
  const { title, points = rows.length <= 12 * names.length, width, height } = options;
  const banded = rows.some(row => row.low !== undefined);
  const encoding = lineEncoding(names, rows, options);
  const { strokeDash, tooltip, ...bandEncoding } = encoding;
  const band = {
    mark: { type: 'area', opacity: 0.2 },
    encoding: { ...bandEncoding, y: { ...encoding.y, field: 'low' }, y2: { field: 'high' } },
  };
  const fields: Field[] = banded ? ['x', 'y', 'low', 'high'] : ['x', 'y'];
  return {
    ...(title ? { title } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    data: { values: names.map(name => packed(name, rows, fields)) },
    transform: [{ flatten: fields }],
    layer: [
      ...(banded ? [band] : []),
      { mark: { type: 'line', clip: true, point: points }, encoding },
      ...references(options),
    ],
  };
}

/** One curve as columns of six-digit numbers. */
function packed(series: string, rows: Row[], fields: Field[]): VegaSpec {
  const own = rows.filter(row => row.series === series);
  const six = (value = Number.NaN) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : value);
  return { series, ...Object.fromEntries(fields.map(field => [field, own.map(row => six(row[field]))])) };
}

function lineEncoding(names: string[], rows: Row[], options: LineOptions) {
  const { xTitle = 'x', yTitle = names.length === 1 ? names[0] : 'value', logX, logY, yDomain, width } = options;
  const xAxis = logX ? decades(rows.map(r => r.x)) : counts(rows.map(r => r.x));
  const yAxis = logY && !yDomain ? decades(rows.map(r => r.y)) : {};
  const xScale = { nice: false, ...(logX ? { type: 'log' } : { zero: false }) };
  const yScale = { ...(logY ? { type: 'log' } : { zero: false }), ...(yDomain ? { domain: yDomain } : {}) };
  const series = (range: readonly unknown[]) => ({
    field: 'series',
    type: 'nominal',
    legend: seriesLegend(names, width),
    scale: { domain: names, range: range.slice(0, names.length) },
  });
  return {
    x: { field: 'x', type: 'quantitative', title: xTitle, axis: xAxis, scale: xScale },
    y: { field: 'y', type: 'quantitative', title: yTitle, axis: yAxis, scale: yScale },
    color: series(palette),
    strokeDash: series(dashes),
    tooltip: [{ field: 'series' }, ...['x', 'y'].map(field => ({ field, format: '.4~g' }))],
  };
}

/** Ticks of an axis that counts, such as epochs: whole numbers only. */
function counts(values: number[]): VegaSpec {
  if (!values.every(Number.isInteger)) return {};
  const [low, high] = ends(values);
  if (!(high - low <= 14)) return { tickMinStep: 1 };
  return { values: Array.from({ length: high - low + 1 }, (_, i) => low + i), format: 'd' };
}

/** Ticks of a log axis: powers of ten where it spans two or more, else Vega's own. */
function decades(values: number[]): VegaSpec {
  const [least, most] = ends(values.filter(v => v > 0 && Number.isFinite(v)).map(Math.log10));
  const [low, high] = [Math.floor(least + 1e-9), Math.ceil(most - 1e-9)];
  if (!(high - low >= 2)) return {};
  const labelExpr = "format(datum.value, abs(log(datum.value)) > 10 ? '~e' : '~g')"; // 1e-6 rather than 0.000001
  return { values: Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`)), labelExpr };
}

const ends = (values: number[]): [number, number] => [
  values.reduce((a, b) => Math.min(a, b), Infinity),
  values.reduce((a, b) => Math.max(a, b), -Infinity),
];

/** Dashed horizontal lines with their names at the right end. */
function references({ references: values = {} }: LineOptions): VegaSpec[] {
  const y = { field: 'y', type: 'quantitative' };
  return Object.entries(values).flatMap(([name, value]) => [
    { data: { values: [{ y: value }] }, mark: { type: 'rule', strokeDash: [4, 4] }, encoding: { y } },
    {
      data: { values: [{ y: value, name }] },
      mark: { type: 'text', align: 'right', dy: -8, x: 'width' },
      encoding: { y, text: { field: 'name' } },
    },
  ]);
}
