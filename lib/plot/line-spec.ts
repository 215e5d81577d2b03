import { seriesLegend } from './legend';
import type { LineOptions } from './lines';
import { dashes, palette } from './palette';
import { drawable, extent } from './thinning';
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
    mark: { type: 'area', opacity: 0.2, clip: true },
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
      ...references(rows, options),
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
  const [xs, ys] = [rows.map(r => r.x), rows.map(r => r.y).concat(knownReferences(options).map(([, y]) => y))];
  const xAxis = logX ? decades(xs) : counts(xs);
  const yAxis = logY && !yDomain ? decades(ys) : {};
  const xScale = { nice: false, ...(logX ? { type: 'log' } : { zero: false }), ...framed(xs, undefined, logX) };
  const yScale = { ...(logY ? { type: 'log' } : { zero: false }), ...framed(ys, yDomain, logY) };
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

/** Ends of an axis where they are given, or where no value gives any. */
function framed(values: readonly number[], domain: readonly [number, number] | undefined, log = false): VegaSpec {
  if (domain) return { domain };
  return extent(values) ? {} : { domain: log ? [1, 10] : [0, 1] };
}

/** Ticks of an axis that counts, such as epochs: whole numbers only. */
function counts(values: readonly number[]): VegaSpec {
  if (!values.every(Number.isSafeInteger)) return {};
  const [low, high] = extent(values) ?? [0, 1];
  if (high - low > 14) return { tickMinStep: 1 };
  return { values: Array.from({ length: high - low + 1 }, (_, i) => low + i), format: 'd' };
}

/** Ticks of a log axis: powers of ten where it spans two or more, else Vega's own. */
function decades(values: readonly number[]): VegaSpec {
  const [least, most] = extent(values.filter(v => v > 0).map(Math.log10)) ?? [0, 1];
  const [low, high] = [Math.floor(least + 1e-9), Math.ceil(most - 1e-9)];
  if (high - low < 2) return {};
  const every = Math.ceil((high - low) / 16);
  const labelExpr = "format(datum.value, abs(log(datum.value)) > 10 ? '~e' : '~g')"; // 1e-6 rather than 0.000001
  const count = Math.floor((high - low) / every) + 1;
  return { values: Array.from({ length: count }, (_, i) => Number(`1e${low + i * every}`)), labelExpr };
}

/** Reference values that the axis has a place for. */
function knownReferences({ references: values = {}, logY, yDomain }: LineOptions): [name: string, value: number][] {
  const [low, high] = yDomain ? [Math.min(...yDomain), Math.max(...yDomain)] : [-Infinity, Infinity];
  const fits = (value: number) => Number.isFinite(drawable(value)) && value >= low && value <= high;
  return Object.entries(values).filter(([, value]) => fits(value) && (!logY || value > 0));
}

/** Dashed horizontal lines with their names at one end. */
function references(rows: readonly Row[], options: LineOptions): VegaSpec[] {
  const y = { field: 'y', type: 'quantitative' };
  return knownReferences(options).flatMap(([name, value]) => {
    const end = freeEnd(value, rows, options);
    return [
      { data: { values: [{ y: value }] }, mark: { type: 'rule', strokeDash: [4, 4] }, encoding: { y } },
      {
        data: { values: [{ y: value, name }] },
        mark: { type: 'text', align: end, dy: -8, x: end === 'right' ? 'width' : 4, limit: 480 },
        encoding: { y, text: { field: 'name' } },
      },
    ];
  });
}

/** The right end of a reference, or the left one where a curve runs through the name's place at the right and none at the left. */
function freeEnd(value: number, rows: readonly Row[], { logX, logY }: LineOptions): 'left' | 'right' {
  const place = (axis: readonly number[], log?: boolean) => {
    const on = log ? Math.log10 : Number;
    const [low, high] = extent(axis.map(on).filter(Number.isFinite)) ?? [0, 1];
    return (at: number) => (on(at) - low) / (high - low || 1); // 0 at the low end of the axis, 1 at the high one
  };
  const [x, y] = [
    place(
      rows.map(row => row.x),
      logX,
    ),
    place([...rows.map(row => row.y), value], logY),
  ];
  const beside = rows.filter(row => y(row.y) >= y(value) && y(row.y) < y(value) + 0.08);
  return beside.some(row => x(row.x) > 0.8) && !beside.some(row => x(row.x) < 0.2) ? 'left' : 'right';
}
