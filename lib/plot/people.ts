/**
 * Bayes' rule as people: everybody is a dot, a piece of evidence sends away those whom it does not fit, and the posterior is
 * the share of a kind among those who stay.
 * @see notebooks/03-bayes.ipynb
 */
import { checkCount } from './checks';
import type { Figure } from './figure';
import { brief } from './measure';
import { ink, palette, textOn } from './palette';
import { player } from './player';
import { variable } from './slider';
import { type VegaSpec, vegaFigure } from './vega';
import { list, titled } from './words';

export interface PeopleOptions {
  title?: string;
  /** Dots above each other. */
  rows?: number;
  /** The piece of evidence after which still pictures are taken; default the first, 0 is before any. */
  at?: number;
  seconds?: number;
}

/** Frames in which the dots of one piece of evidence leave. */
const BEAT = 8;
const DOT = 12;

/**
 * Nothing moves until the reader ticks 'play'; the slider shows the same. It needs no kernel.
 * @param kinds for each kind its people: how many pieces of evidence fit each, from the first on, before one does not
 * @param evidence names of the pieces, in order
 * @example await peopleFilm({ ill: [1, 1, 0], healthy: [0, 1, 0, 0, 0] }, ['test positive'])
 */
export async function peopleFilm(
  kinds: Record<string, readonly number[]>,
  evidence: readonly string[],
  options: PeopleOptions = {},
): Promise<Figure> {
  const { title, rows = 20, at = 1, seconds = 3 * evidence.length } = options;
  const names = Object.keys(kinds);
  checkCount('kinds', names.length, 2, palette.length);
  checkCount('pieces of evidence', evidence.length, 1, 50);
  checkCount('rows', rows, 1, 100);
  checkCount('at', at, 0, evidence.length);
  const everybody = Object.values(kinds).flat();
  checkCount('dots', everybody.length, 1, 2000);
  const strange = everybody.find(n => !(Number.isInteger(n) && n >= 0 && n <= evidence.length));
  if (strange !== undefined) throw new Error(`expected whole numbers from 0 to ${evidence.length}, got ${strange}`);
  /** How many of each kind are there after so many pieces. */
  const left = [...evidence, ''].map((_, k) => names.map(name => kinds[name].filter(n => n >= k).length));
  const labels = names.map(name => brief(name));
  const film = player({ name: 'moment', last: BEAT * evidence.length, value: BEAT * at, seconds });
  const spec: VegaSpec = {
    ...(title ? { title } : {}),
    params: film.params,
    spacing: 30,
    hconcat: [crowd(labels, Object.values(kinds), rows), shares(labels, left, ['', ...evidence])],
  };
  const said = left.map((counts, k) => {
    const before = k === 0 ? 'at first' : brief(evidence[k - 1]);
    return `${before}: ${list(labels.map((label, i) => `${label} ${counts[i]}`))}`;
  });
  const alt = titled(title, `Dots that leave as the evidence comes; ${said.join('; ')}`);
  return vegaFigure(spec, { alt: `${alt}. A slider and a box to play move the moments.` });
}

/** One colour a kind. */
const colour = (labels: readonly string[]) => ({
  field: 'kind',
  type: 'nominal',
  scale: { domain: labels, range: palette.slice(0, labels.length) },
  legend: { title: null, orient: 'bottom' },
});

/** The dots, column by column and kind by kind; who leaves sinks and fades. */
function crowd(labels: readonly string[], fits: readonly (readonly number[])[], rows: number): VegaSpec {
  const columns = Math.ceil(fits.flat().length / rows);
  const axis = (field: string, last: number) => ({
    field,
    type: 'quantitative',
    scale: { domain: [-1, last], nice: false },
    axis: null,
  });
  return {
    width: (columns + 1) * DOT,
    height: (rows + 1) * DOT,
    data: { values: labels.map((kind, i) => ({ kind, fits: fits[i] })) },
    transform: [
      { flatten: ['fits'] },
      { window: [{ op: 'row_number', as: 'i' }] },
      { calculate: `clamp(${variable('moment')} / ${BEAT} - datum.fits, 0, 1)`, as: 'gone' },
      { filter: 'datum.gone < 1' },
      { calculate: `floor((datum.i - 1) / ${rows})`, as: 'x' },
      { calculate: `${rows - 1} - (datum.i - 1) % ${rows} - 2 * datum.gone`, as: 'y' },
    ],
    mark: { type: 'point', filled: true, size: 70, clip: true, aria: false },
    encoding: {
      x: axis('x', columns),
      y: axis('y', rows),
      color: colour(labels),
      opacity: { field: 'gone', type: 'quantitative', scale: { domain: [0, 1], range: [1, 0] }, legend: null },
    },
  };
}

/** Who stays, as one column of height 1 with the counts in it; above it the last piece of evidence. */
function shares(labels: readonly string[], left: readonly number[][], evidence: readonly string[]): VegaSpec {
  const values = left.flatMap((counts, step) => {
    const all = counts.reduce((a, b) => a + b, 0);
    let low = 0;
    return labels.map((kind, i) => {
      const share = all === 0 ? 0 : counts[i] / all;
      const row = { step, kind, low, high: low + share, says: `${counts[i]} · ${Math.round(100 * share)} %` };
      low += share;
      return row;
    });
  });
  const now = { filter: `datum.step == floor(${variable('moment')} / ${BEAT})` };
  const y = { field: 'low', type: 'quantitative', scale: { domain: [0, 1] }, title: 'share of those who stay' };
  const bar = {
    mark: { type: 'bar', width: 110 },
    encoding: { y, y2: { field: 'high' }, color: colour(labels) },
  };
  const white = labels.map((_, i) => i).filter(i => textOn(palette[i]) === '#ffffff');
  const words = {
    transform: [{ filter: 'datum.high - datum.low > 0.05' }, { calculate: '(datum.low + datum.high) / 2', as: 'mid' }],
    mark: { type: 'text', fontWeight: 600 },
    encoding: {
      y: { ...y, field: 'mid' },
      text: { field: 'says' },
      color: {
        condition: { test: { field: 'kind', oneOf: white.map(i => labels[i]) }, value: '#ffffff' },
        value: '#000000',
      },
    },
  };
  const head = {
    data: { values: evidence.map((name, step) => ({ step, name: brief(name) })) },
    transform: [now],
    mark: { type: 'text', fontSize: 13, color: ink, limit: 150, dy: -12 },
    encoding: { y: { datum: 1, type: 'quantitative' }, text: { field: 'name' } },
  };
  const height = 20 * DOT;
  return { width: 130, height, layer: [{ data: { values }, transform: [now], layer: [bar, words] }, head] };
}
