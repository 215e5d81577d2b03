/** Bands that could not fail: a metric's band is its value ± 3 standard deviations over seeds, or a published bound. */
import { textTable } from '../../lib/plot/words';
import { type JsonObject, type Lesson, type Notebook, readNotebook } from './notebook';

export interface StoredBand {
  name: string;
  value: number;
  /** An end that is null is open: JSON knows no infinity. */
  band: [low: number | null, high: number | null];
  reference: string;
  sd?: number;
  seeds?: number;
}

/** Largest ratio of a band's ends that may do without measured seeds. */
const WIDEST = 2;

/** The metrics of a notebook's last full run. */
export const bandsOf = (notebook: Notebook): StoredBand[] =>
  ((notebook.metadata.metrics ?? []) as JsonObject[]).map(metric => metric as unknown as StoredBand);

/** Why a band says too little, in a few words; undefined where it can fail. */
export function bandProblem({ band: [low, high], sd, value, reference }: StoredBand): string | undefined {
  if (low !== null && low === high) return undefined; // exact
  if (sd !== undefined) {
    if (low === null || high === null) return undefined; // a bound; the spread is told
    const wide = (high - low) / 2 / sd;
    return wide > 3.05 ? `${wide.toFixed(1)} standard deviations on either side, 3 are the most` : undefined;
  }
  if (low === null || high === null) return reference ? undefined : 'open on one side without a published bound';
  if (low === 0 && isBound(reference, high, value)) return undefined;
  if (low > 0 && high / low > WIDEST) return `its ends are ${(high / low).toFixed(1)} to 1, and no spread was measured`;
  if (high < 0 && low / high > WIDEST)
    return `its ends are ${(low / high).toFixed(1)} to 1, and no spread was measured`;
  const end = value > 0 ? high : low; // where it holds 0, how far does it reach on the value's side?
  if (low <= 0 && high >= 0 && end / value > WIDEST && Math.abs(end) > 1e-3)
    return `reaches to ${(end / value).toFixed(1)} times the value, and no spread was measured`;
  return undefined;
}

/** A limit that the reference names, such as 'exact' or '≤ 0.0189'. */
const isBound = (reference: string, high: number, value: number): boolean =>
  reference.includes(String(high)) || (/\bexact|\bknown exactly/.test(reference) && value <= high);

/**
 * Metrics whose band a cell makes of the very run that it judges, `band: spread.band()`, or of the very value, `value: x, band: [x, x]`:
 * they lie inside of their own band whatever they are. What an earlier run gave is written down instead.
 */
export const ownBands = ({ cells }: Notebook): string[] =>
  cells
    .filter(({ cell_type }) => cell_type === 'code')
    .flatMap(({ source }) => [
      ...source.matchAll(/name: '(\w+)'(?:(?!name: ')[\s\S])*?\bband: (?!\[)[^,\n]*?\.band\(/g),
      ...[...source.matchAll(/name: '(\w+)', value: ([^,\n]+),(?:(?!name: ')[\s\S])*?\bband: \[([^\]\n]*)\]/g)].filter(
        ([, , value, band]) => band.includes(value.trim()) && Number.isNaN(Number(value)),
      ),
    ])
    .map(([, name]) => name);

const HEAD = ['lesson', 'metric', 'value', 'unit', 'band', '± sd (seeds)', ''];

/** Every metric of the lessons' last full runs, with its band: ✓ inside, ✗ outside, ! a band that could not fail. */
export function metricsTable(lessons: readonly Lesson[]): string {
  const rows = lessons.flatMap(({ name, files }) =>
    bandsOf(readNotebook(files.en)).map(metric => {
      const { value, sd, seeds, band } = metric;
      const [low, high] = [band[0] ?? -Infinity, band[1] ?? Infinity];
      const sign = value >= low && value <= high ? (bandProblem(metric) ? '!' : '✓') : '✗';
      const unit = String((metric as unknown as JsonObject).unit ?? '');
      const spread = sd === undefined ? '' : `${Number(sd.toPrecision(2))} (${seeds})`;
      const written = `${band[0] ?? '…'} to ${band[1] ?? '…'}`;
      return [name.slice(0, 2), metric.name, String(Number(value.toPrecision(5))), unit, written, spread, sign];
    }),
  );
  return textTable(HEAD, rows, rows.length);
}
