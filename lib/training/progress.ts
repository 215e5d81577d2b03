/** A bar with loss, rate and time left; on a terminal, a line per epoch. */
import { display, html, kernel } from '../runtime';
import { rounded } from '../runtime/numbers';
import type { Metrics, Observer, RunInfo, StepReport } from './observer';
import { duration, type TrainingResult } from './result';

const EVERY_MS = 250;
let bars = 0;

/**
 * An observer that redraws one bar in place, four times a second at most, and leaves the ledger line at the end.
 * @example const bar = progressBar(); // one of train's observers
 */
export function progressBar(): Observer {
  let run: RunInfo;
  let last: StepReport | undefined;
  let drawnAt = 0;
  const id = `progress-${process.pid}-${++bars}`;

  const draw = (update: boolean, ending?: string) => {
    drawnAt = performance.now();
    const done = last?.step ?? run.startStep;
    const share = run.totalSteps ? done / run.totalSteps : undefined;
    display(ending && share === undefined ? ended(ending) : bundle(share, ending ?? describe(run, last)), {
      id,
      update,
    });
  };
  return {
    late: true,
    onStart(info) {
      run = info;
      if (kernel()) draw(false);
    },
    onStep(report) {
      last = report;
      if (kernel() && performance.now() - drawnAt >= EVERY_MS) draw(true);
    },
    onEpoch({ epoch, metrics }) {
      if (!kernel()) console.log(`epoch ${epoch + 1} of ${run.epochs}: ${numbers(metrics)}`);
    },
    onEnd(result: TrainingResult) {
      if (kernel()) draw(true, String(result));
      else console.log(String(result));
    },
  };
}

function describe(run: RunInfo, report?: StepReport): string {
  if (!report) return 'compiling the first step …';
  const steps = run.totalSteps ? `${report.step} of ${run.totalSteps}` : `${report.step}`;
  const left = report.secondsLeft === undefined ? '' : `, ${duration(report.secondsLeft)} left`;
  return (
    `epoch ${report.epoch + 1} of ${run.epochs}, step ${steps}: ${numbers(report.metrics)}` +
    ` · ${report.stepsPerSecond.toPrecision(3)} steps/s${left}`
  );
}

/** The end of a run whose length nobody knew: a bar would seem to go on. */
const ended = (text: string) => ({ 'text/plain': text, 'text/html': html`<div role="status">${text}</div>`.source });

function bundle(share: number | undefined, text: string): Record<string, string> {
  const percent = share === undefined ? '' : ` ${Math.round(share * 100)} %`;
  const value = share === undefined ? '' : html` value="${share.toFixed(4)}"`;
  const bar = html`<progress max="1"${value} style="width:16em;vertical-align:middle" aria-label="training progress"></progress>`;
  return {
    'text/plain': `${percent} ${text}`.trim(),
    'text/html': html`<div role="status">${bar}${percent} <span>${text}</span></div>`.source,
  };
}

/**
 * 'loss 104.21, kl 25.3'
 * @example numbers({ loss: 104.213, kl: 25.3 }) // → loss 104.2, kl 25.3
 * @example numbers({ right: 0.99997 }) // → right 1.000
 */
export function numbers(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${rounded(value)}`)
    .join(', ');
}
