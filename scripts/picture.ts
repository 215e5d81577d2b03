/**
 * `npx tsx scripts/picture.ts [LESSON CELL FILE [zh]]`: photographs a lesson in JupyterLab with its saved outputs, from the given
 * cell on, no answer folded; with `zh` its Chinese edition in a Chinese JupyterLab. Without arguments it makes the READMEs' pictures in docs/.
 */
import fs from 'node:fs';
import path from 'node:path';
import { startBrowser } from './export/browser';
import { runCommand } from './notebooks/command';
import { openNotebook, startJupyterLab } from './notebooks/jupyterlab';
import { type Language, ROOT, selectLessons } from './notebooks/notebook';

/** Lesson, cell, file, language. */
const README = [
  ['10', 'train', 'docs/lesson-10-training.webp'],
  ['10', 'samples', 'docs/lesson-10-samples.webp'],
  ['10', 'train', 'docs/lesson-10-training.zh.webp', 'zh'],
  ['10', 'samples', 'docs/lesson-10-samples.zh.webp', 'zh'],
];

export async function main(argv: string[]): Promise<number> {
  const pictures = argv.length > 0 ? [argv] : README;
  for (const [lesson, cell, out, language] of pictures)
    await photograph(lesson, cell, path.resolve(ROOT, out), language === 'zh' ? 'zh' : 'en');
  return 0;
}

async function photograph(lesson: string, cell: string, out: string, language: Language): Promise<void> {
  const file = selectLessons([lesson])[0].files[language];
  const locale = language === 'zh' ? 'zh_CN' : 'en';
  const settings = { '@jupyterlab/translation-extension/plugin': { locale } };
  const lab = await startJupyterLab([file], {}, { settings });
  const browser = await startBrowser();
  try {
    const page = await openNotebook(browser, lab.url(file));
    await page.setViewport({ width: 1360, height: 1020, deviceScaleFactor: 1 });
    await page.evaluate(() => {
      const { widgets } = (window as unknown as LabWindow).jupyterapp.shell.currentWidget.content;
      for (const cell of widgets) cell.outputHidden = false; // as after the reader's guess
      void (window as unknown as LabWindow).jupyterapp.commands.execute('application:toggle-left-area');
    });
    for (let round = 0; round < 2; round++) {
      await page.evaluate(scrollToCell, cell);
      await new Promise(resolve => setTimeout(resolve, 4000)); // charts are drawn when they come into view, and move it
    }
    fs.mkdirSync(path.dirname(out), { recursive: true });
    await page.screenshot({ path: out as `${string}.webp`, type: 'webp', quality: 95 });
    console.log(path.relative(ROOT, out));
  } finally {
    await browser.close();
    await lab.stop();
  }
}

/** Runs in the page: brings a cell to the top of the view. */
function scrollToCell(id: string): void {
  const { content } = (window as unknown as LabWindow).jupyterapp.shell.currentWidget;
  const index = Array.from(content.model.cells).findIndex(cell => cell.id === id);
  if (index < 0) throw new Error(`the lesson has no cell '${id}'`);
  content.widgets[index].node.scrollIntoView({ block: 'start' });
}

/** What is used of JupyterLab's application object. */
interface LabWindow {
  jupyterapp: {
    commands: { execute(name: string): Promise<void> };
    shell: {
      currentWidget: {
        content: {
          model: { cells: Iterable<{ id: string }> };
          widgets: { node: HTMLElement; outputHidden?: boolean }[];
        };
      };
    };
  };
}

if (require.main === module) runCommand(main);
