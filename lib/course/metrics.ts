import { palette } from '../plot/palette';
import { say, textTable } from '../plot/words';
import { DISPLAY, type Displayable, display, type MimeBundle } from '../runtime/display';
import { html, Markup } from '../runtime/html';
import { rounded, withMinus } from '../runtime/numbers';
import { isQuick } from '../training/budget';
import { wasInterrupted } from '../training/last';
import { isStrict, NOTES } from './claims';
import type { Spread } from './seeds';
import { card } from './text';

export interface Metric {
  /** Stable name, e.g. 'test_elbo_nats'. */
  name: string;
  value: number;
  unit?: string;
  /** What a full run must reach, ends included. */
  band: readonly [low: number, high: number];
  /** The same for a quick run; without it a quick run only asks for a finite value. */
  quickBand?: readonly [low: number, high: number];
  /** A published figure with its conditions. */
  reference?: string;
  /** What several seeds gave: the band is then the mean ± 3 standard deviations, or narrower. */
  spread?: Spread;
}

export interface RunFacts {
  seed: number;
  /** What computed; pass `device.description`. */
  device?: string;
  /** How long the measured work took; default: since the kernel started, with the processor time of all threads beside it. */
  seconds?: number;
}

/** A metric as it is stored in the notebook's metadata. */
export interface StoredMetric {
  name: string;
  value: number;
  unit: string;
  band: [number, number];
  reference: string;
  /** Standard deviation over seeds, and how many: only where it was measured. */
  sd?: number;
  seeds?: number;
}

/** MIME type of the list of metrics; a full run of a lesson copies it to the notebook's metadata. */
export const METRICS_MIME = 'application/vnd.latentlab.metrics+json';

const HEAD = ['metric', 'value', 'unit', 'band', '', 'published reference'];

/**
 * What a lesson reached, beside what it must reach and what others published.
 * @example new MetricsCard([{ name: 'accuracy', value: 0.9, band: [0.99, 1] }], { seed: 1 }, false).missed.length // → 1
 */
export class MetricsCard implements Displayable {
  constructor(
    readonly metrics: readonly Metric[],
    readonly facts: RunFacts,
    readonly quick: boolean,
  ) {}

  /** Metrics outside of their band. */
  get missed(): Metric[] {
    return this.metrics.filter(metric => !inside(metric.value, this.bandOf(metric)));
  }

  bandOf({ band, quickBand }: Metric): readonly [number, number] {
    return this.quick ? (quickBand ?? [-Infinity, Infinity]) : band;
  }

  toString(): string {
    return `${textTable(HEAD, this.rows(), 50)}\n${this.footer()}`;
  }

  [DISPLAY](): MimeBundle {
    const head = html`<tr>${HEAD.map(c => html`<th style="text-align: left">${c}</th>`)}</tr>`;
    const rows = this.rows().map(
      cells => html`<tr>${cells.map(c => html`<td style="text-align: left">${withMinus(c)}</td>`)}</tr>`,
    );
    const table = html`<table><thead>${head}</thead>\n<tbody>${new Markup(rows.join('\n'))}</tbody></table>`;
    const stored = this.metrics.map(
      ({ name, value, unit = '', band, reference = '', spread }): StoredMetric => ({
        name,
        value,
        unit,
        band: [...band],
        reference,
        ...(spread ? { sd: spread.sd, seeds: spread.n } : {}),
      }),
    );
    return {
      'text/html': card(palette[this.missed.length ? 1 : 2], html`${table}<small>${this.footer()}</small>`).source,
      'text/plain': this.toString(),
      [METRICS_MIME]: stored,
    };
  }

  private rows(): string[][] {
    return this.metrics.map(metric => {
      const band = this.bandOf(metric);
      return [
        metric.name,
        metric.spread ? `${exact(metric.value)} (${metric.spread})` : exact(metric.value),
        metric.unit ?? '',
        sayBand(band),
        inside(metric.value, band) ? '✓' : '✗',
        metric.reference ?? '',
      ];
    });
  }

  private remark(): string | undefined {
    if (this.missed.length === 0) return undefined;
    return wasInterrupted() ? NOTES.interrupted : NOTES.fails;
  }

  private footer(): string {
    const { seed, device, seconds = performance.now() / 1000 } = this.facts;
    const { user, system } = process.cpuUsage();
    const facts = [
      `seed ${seed}`,
      device,
      `${Math.round(seconds)} s`,
      // on a busy machine this says more than the clock
      this.facts.seconds === undefined ? `${Math.round((user + system) / 1e6)} s of processor time` : undefined,
      this.quick ? 'quick run, bands widened' : undefined,
      this.remark(),
    ];
    return facts.filter(Boolean).join(' · ');
  }
}

/** Five significant digits, since a band's edge may lie that near; a whole number, such as a count, in full. */
const exact = (value: number): string => {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return Number.isFinite(value) ? rounded(value, 5) : say(value);
};

const inside = (value: number, [low, high]: readonly [number, number]): boolean =>
  Number.isFinite(value) && value >= low && value <= high;

const sayBand = ([low, high]: readonly [number, number]): string => {
  if (low === -Infinity) return high === Infinity ? 'finite' : `≤ ${say(high)}`;
  return high === Infinity ? `≥ ${say(low)}` : `${say(low)} to ${say(high)}`;
};

/**
 * The end of a lesson: its numbers, shown and asserted. Under a reader's hands the card says what is missed and why that may be.
 * @throws after showing the card, where a metric lies outside of its band and nobody sits there to read it (see `claim`)
 * @example metricsCard([{ name: 'accuracy', value: 0.992, band: [0.99, 1] }], { seed: 1, device: 'CPU', seconds: 60 })
 */
export function metricsCard(metrics: readonly Metric[], facts: RunFacts): MetricsCard {
  const result = new MetricsCard(metrics, facts, isQuick());
  if (result.missed.length === 0 || wasInterrupted() || !isStrict()) return result;
  display(result);
  const said = result.missed.map(m => `${m.name} = ${exact(m.value)}, expected ${sayBand(result.bandOf(m))}`);
  throw new Error(
    `${said.join('; ')}. Same seed and settings as in the text? Then the lesson or the library has changed: run its tests.`,
  );
}
