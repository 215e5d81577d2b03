/** A larger file on its way to the cells: how much of it is there, as the service worker counts it (scripts/site/page/offline.js). */

/** One that comes sooner, in ms, is not spoken of. */
const QUIET = 300;

/** Shows it, or, where `file` is '', what was shown goes. `here` is undefined where nobody counts. */
export type ShowArriving = (file: string, bytes: number, here?: number) => void;

export class Arrivals {
  private file = '';
  private all = 0;
  private here: number | undefined;
  private shown = false;
  private later: ReturnType<typeof setTimeout> | undefined;

  /** @param worker the page's service workers, where there are any */
  constructor(
    private readonly show: ShowArriving,
    private readonly worker: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined = globalThis
      .navigator?.serviceWorker,
  ) {
    this.worker?.addEventListener('message', this.heard);
  }

  /** Nothing is shown any more. */
  end(): void {
    this.wait('', 0);
    this.worker?.removeEventListener('message', this.heard);
  }

  /** The cells wait for `file`, of so many bytes; '' when they wait no more. */
  wait(file: string, bytes: number): void {
    clearTimeout(this.later);
    [this.file, this.all, this.here] = [file, bytes, undefined];
    if (this.shown) this.show('', 0);
    this.shown = false;
    if (file === '') return;
    this.later = setTimeout(() => {
      this.shown = true;
      this.show(file, bytes, this.here);
    }, QUIET);
  }

  /** So much of a file has come, which another page may have asked for. */
  private readonly heard = (event: Event): void => {
    const { data } = event as MessageEvent<{ kind: string; address: string; bytes: number } | undefined>;
    if (this.file === '' || data?.kind !== 'arriving') return;
    if (!new URL(data.address).pathname.endsWith(`/files/${encodeURI(this.file)}.gz`)) return;
    this.here = Math.min(data.bytes, this.all); // more where the host unpacks it on the way
    if (this.shown) this.show(this.file, this.all, this.here);
  };
}
