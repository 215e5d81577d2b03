/** The trials of a sweep on a Ray cluster, through a small driver in Python (scripts/python/ray_trials.py). */
import { spawn, spawnSync } from 'node:child_process';
import net from 'node:net';
import readline from 'node:readline';
import { pythonInVenv } from '../notebooks/command';
import { inProject } from '../setup/paths';
import { commandFor, type Ended, ended, type Metrics, metricsIn, settingsOf, type Values } from './trials';

/**
 * Runs trials where Ray puts them; every machine of the cluster needs the course in the same folder.
 * @throws Error where the Python has no Ray, or no cluster answers
 */
export async function runOnRay(
  script: string,
  trials: readonly Values[],
  { address, stop }: { address: string; stop: AbortSignal },
  tell: (at: number, result: Ended, log: string) => void,
): Promise<void> {
  const python = process.env.LAB_RAY_PYTHON ?? pythonInVenv();
  if (spawnSync(python, ['-c', 'import ray'], { stdio: 'ignore' }).status !== 0) {
    throw new Error(
      `--ray: ${python} has no Ray; install it (pip install ray), or name a Python that has it with LAB_RAY_PYTHON`,
    );
  }
  await mustAnswer(address);
  const work = {
    address,
    folder: inProject(),
    command: commandFor(script),
    trials: trials.map(values => settingsOf(values, 1)),
  };
  const child = spawn(python, [inProject('scripts', 'python', 'ray_trials.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
  const leave = () => child.kill('SIGTERM');
  stop.addEventListener('abort', leave);
  child.stdin.end(JSON.stringify(work));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', chunk => {
    errors = (errors + chunk).slice(-5000);
  });
  const over = new Promise<number | null>(resolve => child.on('close', resolve));
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"trial"')) continue;
    const { trial, code, seconds, output } = JSON.parse(line) as {
      trial: number;
      code: number;
      seconds: number;
      output: string;
    };
    const lines = output.split('\n');
    const metrics = Object.assign({}, ...lines.map(each => metricsIn(each) ?? {})) as Metrics;
    const error = output.match(/^\w*(?:Error|Exception)\b.*$/gm)?.at(-1);
    tell(trial, ended(code, metrics, error ?? lines.filter(Boolean).at(-1) ?? '', seconds), output);
  }
  const code = await over;
  stop.removeEventListener('abort', leave);
  if (code !== 0 && !stop.aborted)
    throw new Error(`the Ray driver ended with ${code}: ${errors.trim().split('\n').at(-1)}`);
}

/** Ray itself waits for a minute and more where nobody listens. */
async function mustAnswer(address: string): Promise<void> {
  const [, host, port] = /^([^/]+):(\d+)$/.exec(address) ?? [];
  if (host === undefined) return; // auto, local, ray://…
  const socket = net.connect({ host, port: Number(port), timeout: 5000 });
  const answers = await new Promise<boolean>(resolve => {
    socket.once('connect', () => resolve(true));
    for (const trouble of ['error', 'timeout']) socket.once(trouble, () => resolve(false));
  });
  socket.destroy();
  if (!answers)
    throw new Error(
      `--ray: nobody answers at ${address}; start a cluster there (ray start --head), or look at its address`,
    );
}
