/**
 * `npm run site [-- --port 8080]`: the course as a website whose lessons run in the reader's browser, built into site/ and
 * served to this machine. Any host of static files can serve the folder as well.
 * `npm run site -- --verify 03,10`: runs these lessons (none named: all that the site lets run) in a headless browser;
 * `--language zh` their Chinese pages, `--device webgl` on another engine, `--browser firefox` in Firefox, `--alone` without
 * running them in Node, too.
 * `npm run site -- --times 03,10`: how long they run there, for scripts/site/lessons.ts.
 */
import fs from 'node:fs';
import path from 'node:path';
import { startBrowser, startFirefox, WEBGPU } from './export/browser';
import { readSheets } from './export/sheet';
import { buildSite } from './export/site';
import { parseCommand, runCommand } from './notebooks/command';
import { allLessons, type Lesson, ROOT, selectLessons } from './notebooks/notebook';
import { RUNNING } from './site/lessons';
import { copyBeside, makeRunnable, RUN, writeOwnPages } from './site/pages';
import { writeRun } from './site/run';
import { serve } from './site/serve';
import { timeLesson } from './site/times';
import { verifyLesson } from './site/verify';

/** Pages of `lessons`, of which `running` run, and what they need to. */
export async function buildRunnable(
  folder: string,
  lessons: Lesson[],
  running: Lesson[],
  log: (line: string) => void = () => {},
): Promise<void> {
  await buildSite({ lessons, course: lessons, folder, formats: ['html'] });
  fs.mkdirSync(path.join(folder, RUN), { recursive: true });
  copyBeside(folder);
  const build = await writeRun(path.join(folder, RUN), running, log);
  for (const sheet of readSheets(running)) makeRunnable(folder, sheet, build);
  writeOwnPages(folder, build);
}

async function verify(
  folder: string,
  lessons: Lesson[],
  options: { device: string; language: 'en' | 'zh'; compare: boolean; firefox: boolean },
): Promise<number> {
  const browser = await (options.firefox ? startFirefox() : startBrowser(options.device === 'webgpu' ? WEBGPU : []));
  await buildRunnable(folder, lessons, lessons, line => console.log(`  ${line}`)).catch(async error => {
    await browser.close();
    throw error;
  });
  const server = await serve(folder);
  let [ran, all, wrong] = [0, 0, 0];
  try {
    for (const lesson of lessons) {
      const verdict = await verifyLesson(browser, server.address, lesson, options);
      const { cells, same, faults, differing, seconds } = verdict;
      [ran, all] = [ran + verdict.ran, all + cells];
      if (verdict.ran + verdict.elsewhere < cells || faults.length + verdict.foreign.length > 0) wrong++;
      for (const line of [...faults, ...verdict.foreign.map(url => `asked for ${url}`)]) console.log(`  ✗ ${line}`);
      for (const line of differing) console.log(`  ≠ ${line}`);
      console.log(
        `${lesson.name}: ${verdict.ran} of ${cells} cells ran in ${seconds.toFixed(0)} s${verdict.megabytes > 0 ? `, ${verdict.megabytes.toFixed(0)} MB` : ''}${verdict.elsewhere > 0 ? `, ${verdict.elsewhere} need what a page cannot have and keep their saved output` : ''}${options.compare ? `; ${same} show what Node shows` : ''}`,
      );
    }
  } finally {
    await browser.close();
    server.close();
  }
  console.log(`cells run in the browser: ${ran} of ${all}`);
  return wrong === 0 ? 0 : 1;
}

async function time(folder: string, lessons: Lesson[]): Promise<number> {
  await buildRunnable(folder, lessons, lessons);
  const [server, browser] = [await serve(folder), await startBrowser()];
  try {
    for (const lesson of lessons) console.log(await timeLesson(browser, server.address, lesson));
  } finally {
    await browser.close();
    server.close();
  }
  return 0;
}

export async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(
    argv,
    ['port', 'out', 'verify', 'times', 'device', 'language', 'browser'],
    ['alone'],
  );
  const named = (options.get('verify') ?? '').split(',').filter(Boolean);
  const running = allLessons().filter(({ name }) => name in RUNNING);
  const out = options.get('out');
  const folder = path.resolve(process.env.INIT_CWD ?? '.', out ?? path.join(ROOT, 'site'));
  if (options.has('times')) return time(folder, selectLessons([...options.get('times')!.split(','), ...words]));
  if (options.has('verify')) {
    const chosen = [...named, ...words];
    const lessons = chosen.length > 0 ? selectLessons(chosen) : running;
    const own = out ? folder : path.join(ROOT, '.lab', 'site-verify');
    const language = options.get('language') === 'zh' ? 'zh' : 'en';
    const compare = language === 'en' && !options.has('alone');
    const browser = options.get('browser') ?? 'chromium';
    if (!['chromium', 'firefox'].includes(browser)) throw new Error(`--browser ${browser}: chromium or firefox`);
    const firefox = browser === 'firefox';
    return verify(own, lessons, { device: options.get('device') ?? 'wasm', language, compare, firefox });
  }
  const lessons = selectLessons(words);
  await buildRunnable(
    folder,
    lessons,
    running.filter(({ name }) => lessons.some(lesson => lesson.name === name)),
    line => console.log(`  ${line}`),
  );
  const { address } = await serve(folder, Number(options.get('port') ?? 8000));
  console.log(
    `${address}/  (Ctrl-C ends it; any host of static files can serve ${path.relative(ROOT, folder) || folder})`,
  );
  return new Promise(() => {});
}

if (require.main === module) runCommand(main);
