/**
 * The whole way of a new reader: a copy of the project in a folder with spaces and Chinese characters, set up with a
 * .venv of its own, interrupted on the way and started again.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { newFolder } from '../folder';

const root = path.resolve(__dirname, '..', '..');
const top = newFolder('lab');
const clone = path.join(top, '潜变量 实验室');
const env = { ...process.env, LAB_DEVICE: 'cpu', CI: '' };
const inClone = (...parts: string[]): string => path.join(clone, ...parts);

/** What git would hand out: tracked files, and new ones that it does not ignore. */
function copyProject(): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of listed.split('\0').filter(name => name && existsSync(path.join(root, name)))) {
    mkdirSync(path.dirname(inClone(file)), { recursive: true });
    cpSync(path.join(root, file), inClone(file));
  }
}

function lab(...argv: string[]): { status: number | null; output: string; seconds: number } {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/lab.mjs', ...argv], {
    cwd: clone,
    env,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr, seconds: (performance.now() - started) / 1000 };
}

/** Starts the set-up and kills it, with all that it started, a moment after it printed `sign`. */
function killAfter(sign: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(process.execPath, ['scripts/lab.mjs', 'setup'], { cwd: clone, env, detached: true });
    const hear = (text: Buffer) => {
      output += text;
      if (output.includes(sign)) setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 1500);
      if (output.includes(sign)) child.stdout.off('data', hear);
    };
    child.stdout.on('data', hear);
    child.on('error', reject);
    child.on('exit', () => resolve(output));
  });
}

describe('set-up in a fresh copy', () => {
  before(copyProject);

  test('killed while it installs packages, it leaves a mark', async () => {
    const output = await killAfter('· Python packages');
    assert.match(output, /✓ node modules {2}[\d.]+ s/);
    assert.match(output, /✓ Python environment/);
    assert.ok(existsSync(inClone('.venv', '.unfinished')), output);
  });

  test('started again, it makes the half-made environment anew and goes on to the end', t => {
    const { status, output, seconds } = lab('setup');
    t.diagnostic(`note: set-up of a copy, after the interruption: ${seconds.toFixed(0)} s`);
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /node modules/); // those were complete
    for (const step of ['Python environment', 'Python packages', 'TensorFlow', 'native addon']) {
      assert.match(output, new RegExp(`✓ ${step}.* [\\d.]+ s`));
    }
    assert.ok(!existsSync(inClone('.venv', '.unfinished')));
  });

  test('the second start finds nothing to do, in a few seconds', () => {
    const { status, output, seconds } = lab('setup');
    assert.equal(status, 0, output);
    assert.equal(output.trim(), '✓ everything is in place');
    assert.ok(seconds < 5, `${seconds.toFixed(1)} s`);
  });

  test('./lib computes there, with the copy\u2019s own TensorFlow', () => {
    const script =
      "import { device, tf } from './lib';\nconsole.log(tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0], device.kind);\n";
    writeFileSync(inClone('try.ts'), script);
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'try.ts'], {
      cwd: clone,
      env,
      encoding: 'utf8',
    });
    assert.equal(stdout.trim(), '11 cpu', stderr);
    assert.equal(stderr, '', 'TensorFlow keeps quiet');
  });

  test('the kernel is registered in the copy and answers through Jupyter', () => {
    const spec = JSON.parse(
      readFileSync(inClone('.venv', 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json'), 'utf8'),
    );
    assert.ok(spec.argv.includes(inClone('lib', 'kernel', 'launch.cjs')));
    const code =
      "from nbclient import execute; import nbformat as n; b = n.v4.new_notebook(); b.cells = [n.v4.new_code_cell('import { tf } from \"./lib\";\\ntf.scalar(6).mul(7).dataSync()[0]')]; print(execute(b, kernel_name='tslab', timeout=120).cells[0].outputs)";
    const python = inClone('.venv', 'bin', 'python');
    const { stdout, stderr } = spawnSync(python, ['-c', code], {
      cwd: inClone('notebooks'),
      env: { ...env, JUPYTER_PREFER_ENV_PATH: '1' },
      encoding: 'utf8',
    });
    assert.match(stdout, /'text\/plain': '42'/, stderr.slice(-2000));
  });

  test('the doctor finds it in order', () => {
    const { status, output } = lab('doctor');
    assert.equal(status, 0, output);
    assert.match(output, /✓ computes on .*TensorFlow 2\.21\.0/);
  });
});
