/** JupyterLab as a folder of static files, with the course's notebooks and a kernel that runs in the page. */
import fs from 'node:fs';
import path from 'node:path';
import { MY_WORK } from '../notebooks/my-work';
import { allLessons, type Lesson, ROOT } from '../notebooks/notebook';
import { labSettings } from '../setup/jupyter';
import { writeExtension } from '../setup/labextension';
import { inProject, workFolder } from '../setup/paths';
import { WORKERS } from '../site/bundle';
import { RUN } from '../site/pages';
import { writeRun } from '../site/run';
import { fetchBuilder, lite } from './python';
import { linkedSources, listAsText } from './sources';

/** Name of the extension that brings the kernel, and of its plugin. */
const EXTENSION = 'latentlab-lite';
const PLUGIN = `${EXTENSION}:kernel`;

/** What JupyterLite reads before it builds; and what is put beside it then, since it empties the folder. */
const PLAN = path.join(workFolder, 'lite', 'plan');
const BESIDE = path.join(workFolder, 'lite', RUN);

/** Writes the folder. @param running lessons whose cells are sure to find their types */
export async function buildLite(
  folder: string,
  running: readonly Lesson[],
  log: (line: string) => void,
): Promise<void> {
  await fetchBuilder();
  const sources = plan(await writeRun(BESIDE, running, log, WORKERS));
  // by default the builder leaves out folders named lib, as those of environments are; here it is the course's own
  const left = '--LiteBuildConfig.ignore_contents=/\\.ipynb_checkpoints/';
  const about = [
    '--lite-dir',
    '.',
    '--output-dir',
    folder,
    `--LiteBuildConfig.federated_extensions=${EXTENSION}`,
    left,
  ];
  await lite(PLAN, 'build', '--apps', 'lab', '--no-sourcemaps', ...about);
  fs.cpSync(BESIDE, path.join(folder, RUN), { recursive: true });
  listAsText(folder, sources);
  keepVisited(path.join(folder, 'service-worker.js'));
}

/** JupyterLite's service worker, and before it the site's own, which keeps what was visited; what is for JupyterLite goes on to it. */
function keepVisited(worker: string): void {
  const ours = fs.readFileSync(inProject('scripts', 'site', 'page', 'offline.js'), 'utf8');
  fs.writeFileSync(worker, `{\n${ours}}\n{\n${fs.readFileSync(worker, 'utf8')}\n}\n`);
}

/** Notebooks with what they link to, settings and the kernel's extension, where JupyterLite looks for them; returns the names of what is no notebook. */
function plan(build: string): string[] {
  fs.rmSync(PLAN, { recursive: true, force: true });
  const notebooks = path.join(ROOT, 'notebooks');
  const copy = (file: string, name: string): void => {
    const target = path.join(PLAN, 'files', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(file, target);
  };
  const lessons = allLessons().flatMap(({ files }) => Object.values(files));
  for (const file of lessons) copy(file, path.relative(notebooks, file));
  const templates = path.join(notebooks, 'templates');
  fs.cpSync(templates, path.join(PLAN, 'files', 'templates'), { recursive: true });
  fs.cpSync(templates, path.join(PLAN, 'files', path.basename(MY_WORK)), { recursive: true }); // what the start page leads to
  const write = (name: string, value: unknown): void =>
    fs.writeFileSync(path.join(PLAN, name), JSON.stringify(value, null, 2));
  write('overrides.json', labSettings(''));
  write('jupyter-lite.json', {
    'jupyter-lite-schema-version': 0,
    'jupyter-config-data': {
      appName: 'LatentLab',
      defaultKernelName: 'tslab',
      exposeAppInBrowser: true, // by which `--verify` looks at the notebooks
      litePluginSettings: { [PLUGIN]: { build } },
    },
  });
  const about = { name: EXTENSION, description: 'TypeScript in the page' };
  const source = inProject('labextension', 'lite', 'index.ts');
  writeExtension(about, source, path.join(PLAN, EXTENSION));
  const sources = linkedSources([...lessons, ...notebooksIn(templates)], notebooks);
  for (const name of sources) copy(inProject(name), name);
  return sources;
}

const notebooksIn = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ipynb'))
    .map(name => path.join(folder, name));
