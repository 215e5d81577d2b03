/** One folder for everything that a run of the tests writes, so that nothing is left behind and nothing from before helps. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Sandbox {
  folder: string;
  /** For the programs of this run: temporary files, Jupyter's, IPython's and the kernel's own, all empty, below `folder`. */
  env: Record<string, string>;
  remove(): void;
}

/**
 * Makes the folder, below the system's temporary one. Screenshots go there too; `LAB_SCREENSHOTS=some/folder` keeps them
 * for somebody to look at.
 */
export function makeSandbox(): Sandbox {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'latentlab-test-')));
  const inside = (name: string): string => {
    mkdirSync(path.join(folder, name));
    return path.join(folder, name);
  };
  const temporary = inside('tmp');
  const env = {
    TMPDIR: temporary,
    TMP: temporary,
    TEMP: temporary,
    IPYTHONDIR: inside('ipython'),
    JUPYTER_CONFIG_DIR: inside('jupyter-config'),
    JUPYTER_DATA_DIR: inside('jupyter-data'),
    JUPYTER_RUNTIME_DIR: inside('jupyter-runtime'),
    LAB_HISTORY: path.join(inside('history'), 'history.jsonl'), // the reader's own stays without the tests' cells
    LAB_SCREENSHOTS: process.env.LAB_SCREENSHOTS ? path.resolve(process.env.LAB_SCREENSHOTS) : inside('screenshots'),
  };
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
