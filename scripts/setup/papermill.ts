/** papermill, where a reader has installed it into .venv, writes parameters in TypeScript: a Python package of one file. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inProject, venv } from './paths';

const NAME = 'latentlab_papermill';
const SOURCE = inProject('scripts', 'python', `${NAME}.py`);

/** What lies in site-packages of a Python package that was installed; by file name. */
export function papermillFiles(): Record<string, string> {
  const info = `${NAME}-1.0.dist-info`;
  const files = {
    [`${NAME}.py`]: readFileSync(SOURCE, 'utf8'),
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${NAME}\nVersion: 1.0\n`,
    [`${info}/entry_points.txt`]: `[papermill.engine]\ntypescript = ${NAME}:Engine\n`,
    [`${info}/INSTALLER`]: 'latentlab\n',
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map(name => `${name},,\n`).join('');
  return { ...files, [`${info}/RECORD`]: record };
}

/** Returns true when something changed. */
export function writePapermillFiles(environment = venv): boolean {
  const changes = sitePackages(environment).map(folder => {
    const stale = Object.entries(papermillFiles()).filter(([name, text]) => read(path.join(folder, name)) !== text);
    for (const [name, text] of stale) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return stale.length > 0;
  });
  return changes.includes(true);
}

function sitePackages(environment: string): string[] {
  const lib = path.join(environment, process.platform === 'win32' ? 'Lib' : 'lib');
  const pythons = process.platform === 'win32' ? ['.'] : existsSync(lib) ? readdirSync(lib) : [];
  return pythons.map(python => path.join(lib, python, 'site-packages')).filter(existsSync);
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
