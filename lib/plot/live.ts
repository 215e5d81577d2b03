/** Curves that grow while a model trains. */
import { display, kernel } from '../runtime/display';
import type { Metrics, Observer, RunInfo } from '../training/observer';
import { type LineOptions, lineChart, linePlan } from './lines';
import { withDefaults } from './vega';
import { list, trend } from './words';

const EVERY_MS = 500;
const MOST_POINTS = 400;
let charts = 0;

/** Means over `stride` steps; the stride doubles as the run gets long, so a curve never has more than 400 points. */
class Trace {
  x: number[] = [];
  y: number[] = [];
  private stride = 1;
  private sum = 0;
  private count = 0;

  add(x: number, y: number): void {
    this.sum += y;
    this.count++;
    if (this.count < this.stride) return;
    this.x.push(x);
    this.y.push(this.sum / this.count);
    [this.sum, this.count] = [0, 0];
    if (this.x.length >= MOST_POINTS) this.halve();
  }

  private halve(): void {
    this.x = this.x.filter((_, i) => i % 2 === 1);
    this.y = this.x.map((_, i) => (this.y[2 * i] + this.y[2 * i + 1]) / 2);
    this.stride *= 2;
  }
}

/**
 * An observer for train(): draws the named metrics in place, twice a second at most, and leaves a chart with a static picture
 * and words such as 'loss falls from 543 to 104 in 10 epochs'. Metrics known only after an epoch are drawn there.
 * @example await train({ …, observers: [progressBar(), liveChart('reconstruction', 'kl', { yTitle: 'nats' })] })
 */
export function liveChart(...args: (string | LineOptions)[]): Observer {
  const names = args.filter((arg): arg is string => typeof arg === 'string');
  const options: LineOptions = {
    xTitle: 'step',
    height: 260,
    ...args.find((arg): arg is LineOptions => typeof arg !== 'string'),
  };
  const traces = new Map((names.length ? names : ['loss']).map(name => [name, new Trace()]));
  const everyStep = new Set<string>();
  const id = `live-chart-${process.pid}-${++charts}`;
  let run: RunInfo | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let epochs = 0;
  let shown = false;

  const curves = () =>
    Object.fromEntries([...traces].filter(([, t]) => t.x.length).map(([name, { x, y }]) => [name, { x, y }]));
  const collect = (step: number, metrics: Metrics, skip: ReadonlySet<string>): void => {
    for (const [name, trace] of traces) if (name in metrics && !skip.has(name)) trace.add(step, metrics[name]);
  };
  const draw = (): void => {
    drawnAt = performance.now();
    const { spec, alt } = linePlan(curves(), { points: false, ...options });
    display({ 'application/vnd.vegalite.v5+json': withDefaults(spec, alt), 'text/plain': alt }, { id, update: shown });
    shown = true;
  };
  return {
    onStart(info) {
      run = info;
    },
    onStep({ step, metrics }) {
      for (const name of traces.keys()) if (name in metrics) everyStep.add(name);
      collect(step, metrics, new Set());
      if (kernel() && performance.now() - drawnAt >= EVERY_MS) draw();
    },
    onEpoch({ step, metrics }) {
      epochs++;
      collect(step, metrics, everyStep);
    },
    async onEnd() {
      const drawn = curves();
      if (Object.keys(drawn).length === 0) return; // stopped before the first step
      const said = list(Object.entries(drawn).map(([name, { y }]) => `${name} ${trend(y)}`));
      const span =
        epochs > 0 ? `in ${epochs} epoch${epochs > 1 ? 's' : ''}` : `before the end of epoch 1 of ${run?.epochs ?? 1}`;
      const figure = await lineChart(drawn, { points: false, alt: `${said}, ${span}.`, ...options });
      figure.show(kernel() ? { id, update: shown } : {});
    },
  };
}
