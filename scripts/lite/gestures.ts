/** What a reader does beside running cells: moves a slider, asks for names and help, presses Stop, follows a link. */
import type { Page } from 'puppeteer-core';
import type { Lab } from './lab';

/** A page on a busy machine needs this long for what a reader sees at once, in ms. */
const PATIENCE = 60_000;

const SLIDER = `import { interact, slider } from './lib';
interact({ x: slider(0, 10, { step: 1, value: 3 }) }, ({ x }) => 'it is ' + x)`;
const LOOP = "console.log('round and round'); for (;;) {}";

/** Does all of it in new cells below the last one that ran; returns what did not happen. */
export async function gestures(page: Page): Promise<string[]> {
  const faults: string[] = [];
  const expect = async (what: string, happened: Promise<unknown>): Promise<void> => {
    const good = await happened.catch(() => false);
    if (!good) faults.push(`${what} does nothing`);
  };
  await add(page, SLIDER);
  await run(page);
  await expect('a slider', move(page, 4, 'it is 7'));
  await expect('completion', complete(page));
  await expect('help for a name', inspect(page));
  await add(page, LOOP);
  const stopped = run(page).catch(() => undefined); // where Stop does nothing, it ends with the page
  await shows(page, 'round and round');
  await page.click('[data-jp-item-name="interrupt"]');
  await expect('Stop', Promise.race([stopped.then(error => error === 'KeyboardInterrupt'), late()]));
  await add(page, 'typeof slider');
  await run(page);
  await expect('a name of before Stop', shows(page, "'function'"));
  await expect('a link to a source', follow(page));
  return faults;
}

const late = () => new Promise<false>(resolve => setTimeout(() => resolve(false), PATIENCE));

/** A new cell, which is then the active one. */
const add = (page: Page, code: string): Promise<void> =>
  page.evaluate(async source => {
    const { commands, shell } = (window as unknown as { jupyterapp: Lab }).jupyterapp;
    await commands.execute('notebook:insert-cell-below');
    shell.currentWidget.content.activeCell.model.sharedModel.setSource(source);
  }, code);

/** Runs the active cell; resolves with the name of its error, if any. */
const run = (page: Page): Promise<string | undefined> =>
  page.evaluate(async () => {
    const { commands, shell } = (window as unknown as { jupyterapp: Lab }).jupyterapp;
    await commands.execute('notebook:run-cell');
    const outputs = shell.currentWidget.content.activeCell.model.outputs?.toJSON() ?? [];
    return outputs.find(output => output.output_type === 'error')?.ename;
  });

/** Resolves when the active cell's output says so. */
const shows = (page: Page, text: string): Promise<boolean> =>
  page
    .waitForFunction(
      wanted => {
        const { shell } = (window as unknown as { jupyterapp: Lab }).jupyterapp;
        const { node } = shell.currentWidget.content.activeCell;
        return node.querySelector('.jp-OutputArea')?.textContent?.includes(wanted) ?? false;
      },
      { timeout: PATIENCE, polling: 200 },
      text,
    )
    .then(() => true);

/** Presses an arrow key on the active cell's slider. */
async function move(page: Page, steps: number, text: string): Promise<boolean> {
  const handle = await page.waitForSelector('.jp-Cell.jp-mod-active .noUi-handle', { timeout: PATIENCE });
  await handle!.focus();
  for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowRight');
  return shows(page, text);
}

const complete = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const { kernel } = (window as unknown as { jupyterapp: Lab }).jupyterapp.shell.currentWidget.sessionContext
      .session!;
    const { content } = await kernel!.requestComplete({ code: 'slid', cursor_pos: 4 });
    return content.matches.includes('slider');
  });

const inspect = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const { kernel } = (window as unknown as { jupyterapp: Lab }).jupyterapp.shell.currentWidget.sessionContext
      .session!;
    const { content } = await kernel!.requestInspect({ code: 'slider', cursor_pos: 3, detail_level: 0 });
    return content.found;
  });

/** Follows the notebook's first link to a file of the lib, as a click does: an editor opens with its text. A notebook without one has nothing to follow. */
async function follow(page: Page): Promise<boolean> {
  const wanted = await page.evaluate(() => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('.jp-NotebookPanel a')];
    const link = links.find(({ href }) => /\/files\/lib\/.*\.ts$/.test(href));
    link?.click();
    return link?.href.replace(/^.*\/files\//, '');
  });
  if (wanted === undefined) return true;
  await page.waitForFunction(
    file => {
      const { currentWidget } = (window as unknown as { jupyterapp: Lab }).jupyterapp.shell;
      const text = document.querySelector('.jp-FileEditor:not(.lm-mod-hidden) .cm-content')?.textContent ?? '';
      return currentWidget.context?.path === file && text.length > 100;
    },
    { timeout: PATIENCE, polling: 200 },
    wanted,
  );
  return true;
}
