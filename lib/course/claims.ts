/** What a lesson claims: checked when its cell runs, and shown with the figures below whatever else the cell shows. */
import { palette } from '../plot/palette';
import { say } from '../plot/words';
import { type Comparison, holds } from '../runtime/comparison';
import { DISPLAY, type Displayable, display, kernel, type MimeBundle } from '../runtime/display';
import { html, type Markup } from '../runtime/html';
import { withMinus } from '../runtime/numbers';
import { isQuick } from '../training/budget';
import { wasInterrupted } from '../training/last';
import { card, plain, prose, type Text } from './text';

const UNCHECKED = 'not checked in a quick run';
const SIGNS = { holds: '✓', fails: '✗', 'not checked': '○', interrupted: '○' } as const;
/** What a reader can make of a number that is not as the text says. */
export const NOTES = {
  interrupted:
    'Interrupted: the training was stopped before its end, so this is not checked. Run its cell to the end to see.',
  fails: 'This does not hold with the numbers as they are. If you changed one above, that is your finding.',
};

/**
 * A sentence that a lesson states, with what the numbers say about it.
 * @example new Claim('7 is prime', 'holds').toString()
 */
export class Claim implements Displayable {
  /** It stands in the list below its cell, so it need not show itself. */
  listed = false;

  constructor(
    readonly says: Text,
    readonly state: keyof typeof SIGNS,
    readonly comparisons: readonly Comparison[] = [],
  ) {}

  /** Its line, and a line for each figure that was compared. */
  toString(): string {
    const note = this.state === 'not checked' ? ` (${UNCHECKED})` : '';
    const line = `${SIGNS[this.state]} ${plain(this.says)}${note}`;
    return [line, ...this.comparisons.map(comparison => `  ${figures(comparison)}`), ...this.notes()].join('\n');
  }

  toHtml(): Markup {
    const note = this.state === 'not checked' ? ` (${UNCHECKED})` : '';
    const found = this.comparisons.map(comparison => html`<br><small>${figures(comparison, withMinus)}</small>`);
    const why = this.notes().map(words => html`<br><small>${words}</small>`);
    return html`<p style="margin: 4px 0px">${SIGNS[this.state]}${note} ${prose(this.says)}${found}${why}</p>`;
  }

  private notes(): string[] {
    if (this.state === 'interrupted') return [NOTES.interrupted];
    return this.state === 'fails' && !isStrict() ? [NOTES.fails] : []; // else the error says it
  }

  [DISPLAY](): MimeBundle {
    return this.listed ? {} : bundleOf([this]);
  }
}

/** 'found 3.1e-8, bound < 1e-6'; of many comparisons at one place, the one nearest to failing. */
function figures({ sign, found, bound, times }: Comparison, set = (number: string) => number): string {
  const many = times > 1 ? ` (tightest of ${times})` : '';
  return `found ${set(shown(found, bound))}${many}, bound ${WRITTEN[sign]} ${set(shown(bound, found))}`;
}

const WRITTEN = { '<': '<', '<=': '≤', '>': '>', '>=': '≥', '===': '=', '!==': '≠' } as const;

/** With as many digits as tell it from the other side. */
function shown(value: number | string, beside: number | string): string {
  if (typeof value === 'string') return `"${value}"`;
  if (Number.isSafeInteger(value)) return value.toLocaleString('en-US');
  const short = say(value);
  return typeof beside === 'number' && value !== beside && short === say(beside) ? String(value) : short;
}

function bundleOf(claims: readonly Claim[]): MimeBundle {
  const colour = claims.some(({ state }) => state === 'fails')
    ? palette[1]
    : palette[claims.every(({ state }) => SIGNS[state] === '○') ? 6 : 2];
  return {
    'text/html': card(colour, html`${claims.map(one => one.toHtml())}`).source,
    'text/plain': claims.join('\n'),
  };
}

/** Claims of the cell that runs now, in their order. */
let gathered: Claim[] = [];

function gather(made: Claim): Claim {
  const bridge = kernel();
  if (!bridge) return made; // a plain script: who asks for it shows it
  made.listed = true;
  if (gathered.length > 0) gathered.push(made);
  else if (bridge.atCellEnd?.(showGathered)) gathered = [made];
  else display(bundleOf([made]));
  return made;
}

function showGathered(): void {
  const shownNow = gathered;
  gathered = [];
  display(bundleOf(shownNow));
}

/** Whether what does not hold ends the run: in scripts, tests and `npm run run`, but not under a reader's hands. */
export const isStrict = (): boolean => !kernel() || process.env.LAB_CLAIMS === 'strict';

/**
 * Checks what the text says, and says how it is: where it does not hold, the cell still goes on to its tables. In a notebook its line stands below the cell, wherever in the cell it was made and whatever the
 * cell shows besides, with each figure that the condition compares and its bound: write the comparison into the condition.
 * @param trained the claim needs a fully trained model: a quick run does not check it
 * @throws where it does not hold and nobody sits there to read it: in a script, or with LAB_CLAIMS=strict
 * @example claim('by hand = by library', Math.abs(Math.tanh(1) - 0.7615941559557649) < 1e-6) // ✓, with what was found and its bound
 */
export function claim(says: Text, condition: boolean, { trained = false } = {}): Claim {
  const comparisons = kernel()?.comparisons?.() ?? [];
  if (condition) return gather(new Claim(says, 'holds', comparisons.filter(holds)));
  if (trained && isQuick()) return gather(new Claim(says, 'not checked', comparisons));
  if (wasInterrupted()) return gather(new Claim(says, 'interrupted', comparisons));
  const failed = gather(new Claim(says, 'fails', comparisons));
  if (!isStrict()) return failed;
  throw new Error(
    `claim does not hold: ${plain(says)}. If you changed a number above, that is your finding; restore it to go on.`,
  );
}
