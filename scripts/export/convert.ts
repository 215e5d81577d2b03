/** nbconvert, asked for the inside of pages. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pythonInVenv } from '../notebooks/command';
import { type Notebook, ROOT, writeNotebook } from '../notebooks/notebook';

export interface Job {
  notebook: Notebook;
  template: 'lesson' | 'deck';
}

/** Converts all notebooks in one process: importing nbconvert takes seconds, a page a fraction of one. */
export async function toHtml(jobs: Job[]): Promise<string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-export-'));
  try {
    const list = jobs.map(({ notebook, template }, i) => {
      const input = path.join(folder, `${i}.ipynb`);
      writeNotebook(input, notebook);
      return { input, output: path.join(folder, `${i}.html`), template };
    });
    await runConverter(JSON.stringify(list));
    return list.map(({ output }) => fs.readFileSync(output, 'utf8'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function runConverter(jobs: string): Promise<void> {
  const script = path.join(ROOT, 'scripts', 'python', 'convert.py');
  return new Promise((resolve, reject) => {
    const child = spawn(pythonInVenv(), [script], { stdio: ['pipe', 'inherit', 'pipe'] });
    let errors = '';
    child.stderr.on('data', chunk => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', code =>
      code === 0 ? resolve() : reject(new Error(`nbconvert failed (exit ${code}):\n${errors}`)),
    );
    child.stdin.end(jobs);
  });
}
