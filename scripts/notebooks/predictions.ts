/**
 * Predictions of a lesson: the cells that ask, the cells tagged `answer` whose outputs stay folded until the reader has chosen,
 * and the answer in words, folded in a text below them, which is written here from what the cell that asks says.
 */
import ts from 'typescript';
import { type PredictionOptions, predict } from '../../lib/course/predict';
import { letter, type Question, quiz } from '../../lib/course/quiz';
import { DISPLAY } from '../../lib/runtime/display';
import { type Bundle, type Cell, type Language, type Notebook, tagsOf } from './notebook';

/** Tag of a cell whose outputs a prediction asks for. */
export const ANSWER = 'answer';
/** Tag of the text that says the answer; its words are those of the prediction, so the glossary links nothing in it. */
export const ANSWER_TEXT = 'answer-text';

const SUMMARY: Record<Language, string> = { en: 'Answer to the prediction', zh: '猜测的答案' };

/** What a cell asks; undefined where it is no prediction. @throws where it is one, but not written out in full */
export function predictionOf(cell: Cell): PredictionOptions | undefined {
  if (cell.cell_type !== 'code' || !/\bpredict\(/.test(cell.source)) return undefined;
  const written = argumentOf(cell, 'predict');
  if (!written) throw new Error(`cell '${cell.id}': expected predict({ … }) alone in its cell, written out in full`);
  return written as PredictionOptions;
}

/** The questions of a quiz that stands alone in its cell, written out in full. */
export const quizOf = (cell: Cell): Question[] | undefined =>
  cell.cell_type === 'code' && /^quiz\(/.test(cell.source.trim())
    ? (argumentOf(cell, 'quiz') as Question[] | undefined)
    : undefined;

/** What a cell that is one call is called with; undefined where it is something else, or names what other cells made. */
function argumentOf({ source }: Cell, name: string): unknown {
  const { statements } = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true);
  const call = statements.length === 1 && ts.isExpressionStatement(statements[0]) && statements[0].expression;
  if (!call || !ts.isCallExpression(call) || call.expression.getText() !== name) return undefined;
  try {
    return new Function(`return (${call.arguments[0].getText()})`)();
  } catch {
    return undefined;
  }
}

interface Place {
  asks: Cell;
  prediction: PredictionOptions;
  /** Index behind the last cell that answers. */
  end: number;
  answers: Cell[];
}

/** Every prediction with the cells that answer it: those tagged up to the next prediction. */
function placesIn(cells: readonly Cell[]): Place[] {
  const places: Place[] = [];
  cells.forEach((cell, i) => {
    const prediction = predictionOf(cell);
    if (prediction) places.push({ asks: cell, prediction, end: i + 1, answers: [] });
    else if (tagsOf(cell).includes(ANSWER) && places.length > 0)
      Object.assign(places.at(-1)!, { end: i + 1, answers: [...places.at(-1)!.answers, cell] });
  });
  return places;
}

const idOfAnswer = ({ id }: Cell): string => `${id}-answer`;

/** How a text that is given in one language only is said on a page: in Chinese by the lesson's dictionary. */
export type Say = (text: string) => string;
const AS_IT_IS: Say = text => text;

function answerText({ choices, answer, why }: PredictionOptions, language: Language, say: Say): string {
  const said = (text: (typeof choices)[number]) =>
    (typeof text === 'string' ? percent(say(text), language) : text[language]).replaceAll('<', '&lt;');
  return `<details><summary>${SUMMARY[language]}</summary>\n\n**${letter(answer)}** · ${said(choices[answer])}\n\n${said(why)}\n\n</details>`;
}

/** '43 %' in English, '43%' in Chinese. */
const percent = (text: string, language: Language): string =>
  language === 'zh' ? text.replace(/(\d) %/g, '$1%') : text;

function answerCell({ asks, prediction }: Place, language: Language, say: Say): Cell {
  return {
    cell_type: 'markdown',
    id: idOfAnswer(asks),
    metadata: { tags: [ANSWER_TEXT] },
    source: answerText(prediction, language, say),
  };
}

const isAnswerText = (cell: Cell): boolean => tagsOf(cell).includes(ANSWER_TEXT);

/** The English notebook with its predictions shown as they are written, answers folded, and each answer's text in its place. */
export function withPredictions(english: Notebook): Notebook {
  const cells = english.cells.filter(cell => !isAnswerText(cell)).map(cell => folded(shown(cell)));
  const texts = new Map(placesIn(cells).map(place => [place.end, answerCell(place, 'en', AS_IT_IS)]));
  return { ...english, cells: cells.flatMap((cell, i) => (texts.has(i + 1) ? [cell, texts.get(i + 1)!] : [cell])) };
}

/** The Chinese notebook with the texts that say the answers, for the sync to put where the English ones are. */
export function withAnswerTexts(chinese: Notebook, english: Notebook, say: Say): Notebook {
  const texts = placesIn(english.cells).map(place => answerCell(place, 'zh', say));
  return { ...chinese, cells: [...chinese.cells.filter(cell => !isAnswerText(cell)), ...texts] };
}

/** JupyterLab keeps a saved answer folded; running the cell folds it in the kernel (lib/kernel/runner/held.ts). */
export function folded(cell: Cell): Cell {
  if (cell.cell_type !== 'code') return cell;
  const { jupyter, ...metadata } = cell.metadata;
  const own = { ...(jupyter as object | undefined) } as Record<string, boolean>;
  if (tagsOf(cell).includes(ANSWER)) own.outputs_hidden = true;
  else delete own.outputs_hidden;
  return { ...cell, metadata: Object.keys(own).length > 0 ? { ...metadata, jupyter: own } : metadata };
}

/** The output of a prediction or a quiz is made from its words alone, without running the lesson. */
function shown(cell: Cell): Cell {
  const [prediction, questions] = [predictionOf(cell), quizOf(cell)];
  const value = prediction ? predict(prediction) : questions && quiz(questions);
  if (!value) return cell;
  const data = value[DISPLAY]() as Bundle;
  const execution_count = cell.execution_count ?? null;
  return { ...cell, outputs: [{ output_type: 'execute_result', data, execution_count, metadata: {} }] };
}

/** Does the sync write this cell's output, so that it needs no run? */
export const isMadeBySync = (cell: Cell): boolean => predictionOf(cell) !== undefined || quizOf(cell) !== undefined;

/** A text that asks for a prediction. */
const ASKS = /\*\*(?:Predict|先猜一猜)/;

/** What is wrong with a notebook's predictions, one sentence each. */
export function predictionProblems(notebook: Notebook, language: Language, say: Say = AS_IT_IS): string[] {
  const { cells } = notebook;
  const places = placesIn(cells);
  const first = cells.indexOf(places[0]?.asks);
  return [
    ...cells.flatMap((cell, i) => {
      if (tagsOf(cell).includes(ANSWER) && (first < 0 || i < first)) return [`cell '${cell.id}' answers no prediction`];
      if (cell.cell_type !== 'markdown' || !ASKS.test(cell.source)) return [];
      const next = cells.slice(i + 1).find(other => other.cell_type === 'code' && (other.outputs?.length ?? 0) > 0);
      return next && predictionOf(next) ? [] : [`text '${cell.id}' asks to predict, and no predict({ … }) follows`];
    }),
    ...places.flatMap(place => placeProblems(place, cells, language, say)),
  ];
}

function placeProblems(place: Place, cells: readonly Cell[], language: Language, say: Say): string[] {
  const { asks, answers, end } = place;
  const open = answers.filter(
    cell => !(cell.metadata.jupyter as { outputs_hidden?: boolean } | undefined)?.outputs_hidden,
  );
  const text = cells[end];
  return [
    ...(answers.length === 0 ? [`prediction '${asks.id}': no cell tagged '${ANSWER}' follows`] : []),
    ...open.map(cell => `cell '${cell.id}' answers a prediction and is saved open; run \`npm run sync\``),
    ...(text?.source === answerText(place.prediction, language, say)
      ? []
      : [`prediction '${asks.id}': its answer in words does not follow; run \`npm run sync\``]),
  ];
}
