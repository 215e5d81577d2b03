/** A larger file on its way to the cells, in the bar. */
import { Arrivals } from '../../../lib/kernel/page/arriving';
import type { Words } from './words';

export class Arriving {
  private readonly element = document.createElement('span');
  private readonly amount = document.createElement('progress');
  private readonly text = document.createElement('span');
  private readonly arrivals = new Arrivals((file, bytes, here) => this.show(file, bytes, here));

  /** @param after what stands before it in the bar */
  constructor(
    private readonly words: Words,
    private readonly after: Element,
  ) {
    this.element.className = 'arriving';
    this.element.append(this.amount, ' ', this.text);
  }

  /** The cells wait for `file`, of so many bytes; '' when they wait no more. */
  wait(file: string, bytes: number): void {
    this.arrivals.wait(file, bytes);
  }

  private show(file: string, bytes: number, here: number | undefined): void {
    if (file === '') {
      this.element.remove();
      return;
    }
    this.text.textContent = this.words.arriving(file, bytes, here);
    this.amount.ariaLabel = this.text.textContent;
    this.amount.max = bytes;
    // where nobody counts, how large it is must do
    if (here !== undefined) this.amount.value = here;
    else this.amount.removeAttribute('value');
    if (!this.element.isConnected) this.after.after(this.element);
  }
}
