/** A question before a cell: the reader commits to an answer, and only then sees what the cell shows. */
import { palette } from '../plot/palette';
import { DISPLAY, type Displayable, type InteractiveBridge, kernel, type MimeBundle } from '../runtime/display';
import { html, type Markup } from '../runtime/html';
import { choice } from '../widgets/choice';
import { letter } from './quiz';
import { card, plain, prose, type Text } from './text';

export interface PredictionOptions {
  question: Text;
  /** At least two; those that are wrong should be what people really believe. */
  choices: readonly Text[];
  /** Index of the right choice, from 0. */
  answer: number;
  /** Why; stands folded in the text below the answer's cell, which `npm run sync` writes. */
  why: Text;
}

const HEADING = 'Predict first';
const NOW = 'Now look: does the output below agree? The answer stands folded under it.';

/** The choices that the reader has made in this kernel, by question: running the cells again does not ask again. */
const made = new Map<string, number>();

/** Choices that fold away what follows: in JupyterLab buttons, in a saved notebook or a page lines that open. */
export class PredictionCard implements Displayable {
  private readonly live: Displayable | undefined;

  constructor(readonly asks: PredictionOptions) {
    const { question, choices, answer } = asks;
    if (choices.length < 2 || choices[answer] === undefined)
      throw new Error(
        `prediction '${plain(question)}': expected two choices or more and an answer among them, from 0; got ${choices.length} choices and answer ${answer}`,
      );
    this.live = this.widget();
  }

  toString(): string {
    const lines = this.asks.choices.map((one, i) => `   ${letter(i)}) ${plain(one)}`);
    return [HEADING, '', plain(this.asks.question), ...lines].join('\n');
  }

  [DISPLAY](): MimeBundle {
    const lines = this.asks.choices.map(
      (one, i) =>
        html`<details class="lab-choice"><summary>${letter(i)}. ${prose(one)}</summary><p>${NOW}</p></details>`,
    );
    const still = {
      'text/html': card(palette[0], html`${this.heading()}${lines}`).source,
      'text/plain': this.toString(),
    };
    return this.live ? { ...(this.live[DISPLAY]() as MimeBundle), ...still } : still;
  }

  private heading(): Markup {
    return html`<p><strong>${HEADING}</strong></p><p>${prose(this.asks.question)}</p>`;
  }

  /** Buttons, where somebody sits at the page; what answers the question waits until one is pressed. */
  private widget(): Displayable | undefined {
    const key = plain(this.asks.question);
    const open = (kernel() as InteractiveBridge | undefined)?.holdAnswers?.();
    if (!open) return undefined;
    if (made.has(key)) {
      open();
      return undefined;
    }
    const choices = this.asks.choices.map((one, i) => ({ letter: letter(i), text: prose(one), plain: plain(one) }));
    return choice(this.heading(), choices, i => {
      made.set(key, i);
      open();
      return html`<p><strong>${letter(i)}.</strong> ${NOW}</p>`;
    });
  }
}

/**
 * Stands in a cell of its own before the cells that answer it, which carry the tag `answer`: their outputs stay folded until
 * the reader has chosen, also after Run All and in exported pages.
 * @example predict({ question: 'Is KL symmetric?', choices: ['yes', 'no'], answer: 1, why: 'it weighs by the first' })
 */
export const predict = (asks: PredictionOptions): PredictionCard => new PredictionCard(asks);
