/** A lesson's outputs in Chinese, made from the English ones without running it. */

import { courseLessons } from '../../lib/course/map';
import { type Changer, changeOutput, changeWidget, inChinese } from '../../lib/i18n/bundle';
import type { Dictionary, Words } from '../../lib/i18n/dictionary';
import { dictionaryOf, faultsOf } from '../../lib/i18n/load';
import { type Cell, type Json, type JsonObject, type Notebook, ROOT } from './notebook';
import { pairsOf } from './pairs';
import { WIDGET_STATE, widgetStates } from './widgets';

/** The Chinese of a lesson's texts: pairs in its code, titles of lessons, its own words, the lib's. */
export const wordsOf = (notebook: Notebook, lesson: string): Dictionary =>
  dictionaryOf(ROOT, lesson, { ...titles(), ...pairsOf(notebook) });

const titles = (): Words =>
  Object.fromEntries(
    courseLessons().flatMap(({ number, title: { en, zh } }) => [
      [en, zh],
      [`${number} ${en}`, `${number} ${zh}`],
    ]),
  );

/** How a lesson's words are said in Chinese. */
export function inWordsOf(notebook: Notebook, lesson: string): (text: string) => string {
  const words = wordsOf(notebook, lesson);
  return text => words.translate(text);
}

/** The notebook with outputs and widgets as its Chinese edition shows them; code and prose stay. */
export function inChineseOf(english: Notebook, lesson: string): Notebook {
  const words = wordsOf(english, lesson);
  return changed(english, inChinese(words, faultsOf(ROOT, words)));
}

/** The notebook with every visible string of outputs and widgets passed through `change`. */
export function changed(notebook: Notebook, change: Changer): Notebook {
  const cells = notebook.cells.map(
    (cell): Cell =>
      cell.outputs ? { ...cell, outputs: cell.outputs.map(output => changeOutput(output, change)) } : cell,
  );
  const states = Object.entries(widgetStates(notebook));
  if (states.length === 0) return { ...notebook, cells };
  const state = Object.fromEntries(
    states.map(([id, model]) => [
      id,
      { ...model, state: changeWidget(model.state as JsonObject, model.model_name, change) as JsonObject },
    ]),
  );
  const saved = notebook.metadata.widgets as JsonObject;
  const widgets = { ...saved, [WIDGET_STATE]: { ...(saved[WIDGET_STATE] as JsonObject), state } } as Json;
  return { ...notebook, cells, metadata: { ...notebook.metadata, widgets } };
}
