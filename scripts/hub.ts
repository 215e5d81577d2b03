/**
 * `npm run hub -- FOLDER`: a JupyterHub for a class on this machine; FOLDER holds students.txt and everybody's work.
 * `npm run hub -- --trial 10`: a class of ten at work in a temporary folder, with what it took. See docs/classes.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { countFrom, onStop } from './classes/parallel';
import { parseCommand, runCommand } from './notebooks/command';
import { inProject, venvProgram } from './setup/paths';
import { run } from './setup/shell';
import { hash, hashFile, perform } from './setup/steps';

const HUB = inProject('scripts', 'classes', 'hub');
const VENV = inProject('.venv-hub');
const PROXY = path.join(VENV, 'proxy', 'node_modules', 'configurable-http-proxy');
const PROXY_VERSION = '5.3.0';
const python = path.join(VENV, 'bin', 'python');

const HELP = `npm run hub -- FOLDER [options]
  FOLDER/students.txt   one name a line; FOLDER/home keeps everybody's work
  --port 8000           on this machine only: put a web server with TLS before it for others
  --host 0.0.0.0        on all addresses, unencrypted: for a container, whose port the outside publishes where it wants
  --install             make the hub's environment and end
  --memory 1500M        for each student      --cpus 2
  --trial 10            instead of FOLDER: ten students run lessons 03 and 10 in quick mode, one fills its memory, one is killed
  --lessons 03,10       other lessons for the trial
The passwords are in LAB_CLASS_PASSWORD and LAB_TEACHER_PASSWORD (8 and 32 letters or more), else new ones are made and shown.`;

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(
    argv,
    ['host', 'port', 'memory', 'cpus', 'trial', 'lessons'],
    ['help', 'install'],
  );
  const trial = options.has('trial') ? countFrom(options, 'trial', 10) : 0;
  const install = options.has('install');
  if (options.has('help') || (words.length !== 1 && !trial && !install)) {
    console.log(HELP);
    return options.has('help') ? 0 : 1;
  }
  if (process.platform !== 'linux')
    throw new Error('the hub runs on Linux; elsewhere use a container or Kubernetes (docs/classes.md)');
  if (install) {
    await perform(hubStep, console.log);
    return 0;
  }
  const folder = trial ? makeClass(trial) : path.resolve(process.env.INIT_CWD ?? process.cwd(), words[0]);
  if (!fs.existsSync(path.join(folder, 'students.txt')))
    throw new Error(`${folder} has no students.txt: write the names of your students into it, one a line`);
  await perform(hubStep, console.log);
  const env = await settings(folder, options, trial > 0);
  if (options.has('host'))
    console.warn(`the hub listens on ${options.get('host')}: passwords and work cross the network as they are`);
  const hub = spawn(python, ['-m', 'jupyterhub', '-f', path.join(HUB, 'jupyterhub_config.py')], {
    cwd: folder,
    env,
    stdio: trial
      ? ['ignore', fs.openSync(path.join(folder, 'hub.log'), 'a'), fs.openSync(path.join(folder, 'hub.log'), 'a')]
      : 'inherit',
  });
  const silence = onStop(() => hub.kill('SIGTERM'));
  const over = new Promise<number>(resolve => hub.on('exit', code => resolve(code ?? 0)));
  const code = trial ? await tryOut(hub, over, folder, env, options.get('lessons') ?? '03,10') : await over;
  silence();
  if (trial) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return code;
}

/** Hub, culler and proxy, at their pinned versions, in an environment that sees the course's JupyterLab. */
const hubStep = {
  name: 'JupyterHub in .venv-hub',
  takes: 'a minute',
  stamp: path.join(VENV, '.lab', 'hub'),
  inputs: () => [hashFile(path.join(HUB, 'requirements.txt')), PROXY_VERSION, hash([venvProgram('python')])],
  intact: () => fs.existsSync(python) && fs.existsSync(PROXY),
  async run(): Promise<void> {
    const must = async (program: string, argv: string[]): Promise<string> => {
      const { code, output } = await run(program, argv);
      if (code !== 0)
        throw new Error(`${path.basename(program)} ${argv.slice(0, 3).join(' ')} failed:\n${output.slice(-2000)}`);
      return output.trim();
    };
    const where = ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'];
    await must(venvProgram('python'), ['-m', 'venv', '--clear', VENV]);
    await must(python, ['-m', 'pip', 'install', '--quiet', '-r', path.join(HUB, 'requirements.txt')]);
    fs.writeFileSync(
      path.join(await must(python, where), 'course.pth'),
      `${await must(venvProgram('python'), where)}\n`,
    );
    const argv = ['install', '--prefix', path.join(VENV, 'proxy'), '--ignore-scripts', '--no-audit', '--no-fund'];
    await must('npm', [...argv, `configurable-http-proxy@${PROXY_VERSION}`]);
  },
};

async function settings(folder: string, options: Map<string, string>, trial: boolean): Promise<NodeJS.ProcessEnv> {
  const [port, hubPort, proxyPort] = await freePorts(3);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LAB_CLASS: folder,
    LAB_HUB_URL: `http://${options.get('host') ?? '127.0.0.1'}:${options.get('port') ?? (trial ? port : 8000)}`,
    LAB_HUB_PORT: String(hubPort),
    LAB_PROXY_PORT: String(proxyPort),
    LAB_PROXY: [process.execPath, path.join(PROXY, 'bin', 'configurable-http-proxy')].join('|'),
    LAB_MEMORY: options.get('memory') ?? '1500M',
    LAB_CPUS: options.get('cpus') ?? '2',
    CONFIGPROXY_AUTH_TOKEN: randomBytes(16).toString('hex'),
    ...(trial ? { LAB_TRIAL_TOKEN: randomBytes(16).toString('hex'), LAB_QUICK: '1' } : {}),
  };
  for (const [name, bytes] of [
    ['LAB_CLASS_PASSWORD', 6],
    ['LAB_TEACHER_PASSWORD', 24],
  ] as const) {
    if (env[name]) continue;
    env[name] = randomBytes(bytes).toString('hex');
    if (!trial) console.log(`${name} = ${env[name]}`);
  }
  return env;
}

function makeClass(count: number): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-class-'));
  const names = Array.from({ length: count }, (_, i) => `student${String(i + 1).padStart(2, '0')}`);
  fs.writeFileSync(path.join(folder, 'students.txt'), `${names.join('\n')}\n`);
  return folder;
}

/** Waits until the hub answers, lets the class work, ends the hub. */
async function tryOut(
  hub: ChildProcess,
  over: Promise<number>,
  folder: string,
  env: NodeJS.ProcessEnv,
  lessons: string,
): Promise<number> {
  const url = env.LAB_HUB_URL as string;
  const answers = async (): Promise<boolean> => (await fetch(`${url}/hub/health`).catch(() => undefined))?.ok === true;
  let code = 1;
  for (let i = 0; i < 240 && hub.exitCode === null && !(await answers()); i++)
    await new Promise(r => setTimeout(r, 500));
  if (await answers()) {
    const trial = spawn(
      python,
      [path.join(HUB, 'trial.py'), url, folder, inProject(), ...lessons.split(',').filter(Boolean)],
      {
        env,
        stdio: 'inherit',
      },
    );
    code = await new Promise<number>(resolve => trial.on('exit', status => resolve(status ?? 1)));
  }
  hub.kill('SIGTERM');
  await over;
  if (code !== 0)
    console.error(fs.readFileSync(path.join(folder, 'hub.log'), 'utf8').split('\n').slice(-40).join('\n'));
  return code;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(server => new Promise(resolve => server.once('listening', resolve))));
  const ports = servers.map(server => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

if (require.main === module) runCommand(main);
