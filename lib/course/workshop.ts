/** A folder in which a lesson may create environments and install packages, and that is gone afterwards. */
import { fromRoot, fs, os, path, spawn } from '../platform';
import { isAlive } from '../runtime/alive';

/** Where each of them begins in the system's temporary folder: with a space and Chinese, as readers' folders have. */
const PREFIX = 'latentlab 课程 ';

/** What a program did. */
export interface Ran {
  /** Exit code; -1 where it could not be started or was killed. */
  code: number;
  /** What it printed, both streams, with the workshop's folder as `…`, the course's as `course` and the reader's home as `~`. */
  text: string;
  seconds: number;
}

export interface RunOptions {
  /** Beside or instead of the workshop's own variables; undefined takes one away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
}

/** Variables that would lead a program out of the workshop, or to another interpreter. */
const LEADS_OUT = /^(npm_|PIP_|UV_|CONDA|MAMBA|_CE_|VIRTUAL_ENV|PYTHON|NODE_|XDG_|LD_LIBRARY_PATH$|PS1$)/i;

/**
 * A temporary folder whose programs have their home, caches and temporary files inside it, so that nothing outside changes.
 * It is removed with `remove()`, at the latest when the process ends.
 * @example
 * const shop = new Workshop();
 * shop.write('a/note.txt', 'salt');
 * shop.remove();
 * shop.path('a').startsWith(shop.folder) // → true
 */
export class Workshop {
  readonly folder: string;
  private readonly leave = (): void => this.remove();

  constructor() {
    sweep();
    const made = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
    this.folder = fs.realpathSync(made); // macOS's temporary folder is a link
    for (const name of ['home', 'tmp']) fs.mkdirSync(this.path(name));
    process.once('exit', this.leave);
  }

  /** A path inside. */
  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  /** Writes a file, with the folders above it; returns its path. */
  write(name: string, content: string | Uint8Array, { executable = false } = {}): string {
    const file = this.path(name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content, { mode: executable ? 0o755 : 0o644 });
    return file;
  }

  /** The variables that its programs get. */
  environment(more: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !LEADS_OUT.test(name));
    const [home, tmp] = [this.path('home'), this.path('tmp')];
    return {
      ...Object.fromEntries(kept),
      HOME: home,
      USERPROFILE: home,
      TMPDIR: tmp,
      TMP: tmp,
      TEMP: tmp,
      npm_config_cache: this.path('home', '.npm'),
      npm_config_update_notifier: 'false',
      MAMBA_ROOT_PREFIX: this.path('home', 'mamba'),
      CONDA_PKGS_DIRS: this.path('home', 'pkgs'),
      PIP_CONFIG_FILE: os.devNull,
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUTF8: '1',
      ...more,
    };
  }

  /** Runs a program to its end; never throws. Arguments are passed as they are, whatever they hold. */
  run(program: string, argv: readonly string[] = [], { env, cwd = this.folder }: RunOptions = {}): Promise<Ran> {
    const began = performance.now();
    return new Promise(resolve => {
      let output = '';
      const shell = process.platform === 'win32' && /^np[mx]$/.test(program); // .cmd files there
      const child = spawn(program, argv, { cwd, env: this.environment(env), shell, stdio: ['ignore', 'pipe', 'pipe'] });
      const finish = (code: number) =>
        resolve({ code, text: this.shown(output).trimEnd(), seconds: (performance.now() - began) / 1000 });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', text => (output += text));
      child.once('error', error => {
        output += error.message;
        finish(-1);
      });
      child.once('close', code => finish(code ?? -1));
    });
  }

  /** A text as a page may show it: without what only this machine has. */
  shown(text: string): string {
    const places = [
      [this.folder, '…'],
      [fromRoot(), 'course'],
      [os.homedir(), '~'],
    ];
    return places.reduce((said, [place, name]) => said.replaceAll(place, name), text);
  }

  /** Takes the folder away with all that is in it. */
  remove(): void {
    process.off('exit', this.leave);
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removes the workshops of processes that were killed before they could. */
function sweep(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const owner = name.startsWith(PREFIX) && /^(\d+)-/.exec(name.slice(PREFIX.length))?.[1];
    if (owner && !isAlive(Number(owner))) fs.rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}
