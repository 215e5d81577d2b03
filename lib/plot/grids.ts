/** Squares of numbers in Vega-Lite: what the films of convolutions are drawn with. */
import type { VegaSpec } from './vega';

/** A picture as planes of rows: [channels][height][width]. */
export type Planes = readonly (readonly (readonly number[])[])[];

/** Planes of one size, of finite numbers that a chart can draw. @throws naming what is wrong */
export function checkPlanes(name: string, planes: Planes): void {
  const [h, w] = [planes[0]?.length ?? 0, planes[0]?.[0]?.length ?? 0];
  if (h === 0 || w === 0) throw new Error(`expected the ${name} to have rows and columns, got ${h}×${w}`);
  for (const row of planes.flat()) {
    if (row.length !== w) throw new Error(`expected rows of ${w} numbers in the ${name}, got ${row.length}`);
    for (const v of row)
      if (!(Math.abs(v) <= 1e9))
        throw new Error(`expected numbers up to 1e9 in the ${name}, got ${v}; scale them first`);
  }
  for (const plane of planes)
    if (plane.length !== h) throw new Error(`expected planes of ${h} rows in the ${name}, got ${plane.length}`);
}

/** A plane with `p` rows and columns of 0 on each side. */
export const padPlane = (plane: readonly (readonly number[])[], p: number): number[][] => {
  const width = plane[0].length + 2 * p;
  const blank = () => Array.from({ length: p }, () => Array<number>(width).fill(0));
  const side = Array<number>(p).fill(0);
  return [...blank(), ...plane.map(row => [...side, ...row, ...side]), ...blank()];
};

/** Numbers of planes in a row, each with its row `r`, its column `c` and the plane's offset downwards `o`. */
export function cells(planes: Planes): { data: VegaSpec; transform: VegaSpec[] } {
  const [h, w] = [planes[0].length, planes[0][0].length];
  const values = planes.flat(2).map(v => Number(v.toFixed(3)));
  return {
    data: { values },
    transform: [
      { window: [{ op: 'row_number', as: 'n' }] },
      { calculate: 'datum.n - 1', as: 'i' },
      { calculate: `datum.i % ${w}`, as: 'c' },
      { calculate: `floor(datum.i / ${w}) % ${h}`, as: 'r' },
      { calculate: `floor(datum.i / ${w * h})`, as: 'ch' },
      { calculate: `datum.r + datum.ch * ${h + 1}`, as: 'y' },
      { calculate: 'datum.c + 1', as: 'c2' },
      { calculate: 'datum.y + 1', as: 'y2' },
    ],
  };
}

const axisOf = (field: string, domain: [number, number], reverse = false): VegaSpec => ({
  field,
  type: 'quantitative',
  axis: null,
  scale: { domain, nice: false, zero: false, reverse },
});
/** x and y of squares in a panel of `w` by `h` cells, rows downwards. */
export const squares = (w: number, h: number): VegaSpec => ({
  x: axisOf('c', [0, w]),
  x2: { field: 'c2' },
  y: axisOf('y', [0, h], true),
  y2: { field: 'y2' },
});
/** Black for the smallest, white for the largest; with numbers below 0, grey for 0. */
export const greys = (values: readonly number[]): VegaSpec => {
  const most = Number(Math.max(...values.map(Math.abs)).toFixed(3)) || 1; // as the values are rounded
  return {
    field: 'data',
    type: 'quantitative',
    legend: null,
    scale: { domain: [values.some(v => v < 0) ? -most : 0, most], range: ['#000000', '#ffffff'] },
  };
};

/** A small title above a panel. */
export const heading = (text: string): VegaSpec => ({ text, fontSize: 13, fontWeight: 500, offset: 6 });
