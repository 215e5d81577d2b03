/** Curves that grow while a model trains. */
import { display, kernel } from '../runtime/display';
import type { EpochReport, Observer, RunInfo, StepReport } from '../training/observer';
import { type LineOptions, lineChart, linePlan } from './lines';
import { extent } from './thinning';
import { withDefaults } from './vega';
import { list, say, trend } from './words';

const EVERY_MS = 500;
const MOST_POINTS = 400;
let charts = 0;

interface Spot {
  x: number;
  y: number;
}

/** Means over `stride` steps; the stride doubles as the run gets long, so a curve never has more than 400 points. */
class Trace {
  x: number[] = [];
  y: number[] = [];
  /** The very first value, which means over many steps would hide. */
  first = Number.NaN;
  /** Steps without a finite value. */
  lost = 0;
  private lowest: Spot = { x: 0, y: Infinity };
  private highest: Spot = { x: 0, y: -Infinity };
  private stride = 1;
  private sum = 0;
  private count = 0;

  add(x: number, y: number): void {
    if (Number.isNaN(this.first)) this.first = y;
    if (!Number.isFinite(y)) this.lost++;
    else if (y < this.lowest.y) this.lowest = { x, y };
    if (Number.isFinite(y) && y > this.highest.y) this.highest = { x, y };
    this.sum += y;
    this.count++;
    if (this.count < this.stride) return;
    this.x.push(x);
    this.y.push(this.sum / this.count);
    [this.sum, this.count] = [0, 0];
    if (this.x.length >= MOST_POINTS) this.halve();
  }

  /** Single steps so far from all means that a chart of means would hide them. */
  spikes(): Spot[] {
    const [low, high] = extent(this.y) ?? [0, 0];
    const far = Math.max(high - low, 1e-9 * Math.abs(high));
    const stands = ({ y }: Spot) => Number.isFinite(y) && y !== this.first && (y < low - far || y > high + far);
    return [this.lowest, this.highest].filter(stands);
  }

  /** What is drawn: the means, and spikes at their steps. */
  points(): { x: number[]; y: number[] } {
    const spots = this.x.map((x, i) => ({ x, y: this.y[i] })).concat(this.spikes());
    spots.sort((a, b) => a.x - b.x);
    return { x: spots.map(s => s.x), y: spots.map(s => s.y) };
  }

  private halve(): void {
    this.x = this.x.filter((_, i) => i % 2 === 1);
    this.y = this.x.map((_, i) => (this.y[2 * i] + this.y[2 * i + 1]) / 2);
    this.stride *= 2;
  }
}

/** The observer behind `liveChart`. */
class LiveChart implements Observer {
  private readonly traces: Map<string, Trace>;
  /** Metrics that come with every step; the others are known only after an epoch. */
  private readonly everyStep = new Set<string>();
  private readonly id = `live-chart-${process.pid}-${++charts}`;
  private run?: RunInfo;
  readonly late = true;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private epochs = 0;
  private shown = false;

  constructor(
    names: readonly string[],
    private readonly options: LineOptions,
  ) {
    this.traces = new Map(names.map(name => [name, new Trace()]));
  }

  onStart(run: RunInfo): void {
    this.run = run;
  }

  onStep({ step, metrics }: StepReport): void {
    for (const [name, trace] of this.traces) {
      if (!(name in metrics)) continue;
      this.everyStep.add(name);
      trace.add(step, metrics[name]);
    }
    if (kernel() && performance.now() - this.drawnAt >= EVERY_MS) this.draw();
  }

  onEpoch({ step, metrics }: EpochReport): void {
    this.epochs++;
    for (const [name, trace] of this.traces) {
      if (name in metrics && !this.everyStep.has(name)) trace.add(step, metrics[name]);
    }
  }

  /** The last picture: also static, and with words for the whole run. */
  async onEnd(): Promise<void> {
    const drawn = this.drawn();
    if (drawn.length === 0) return; // stopped before the first step
    const said = list(drawn.map(([name, trace]) => `${name} ${inWords(trace)}`));
    const whole = `in ${this.epochs} epoch${this.epochs > 1 ? 's' : ''}`;
    const span = this.epochs > 0 ? whole : `before the end of epoch 1 of ${this.run?.epochs ?? 1}`;
    const figure = await lineChart(curvesOf(drawn), { alt: `${said}, ${span}.`, ...this.options });
    figure.show(kernel() ? { id: this.id, update: this.shown } : {});
  }

  private drawn(): [string, Trace][] {
    return [...this.traces].filter(([, trace]) => trace.x.length > 0);
  }

  /** The live form only: drawing the static one as well would cost the training 30 ms each time. */
  private draw(): void {
    this.drawnAt = performance.now();
    const { spec, alt } = linePlan(curvesOf(this.drawn()), this.options);
    const bundle = { 'application/vnd.vegalite.v5+json': withDefaults(spec, alt), 'text/plain': alt };
    display(bundle, { id: this.id, update: this.shown });
    this.shown = true;
  }
}

const curvesOf = (traces: [string, Trace][]) =>
  Object.fromEntries(traces.map(([name, trace]) => [name, trace.points()]));

/** The trend of the means, single steps far from them, and how many steps had no number. */
function inWords(trace: Trace): string {
  const spikes = trace.spikes().map(({ x, y }) => `, with ${say(y)} at step ${say(x)}`);
  const lost = trace.lost ? `, without a finite value in ${say(trace.lost)} steps` : '';
  return trend([trace.first, ...trace.y.slice(1)]) + spikes.join('') + lost;
}

/**
 * An observer for train(): draws the named metrics in place, twice a second at most, and leaves a chart with a static picture
 * and words such as 'loss falls from 543 to 104 in 10 epochs'. Metrics known only after an epoch are drawn there.
 * @example const chart = liveChart('loss', { yTitle: 'nats', logY: true }); // one of train's observers
 */
export function liveChart(...args: (string | LineOptions)[]): Observer {
  const names = args.filter((arg): arg is string => typeof arg === 'string');
  const options = args.find((arg): arg is LineOptions => typeof arg !== 'string');
  const look: LineOptions = { xTitle: 'step', height: 260, points: false, ...options };
  return new LiveChart(names.length ? names : ['loss'], look);
}
