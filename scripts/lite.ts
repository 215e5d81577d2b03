/**
 * `npm run lite [-- --port 8080]`: JupyterLab itself as static files, with the course's notebooks and a kernel that runs in the
 * page, built into lite/ and served to this machine. Any host of static files can serve the folder as well.
 * `npm run lite -- --verify 03,10`: runs these lessons there in a headless browser, in quick mode, follows a
 * link and opens the first a second time without a network; `--language zh` the Chinese ones.
 */
import path from 'node:path';
import { startBrowser } from './export/browser';
import { buildLite } from './lite/build';
import { secondVisit, verifyInLite } from './lite/verify';
import { parseCommand, runCommand } from './notebooks/command';
import { allLessons, type Lesson, ROOT, selectLessons } from './notebooks/notebook';
import { RUNNING } from './site/lessons';
import { serve } from './site/serve';

async function verify(folder: string, lessons: readonly Lesson[], language: 'en' | 'zh'): Promise<number> {
  await buildLite(folder, lessons, line => console.log(`  ${line}`));
  const [server, browser] = [await serve(folder), await startBrowser()];
  let [ran, all, wrong] = [0, 0, 0];
  try {
    for (const { name, files } of lessons) {
      const verdict = await verifyInLite(browser, server.address, files[language], RUNNING[name]?.elsewhere ?? 0);
      const { cells, faults, ready, seconds, megabytes } = verdict;
      [ran, all] = [ran + verdict.ran, all + cells];
      if (faults.length > 0) wrong++;
      for (const line of faults) console.log(`  ✗ ${name}: ${line}`);
      console.log(
        `${name}: ${verdict.ran} of ${cells} cells ran in ${seconds.toFixed(0)} s; JupyterLab and its first cell took ${ready.toFixed(1)} s${megabytes > 0 ? `, the tab held ${megabytes.toFixed(0)} MB` : ''}`,
      );
    }
    server.close(); // the network is off
    const [{ name, files }] = lessons;
    const fault = await secondVisit(browser, server.address, files[language]);
    if (fault !== undefined) wrong++;
    console.log(
      `${fault === undefined ? '' : '  ✗ '}${name}: ${fault ?? 'opened a second time without a network, its first cell ran'}`,
    );
  } finally {
    await browser.close();
    server.close();
  }
  console.log(`cells run in JupyterLite: ${ran} of ${all}`);
  return wrong === 0 ? 0 : 1;
}

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['port', 'out', 'verify', 'language'], []);
  const running = allLessons().filter(({ name }) => name in RUNNING);
  const out = options.get('out');
  const folder = path.resolve(process.env.INIT_CWD ?? '.', out ?? path.join(ROOT, 'lite'));
  if (options.has('verify')) {
    const named = [...options.get('verify')!.split(',').filter(Boolean), ...words];
    const lessons = named.length > 0 ? selectLessons(named) : running;
    const own = out ? folder : path.join(ROOT, '.lab', 'lite', 'verify');
    return verify(own, lessons, options.get('language') === 'zh' ? 'zh' : 'en');
  }
  await buildLite(folder, running, line => console.log(`  ${line}`));
  const { address } = await serve(folder, Number(options.get('port') ?? 8000));
  console.log(
    `${address}/lab/  (Ctrl-C ends it; any host of static files can serve ${path.relative(ROOT, folder) || folder})`,
  );
  return new Promise(() => {});
}

if (require.main === module) runCommand(main);
