/**
 * How long a lesson takes on this device, in the table at its top: the seconds that it took where the course was measured, times
 * how much longer, or shorter, a small training step takes here. The step is timed after the first run of each visit.
 */
import type { PageKernel } from '../../../lib/kernel/page/client';
import { DEVICES, type Device, readKept, type Times } from './device';
import { keptIn } from './store';
import type { Words } from './words';

/** Steps measured in this browser: those that chose the device, and those after a run. */
function steps(): Times {
  try {
    const own = JSON.parse(keptIn('steps').get() ?? '{}') as Times;
    return { ...readKept(keptIn('device').get())?.times, ...own };
  } catch {
    return {};
  }
}

/** What is going to compute. @param wanted by the address or the reader */
function deviceOf(wanted: string | null): Device {
  const named = DEVICES.find(name => name === wanted);
  return named ?? readKept(keptIn('device').get())?.chosen ?? 'wasm';
}

/** Milliseconds of the step there; undefined where it was not measured. */
const stepOf = (wanted: string | null): number | undefined => steps()[deviceOf(wanted)];

/** Keeps the least: whatever else the machine did at the time made a step longer. */
function keepStep(wanted: string | null, ms: number | undefined): void {
  const least = Math.min(ms ?? Infinity, stepOf(wanted) ?? Infinity);
  if (ms !== undefined) keptIn('steps').set(JSON.stringify({ ...steps(), [deviceOf(wanted)]: least }));
}

/** A lesson's seconds, and the step, in ms, where it took them. */
export interface Reference {
  seconds: number;
  step: number;
  /** Its trainings were those that its reader meets first, not the full ones. */
  short: boolean;
}

/** Seconds on a device whose step takes `ms`. */
export const secondsHere = ({ seconds, step }: Reference, ms: number): number => (seconds * ms) / step;

/** The row in the table. */
export class Estimate {
  /** What was timed on this visit. */
  private timed: string | null | undefined;

  /** @param wanted by the address or the reader */
  constructor(
    private readonly words: Words,
    private readonly reference: Reference,
    wanted: string | null,
  ) {
    this.show(wanted);
  }

  /** Has a step timed by the worker that is there, once on each visit. */
  async time(kernel: Pick<PageKernel, 'measure'>, device: string | null): Promise<void> {
    if (this.timed !== device) {
      this.timed = device;
      keepStep(device, await kernel.measure());
    }
    this.show(device);
  }

  private show(wanted: string | null): void {
    const { words, reference } = this;
    const table = document.querySelector<HTMLTableElement>('main table');
    if (!table?.tBodies[0]) return;
    let row = document.getElementById('lab-estimate') as HTMLTableRowElement | null;
    if (!row) {
      row = table.tBodies[0].insertRow();
      row.id = 'lab-estimate';
      row.insertCell().textContent = words.inThisPage;
      row.insertCell();
    }
    const ms = stepOf(wanted);
    const said =
      ms === undefined
        ? words.tookThere(reference)
        : words.takesHere(secondsHere(reference, ms), deviceOf(wanted), ms, reference);
    row.cells[1].textContent = `${said}${reference.short ? words.cutShort : ''}`;
  }
}
