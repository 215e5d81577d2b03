/**
 * Several machines that compute together, through TensorFlow's own distributed runtime.
 * @see docs/cluster.md
 */
import type { Replica } from '../compile/replicas';
import { DISPLAY, type Displayable, type MimeBundle } from '../display';
import { html } from '../html';
import { binding, engine } from '../tensorflow';
import { identityOf } from './identity';
import { Member, needTensorFlow, nowWith, ownDevices } from './members';
import { serverDef } from './messages';
import { type Answer, probe, readAddress } from './probe';
import { freePort, identity, LOOPBACK, listenAt, OPEN_WARNING } from './worker';

export { WorkerLost } from './lost';
export { startWorker } from './worker';

/** Seconds after which workers forget a process that has joined them and says nothing more. */
const KEEP_ALIVE = 600;
/** Milliseconds in which all workers must have let this process in. */
const TIMEOUT = 20_000;
/** From here on a reader should know that the way is long. */
const SLOW = { roundTripMs: 20, megabytesPerSecond: 12.5 };

export interface ClusterOptions {
  /** Whether this machine computes a part as well; it does where there are no workers. */
  here?: boolean;
  /** Port at which the workers fetch from this machine; a free one unless a firewall wants to know it. */
  port?: number;
}

/** A machine of a cluster. */
export interface Machine {
  /** 'host1:2222', or 'this machine'. */
  name: string;
  devices: string[];
  /** Of the way to it; undefined for this machine. */
  roundTripMs?: number;
  megabytesPerSecond?: number;
}

/**
 * What `cluster` has joined; it shows itself as a table.
 * @example new Cluster([{ name: 'this machine', devices: ['CPU:0'] }], []).machines.length // → 1
 */
export class Cluster implements Displayable {
  constructor(
    readonly machines: readonly Machine[],
    /** For `compile` and `train`: one device of each machine, its graphics cards where it has some. */
    readonly replicas: readonly Replica[],
    /** What there is to know, as that a way is slow. */
    readonly notes: readonly string[] = [],
  ) {}

  [DISPLAY](): MimeBundle {
    const rows = this.machines.map(({ name, devices, roundTripMs, megabytesPerSecond }) => [
      name,
      devices.join(', '),
      roundTripMs === undefined ? '' : `${roundTripMs.toFixed(1)} ms`,
      megabytesPerSecond === undefined ? '' : `${rate(megabytesPerSecond)} MB/s`,
    ]);
    const head = ['machine', 'devices', 'there and back', 'on the way'];
    const cells = (row: string[]) => html`<tr>${row.map(cell => html`<td>${cell}</td>`)}</tr>`;
    const notes = this.notes.map(note => html`<p>${note}</p>`);
    return {
      'text/html':
        html`<table><thead><tr>${head.map(each => html`<th>${each}</th>`)}</tr></thead><tbody>${rows.map(cells)}</tbody></table>${notes}`
          .source,
      'text/plain': [head, ...rows, ...this.notes.map(note => [note])].map(row => row.join('  ').trimEnd()).join('\n'),
    };
  }
}

/**
 * Joins the workers that run on other machines (`npm run worker -- --port 2222`), and lists their devices beside this
 * machine's. Joining again, with fewer or others, leaves the cluster of before; what was compiled for it is refused.
 * @param workers 'host:port' of each; none: this machine's own devices, as for several graphics cards
 * @throws Error that names the worker and what to do, where one cannot be reached, is something else, or has another version
 * @example
 * const { replicas } = await cluster([]);
 * const step = compile((x: tf.Tensor) => x.mean(), { replicas });
 * step(tf.tensor1d([1, 3])) // → 2
 */
export async function cluster(
  workers: readonly string[],
  { here = workers.length === 0, port }: ClusterOptions = {},
): Promise<Cluster> {
  await engine.ready;
  needTensorFlow();
  checkAddresses(workers);
  const answers = await askAll(workers);
  if (workers.length > 0) await join(workers, answers, port);
  const joined = nowWith(workers);
  workers.forEach(mustBeSame);
  const own = ownDevices();
  const machines = workers.map((name, i) => machineOf(name, answers[i]));
  const replicas = workers.flatMap((name, i) =>
    best(answers[i].devices.map(({ name: device }) => device)).map(device => {
      const renamed = device.replace(/^\/job:\w+\/replica:\d+\/task:\d+/, `/job:worker/replica:0/task:${i}`);
      return new Member(`${name} ${kindOf(device)}`, renamed, name, joined);
    }),
  );
  if (here)
    replicas.push(...best(own).map(device => new Member(`this machine ${kindOf(device)}`, device, undefined, joined)));
  const notes = workers.flatMap((name, i) => slowness(name, answers[i]));
  for (const note of notes) console.warn(note);
  return new Cluster([{ name: 'this machine', devices: own.map(kindOf) }, ...machines], replicas, notes);
}

const rate = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

/** 'CPU:0' */
const kindOf = (device: string): string => /device:(\w+:\d+)$/.exec(device)?.[1] ?? device;

/** The graphics cards, or the processor where there are none. */
function best(devices: string[]): string[] {
  const cards = devices.filter(name => /device:GPU:\d+$/.test(name));
  return cards.length > 0 ? cards : devices.filter(name => /device:CPU:0$/.test(name));
}

const isLoopback = (address: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+)$/.test(readAddress(address).host);

function checkAddresses(workers: readonly string[]): void {
  for (const each of workers) readAddress(each);
  const twice = workers.find((each, i) => workers.indexOf(each) !== i);
  if (twice) throw new Error(`${twice} is named twice; one worker computes one part`);
  if (new Set(workers.map(isLoopback)).size > 1)
    throw new Error(
      'localhost is another machine for each worker; name this one as the others call it, or give only workers of this machine',
    );
}

/** @throws Error with what is wrong at each address where something is */
async function askAll(workers: readonly string[]): Promise<Answer[]> {
  const asked = await Promise.allSettled(workers.map(probe));
  const faults = asked.flatMap(each => (each.status === 'rejected' ? [(each.reason as Error).message] : []));
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return asked.map(each => (each as PromiseFulfilledResult<Answer>).value);
}

/** TensorFlow joins them; for that this process serves too, at the address by which the workers know it. */
async function join(workers: readonly string[], answers: Answer[], port?: number): Promise<void> {
  const local = workers.every(isLoopback);
  const self = local ? LOOPBACK : answers[0].from.replace(/^::ffff:/, '');
  listenAt(self);
  if (!local) console.warn(`this process listens at ${self} as well: ${OPEN_WARNING}`);
  const own = [self, port ?? (await freePort(self))].join(':');
  try {
    // the own devices keep their names: tfjs-node goes on using them
    binding().joinCluster(serverDef({ localhost: [own], worker: workers }, 'localhost'), KEEP_ALIVE, TIMEOUT);
  } catch (error) {
    const [why] = String((error as Error).message)
      .replace(/^Invalid TF_Status: \d+\s*Message: /, '')
      .split('\n');
    throw new Error(
      `the workers answer, but TensorFlow cannot join them (${why}); can they reach this machine at ${own}, and do they have its version?`,
    );
  }
}

/** @throws Error where a worker computes with another version of TensorFlow, whose results may differ */
function mustBeSame(name: string, task: number): void {
  const { tensorflow } = identity();
  const theirs = identityOf(task);
  if (theirs?.tensorflow === tensorflow) return;
  throw new Error(
    theirs
      ? `${name} computes with TensorFlow ${theirs.tensorflow}, this machine with ${tensorflow}; bring both to one version of the course, then npm run setup`
      : `${name} is a TensorFlow server but no worker of this course; start one there with npm run worker`,
  );
}

const machineOf = (name: string, { devices, roundTripMs, megabytesPerSecond }: Answer): Machine => ({
  name,
  devices: devices.map(device => kindOf(device.name)).filter(device => !device.startsWith('XLA')),
  roundTripMs,
  megabytesPerSecond,
});

function slowness(name: string, { roundTripMs, megabytesPerSecond }: Answer): string[] {
  if (roundTripMs < SLOW.roundTripMs && megabytesPerSecond > SLOW.megabytesPerSecond) return [];
  return [
    `the way to ${name} is slow: ${roundTripMs.toFixed(0)} ms there and back, ${rate(megabytesPerSecond)} MB/s. Each step sends all weights there and all gradients back; docs/cluster.md says when that pays`,
  ];
}
