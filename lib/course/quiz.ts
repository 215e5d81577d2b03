import { palette } from '../plot/palette';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
import { html, type Markup } from '../runtime/html';
import { card, plain, prose, type Text } from './text';

export interface Question {
  question: Text;
  choices: readonly Text[];
  /** Index of the right choice, from 0. */
  answer: number;
  /** Why it is right, and where the others go wrong. */
  why: Text;
}

/**
 * Questions whose choices open to say right or wrong; they need no script, so they also work in exported pages.
 * @example new Quiz([{ question: '1 + 1?', choices: ['2', '3'], answer: 0, why: 'count' }]).questions.length // → 1
 */
export class Quiz implements Displayable {
  constructor(readonly questions: readonly Question[]) {
    questions.forEach(({ choices, answer, question }, i) => {
      if (choices[answer] === undefined) {
        throw new Error(
          `question ${i + 1} (${plain(question)}): answer ${answer} is none of the choices 0 to ${choices.length - 1}`,
        );
      }
    });
  }

  toString(): string {
    const asked = this.questions.map(
      ({ question, choices }, i) =>
        `${this.number(i)}${plain(question)}\n${choices.map((c, n) => `   ${letter(n)}) ${plain(c)}`).join('\n')}`,
    );
    const answers = this.questions.map(({ answer, why }, i) => `${this.number(i)}${letter(answer)}. ${plain(why)}`);
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

function choice({ choices, answer, why }: Question, n: number): Markup {
  const verdict = n === answer ? html`✓ <strong>Right</strong><br>${prose(why)}` : '✗ No, try another.';
  return html`<details><summary>${letter(n)}. ${prose(choices[n])}</summary><p>${verdict}</p></details>`;
}

/**
 * Questions at the end of a lesson, with explained answers.
 * @example quiz([{ question: 'Is KL symmetric?', choices: ['yes', 'no'], answer: 1, why: 'it weighs by its first argument' }])
 */
export const quiz = (questions: readonly Question[]): Quiz => new Quiz(questions);
