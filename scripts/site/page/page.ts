/** Makes an exported lesson run: buttons and an editor on every cell. */
import { Lesson, type LessonCell } from './lesson';
import { download, type NotebookFile, withWork } from './notebook-file';
import { readLink, type Shared } from './share';
import { keepForLater, readSetting } from './start';

/** What the address carries; a damaged one is said, and the lesson shown as it is. */
function sharedCode(): { shared?: Shared; damaged: boolean } {
  try {
    return { shared: readLink(location.href), damaged: false };
  } catch {
    return { damaged: true };
  }
}

async function main(): Promise<void> {
  const { setting, base } = readSetting();
  const answer = await fetch(`${base}lessons/${setting.lesson}.json`);
  const cells = (await answer.json()) as LessonCell[];
  const kept = keepForLater(base).catch(() => {}); // it runs without, too
  const { shared, damaged } = sharedCode();
  const lesson = new Lesson(setting, base, cells, { kept, shared });
  lesson.offer('download', async () => {
    const file = await fetch(`${base}notebooks/${setting.language}/${setting.lesson}.ipynb`);
    download(`${setting.lesson}.ipynb`, withWork((await file.json()) as NotebookFile, lesson.work()));
  });
  lesson.offer('resetLesson', () => lesson.reset());
  if (damaged) lesson.say('damaged');
  if (shared) {
    lesson.say('shared');
    document.getElementById(`cell-${shared.cell}`)?.scrollIntoView();
  }
}

void main();
