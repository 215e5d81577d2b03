/** Every question of the lessons' quizzes, in a language: for the closing page, and as cards for Anki. */
import Papa from 'papaparse';
import type { Text } from '../../lib/course/text';
import { escapeXml } from '../../lib/runtime/html';
import { allLessons, type Language, type Notebook, ROOT, readNotebook } from './notebook';
import { quizOf } from './predictions';
import { inWordsOf } from './translate';

/** A question with its answer in words. */
export interface Card {
  /** The lesson's file name without its ending. */
  lesson: string;
  question: string;
  choices: string[];
  /** Index of the right choice, from 0. */
  answer: number;
  why: string;
}

/** The questions of one lesson; code is shared, so the English notebook holds those of both languages. */
export function cardsOf(lesson: string, english: Notebook, language: Language): Card[] {
  const inChinese = language === 'zh' ? inWordsOf(english, lesson) : undefined;
  const said = (text: Text): string => {
    if (typeof text !== 'string') return text[language];
    return inChinese ? inChinese(text).replace(/(\d) %/g, '$1%') : text;
  };
  return english.cells
    .flatMap(cell => quizOf(cell) ?? [])
    .map(({ question, choices, answer, why }) => ({
      lesson,
      question: said(question),
      choices: choices.map(said),
      answer,
      why: said(why),
    }));
}

/** The questions of all lessons, in order. */
export const allCards = (language: Language, root = ROOT): Card[] =>
  allLessons(root)
    .filter(({ name }) => /^\d/.test(name))
    .flatMap(({ name, files }) => cardsOf(name, readNotebook(files.en), language));

/** A to Z. */
export const letterOf = (n: number): string => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n] ?? `${n + 1}`;

const DECK: Record<Language, string> = { en: 'LatentLab', zh: 'LatentLab 中文' };

/** Text of a card as HTML: code in backticks becomes code, and formulas stand between the signs that Anki knows. */
const asHtml = (text: string): string =>
  escapeXml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\$([^$]+)\$/g, '\\($1\\)')
    .replace(/\n+/g, '<br>');

/**
 * Cards as a text file that Anki imports (File, Import): its first lines tell how to read it. Each card has a name of its own,
 * so that importing a newer file changes cards and keeps what Anki knows of the reader.
 */
export function ankiFile(cards: readonly Card[], language: Language): string {
  const head = ['separator:Comma', 'html:true', 'guid column:1', `deck:${DECK[language]}`, 'tags column:4'];
  const seen = new Map<string, number>();
  const rows = cards.map(({ lesson, question, choices, answer, why }) => {
    const number = (seen.get(lesson) ?? 0) + 1;
    seen.set(lesson, number);
    const listed = choices.map(choice => `<li>${asHtml(choice)}</li>`).join('');
    const front = `${asHtml(question)}<ol type="A">${listed}</ol>`;
    const back = `<b>${letterOf(answer)}. ${asHtml(choices[answer])}</b><br>${asHtml(why)}`;
    return [`latentlab-${language}-${lesson.slice(0, 2)}-${number}`, front, back, `lesson-${lesson}`];
  });
  return `${head.map(line => `#${line}`).join('\n')}\n${Papa.unparse(rows, { newline: '\n' })}\n`;
}
