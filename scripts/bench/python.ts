/** The Pythons that the references run in: PyTorch has a virtual environment of its own, made on demand. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const programIn = (venv: string) =>
  process.platform === 'win32'
    ? path.join(root, venv, 'Scripts', 'python.exe')
    : path.join(root, venv, 'bin', 'python');

/** The lab's own Python; Keras 3 came with TensorFlow's wheel. */
export const venvPython = (): string => programIn('.venv');

/** Python with PyTorch and transformers, in .venv-bench; the first call installs them (300 MB with the CPU build, minutes). */
export function benchPython(): string {
  const python = programIn('.venv-bench');
  if (!(existsSync(python) && has(python, 'torch', 'transformers', 'gguf', 'accelerate'))) {
    console.error('making .venv-bench with PyTorch and transformers, once …');
    execFileSync(venvPython(), ['-m', 'venv', path.join(root, '.venv-bench')]);
    const argv = ['-m', 'pip', 'install', '--quiet', '-r', path.join(__dirname, 'requirements.txt')];
    execFileSync(python, argv, { stdio: 'inherit' });
  }
  return python;
}

/** The same where it is there already. */
export function torchPython(): string | undefined {
  const python = programIn('.venv-bench');
  return existsSync(python) && has(python, 'torch') ? python : undefined;
}

function has(python: string, ...modules: string[]): boolean {
  const find = `import importlib.util as u; assert all(u.find_spec(m) for m in ${JSON.stringify(modules)})`;
  try {
    execFileSync(python, ['-c', find], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
