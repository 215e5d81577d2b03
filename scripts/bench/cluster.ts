/**
 * node --import tsx scripts/bench/cluster.ts [--only vae,cnn] [--steps 10]: one training step on this machine alone, and
 * split over 1, 2 and 4 workers, which are processes of this machine: so the processors are shared, and what is measured is
 * what the splitting costs. Written as a table: milliseconds by the clock, processor time of all processes together, and the
 * bytes that a step sends, as its graph says and as the system's counter of the loopback saw them. Run it in a network of
 * its own, `unshare -n sh -c "ip link set lo up; node …"`, where nobody else's bytes are counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cluster, compile, type Replica, random, tf } from '../../lib/runtime';
import { freePort } from '../../lib/runtime/cluster/worker';
import { parseCommand, runCommand } from '../notebooks/command';
import { inProject } from '../setup/paths';
import { optimiserOf, TASKS } from './models';

const WORKERS = [0, 1, 2, 4];
const WARM_UP = 3;

interface Row {
  ms: number;
  processorMs: number;
  graphBytes: number;
  sentBytes: number;
}

async function main(argv: string[]): Promise<number> {
  const { options } = parseCommand(argv, ['only', 'steps']);
  const steps = Number(options.get('steps') ?? 10);
  const names = options.get('only')?.split(',') ?? ['vae', 'cnn', 'gpt', 'unet'];
  console.log(
    '| step | workers | ms | processor ms | MB a step, graph | MB a step, seen |\n| --- | --: | --: | --: | --: | --: |',
  );
  const workers = await Promise.all(Array.from({ length: Math.max(...WORKERS) }, startWorker));
  try {
    for (const name of names) {
      for (const count of WORKERS) {
        const taking = workers.slice(0, count);
        const replicas = count > 0 ? (await cluster(taking.map(({ address }) => address))).replicas : undefined;
        const row = measure(name, replicas, steps, taking);
        const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);
        const cells = [name, count || 'none', row.ms.toFixed(1), row.processorMs.toFixed(1)];
        console.log(`| ${[...cells, megabytes(row.graphBytes), megabytes(row.sentBytes)].join(' | ')} |`);
      }
    }
  } finally {
    for (const { child } of workers) child.kill('SIGKILL');
  }
  return 0;
}

interface Started {
  address: string;
  child: ChildProcess;
}

async function startWorker(): Promise<Started> {
  const port = await freePort('127.0.0.1');
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/worker.ts', '--port', String(port)], {
    cwd: inProject(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (text: Buffer) => String(text).includes('In a cell') && resolve());
    child.once('exit', code => reject(new Error(`a worker ended with ${code}`)));
  });
  return { address: `localhost:${port}`, child };
}

function measure(name: string, replicas: readonly Replica[] | undefined, steps: number, workers: Started[]): Row {
  random.seed(1);
  const task = TASKS[name]();
  const optimiser = optimiserOf(task);
  const step = compile((batch: Record<string, tf.Tensor>) => optimiser.minimize(() => task.loss(batch)), { replicas });
  const batch = task.data();
  const run = () => step(batch).dispose();
  for (let i = 0; i < WARM_UP; i++) run();
  const times: number[] = [];
  const before = { cpu: processorMs(workers), sent: loopbackBytes() };
  for (let i = 0; i < steps; i++) {
    const started = performance.now();
    run();
    times.push(performance.now() - started);
  }
  const processor = (processorMs(workers) - before.cpu) / steps;
  const sent = (loopbackBytes() - before.sent) / steps;
  const [{ bytesBetweenDevices }] = step.programs();
  step.dispose();
  task.module.dispose();
  optimiser.dispose();
  tf.dispose(batch);
  times.sort((a, b) => a - b);
  return {
    ms: times[Math.floor(times.length / 2)],
    processorMs: processor,
    graphBytes: bytesBetweenDevices,
    sentBytes: sent,
  };
}

/** Of this process and its workers; a tick of /proc/PID/stat is 10 ms. */
function processorMs(workers: Started[]): number {
  const { user, system } = process.cpuUsage();
  const ticks = workers.map(({ child }) => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return (user + system) / 1000 + ticks.reduce((a, b) => a + 10 * b, 0);
}

/** Bytes that the loopback has carried so far. */
function loopbackBytes(): number {
  const line = readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .find(each => each.trim().startsWith('lo:'));
  return Number(line?.trim().split(/\s+/)[1] ?? 0);
}

if (require.main === module) runCommand(main);
