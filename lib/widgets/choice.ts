/** A question with one button a choice: the reader commits by pressing one. */
import type { Markup } from '../runtime/html';
import { type Box, column, type HasModel, row } from './containers';
import { button } from './controls';
import { WidgetModel } from './widget';

/** A text on the page, with formulas. */
export class Words implements HasModel {
  readonly model: WidgetModel;

  constructor(markup: Markup) {
    this.model = new WidgetModel(
      { model: 'HTMLMathModel', view: 'HTMLMathView' },
      { value: markup.source, description: '' },
    );
  }

  say(markup: Markup): void {
    this.model.set({ value: markup.source });
  }
}

/** A choice as it is written, and its letter on the button. */
export interface Choice {
  letter: string;
  text: Markup;
  /** The same in plain words, for those who hear the page. */
  plain: string;
}

/**
 * The question, a line with a button for each choice, and below what `chosen` says when one was pressed.
 * @param chosen called at each press with the choice's index
 */
export function choice(question: Markup, choices: readonly Choice[], chosen: (index: number) => Markup): Box {
  const said = new Words(question);
  const answer = new Words({ source: '' } as Markup);
  const buttons = choices.map(({ letter, plain }, i) => {
    const pressed = button(letter, () => {
      buttons.forEach((one, n) => {
        one.model.set({ button_style: n === i ? 'info' : '' });
      });
      answer.say(chosen(i));
    });
    pressed.model.set({ tooltip: plain });
    return pressed;
  });
  const narrow = new WidgetModel(
    { model: 'LayoutModel', view: 'LayoutView', module: '@jupyter-widgets/base' },
    { width: '3.5em' },
  );
  for (const one of buttons) one.model.set({ layout: `IPY_MODEL_${narrow.id}` });
  return column(said, ...choices.map(({ text }, i) => row(buttons[i], new Words(text))), answer);
}
