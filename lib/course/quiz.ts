import { palette } from '../plot/palette';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
import { html, type Markup } from '../runtime/html';
import { card, plain, prose, type Text } from './text';

export interface Question {
  question: Text;
  choices: readonly Text[];
  /** Index of the right choice, from 0. */
  answer: number;
  /** Why it is right. */
  why: Text;
  /** For each of the other choices, in their order: what is wrong in thinking so. Every lesson gives it (a test asks). */
  wrong?: readonly Text[];
}

/**
 * Questions whose choices open to say right or wrong; they need no script, so they also work in exported pages.
 * @example new Quiz([{ question: '1 + 1?', choices: ['2', '3'], answer: 0, why: 'count' }]).questions.length // → 1
 */
export class Quiz implements Displayable {
  constructor(readonly questions: readonly Question[]) {
    questions.forEach(({ choices, answer, question, wrong }, i) => {
      if (choices[answer] === undefined)
        throw new Error(
          `question ${i + 1} (${plain(question)}): answer ${answer} is none of the choices 0 to ${choices.length - 1}`,
        );
      if (wrong && wrong.length !== choices.length - 1)
        throw new Error(
          `question ${i + 1} (${plain(question)}): expected a reason for each of ${choices.length - 1} wrong choices, got ${wrong.length}`,
        );
    });
  }

  toString(): string {
    const asked = this.questions.map(
      ({ question, choices }, i) =>
        `${this.number(i)}${plain(question)}\n${choices.map((c, n) => `   ${letter(n)}) ${plain(c)}`).join('\n')}`,
    );
    const answers = this.questions.map(({ answer, why, wrong = [] }, i) => {
      const others = wrong.map((reason, n) => `   ${letter(n < answer ? n : n + 1)}) ${plain(reason)}`);
      return [`${this.number(i)}${letter(answer)}. ${plain(why)}`, ...others].join('\n');
    });
    return [...asked, 'Answers', ...answers].join('\n\n');
  }

  [DISPLAY](): MimeBundle {
    const blocks = this.questions.map((q, i) =>
      card(palette[0], html`<p>${this.number(i)}${prose(q.question)}</p>${q.choices.map((_, n) => choice(q, n))}`),
    );
    return { 'text/html': blocks.join('\n'), 'text/plain': this.toString() };
  }

  private number(i: number): string {
    return this.questions.length > 1 ? `${i + 1}. ` : '';
  }
}

/** A to Z, then numbers. */
export const letter = (n: number): string => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n] ?? `${n + 1}`;

function choice({ choices, answer, why, wrong }: Question, n: number): Markup {
  const reason = wrong?.[n < answer ? n : n - 1];
  const no = reason ? html`✗ <strong>No</strong><br>${prose(reason)}` : '✗ No, try another.';
  const verdict = n === answer ? html`✓ <strong>Right</strong><br>${prose(why)}` : no;
  return html`<details><summary>${letter(n)}. ${prose(choices[n])}</summary><p>${verdict}</p></details>`;
}

/**
 * Questions at the end of a lesson, with explained answers.
 * @example quiz([{ question: 'Is KL symmetric?', choices: ['yes', 'no'], answer: 1, why: 'it weighs by its first argument', wrong: ['try p and q in turn'] }])
 */
export const quiz = (questions: readonly Question[]): Quiz => new Quiz(questions);
