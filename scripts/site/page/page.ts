/** Makes an exported lesson run: buttons and an editor on every cell. */
import { Lesson, type LessonCell } from './lesson';
import { download, type NotebookFile, withWork } from './notebook-file';
import { readLink, type Shared, withoutCode } from './share';
import { keepForLater, readSetting } from './start';

/** What the address carries for the lesson's cells; a damaged one is said, and the lesson shown as it is. */
function sharedCode(cells: readonly LessonCell[]): { shared?: Shared; damaged: boolean } {
  try {
    const shared = readLink(location.href);
    const known = shared && [...shared.edits.keys()].filter(id => cells.some(cell => cell.id === id));
    return { shared, damaged: known !== undefined && known.length < shared!.edits.size };
  } catch {
    return { damaged: true };
  }
}

async function main(): Promise<void> {
  const { setting, base } = readSetting();
  const answer = await fetch(`${base}lessons/${setting.lesson}.json`);
  const cells = (await answer.json()) as LessonCell[];
  const kept = keepForLater(base).catch(() => {}); // it runs without, too
  const { shared, damaged } = sharedCode(cells);
  const lesson = new Lesson(setting, base, cells, {
    kept,
    shared,
    // what the reader writes is kept: the address is not to bring the old code back over it
    changed: id => {
      const address = withoutCode(location.href, id);
      if (address !== location.href) history.replaceState(null, '', address);
    },
  });
  lesson.offer('download', async () => {
    const file = await fetch(`${base}notebooks/${setting.language}/${setting.lesson}.ipynb`);
    download(`${setting.lesson}.ipynb`, withWork((await file.json()) as NotebookFile, lesson.work()));
  });
  lesson.offer('resetLesson', () => lesson.reset());
  if (damaged) lesson.say('damaged');
  else if (shared && shared.edits.size > 0) lesson.say('shared');
  if (shared) document.getElementById(`cell-${shared.cell}`)?.scrollIntoView();
  addEventListener('hashchange', () => {
    const now = sharedCode(cells).shared?.edits ?? new Map<string, string>();
    const work = lesson.work();
    if ([...now].some(([id, code]) => work.get(id)?.source !== code)) lesson.say('otherAddress');
  });
}

void main();
