/** Registers the kernel with a Python environment's Jupyter. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths';

/** Writes `<environment>/share/jupyter/kernels/tslab/kernel.json`; returns the folder. */
export function installKernel(environment: string): string {
  const folder = path.join(environment, 'share', 'jupyter', 'kernels', 'tslab');
  const spec = {
    argv: [process.execPath, path.join(ROOT, 'lib', 'kernel', 'launch.cjs'), '{connection_file}'],
    display_name: 'TypeScript',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  return folder;
}

if (require.main === module) console.log(installKernel(process.argv[2] ?? path.join(ROOT, '.venv')));
