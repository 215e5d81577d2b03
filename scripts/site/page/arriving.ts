/** A larger file on its way to the cells, in the bar: how much of it is there, as the service worker counts it (offline.js). */
import type { Words } from './words';

/** One that comes sooner, in ms, is not spoken of. */
const QUIET = 300;

export class Arriving {
  private readonly element = document.createElement('span');
  private readonly amount = document.createElement('progress');
  private readonly text = document.createElement('span');
  private file = '';
  private all = 0;
  private later = 0;

  /** @param after what stands before it in the bar */
  constructor(
    private readonly words: Words,
    private readonly after: Element,
  ) {
    this.element.className = 'arriving';
    this.element.append(this.amount, ' ', this.text);
    navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent) => {
      const wanted = `/files/${encodeURI(this.file)}.gz`;
      if (this.file !== '' && data?.kind === 'arriving' && new URL(data.address).pathname.endsWith(wanted))
        this.show(Math.min(data.bytes, this.all)); // more where the host unpacks it on the way
    });
  }

  /** The cells wait for `file`, of so many bytes; '' when they wait no more. */
  wait(file: string, bytes: number): void {
    clearTimeout(this.later);
    [this.file, this.all] = [file, bytes];
    this.element.remove();
    if (file === '') return;
    this.show();
    this.later = setTimeout(() => this.after.after(this.element), QUIET) as unknown as number;
  }

  /** Where nobody counts, how large it is must do. */
  private show(bytes?: number): void {
    const name = this.file.slice(this.file.lastIndexOf('/') + 1);
    this.text.textContent = this.words.arriving(name, this.all / 1e6, bytes === undefined ? undefined : bytes / 1e6);
    this.amount.ariaLabel = this.text.textContent;
    this.amount.max = this.all;
    if (bytes !== undefined) this.amount.value = bytes;
    else this.amount.removeAttribute('value');
  }
}
