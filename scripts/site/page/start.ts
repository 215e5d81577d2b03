/** What every page that runs begins with: its setting, and a copy of its parts for a visit without a network. */
import type { Reference } from './estimate';

export interface Setting {
  /** Path from the page to the folder `run`, with a slash at its end. */
  base: string;
  /** Which state of the site the page belongs to; addresses of what never changes within it end with it. */
  build: string;
  lesson: string;
  language: 'en' | 'zh';
  /** Trainings are short unless the reader wants them whole. */
  short: boolean;
  /** How long the lesson took where the course was measured. */
  reference?: Reference;
  /** A notebook of the reader's: its cells come and go, and are kept by whoever made them. */
  own?: boolean;
}

/** It stands in the page, as JSON in the element `lab-run` (scripts/site/pages.ts); `base` is the address of the folder `run`. */
export function readSetting(): { setting: Setting; base: string } {
  const setting = JSON.parse(document.getElementById('lab-run')!.textContent!) as Setting;
  return { setting, base: new URL(setting.base, location.href).href };
}

/** Address of a script of the site as it was when this page was made: a cache has no other one under it. */
export const versioned = (base: string, file: string): string => `${base}${file}?${readSetting().setting.build}`;

/** What the cells' worker is told. @param short trainings are those of the tests */
export function environmentOf(device: string, short: boolean): Record<string, string> {
  const options = new URLSearchParams(location.search);
  const quick = options.has('quick'); // as the tests run a lesson
  const env = { LAB_DEVICE: device, LAB_THREADS: options.get('threads') ?? '' };
  return { ...env, ...((quick || short) && { LAB_QUICK: '1' }), ...(quick && { LAB_CLAIMS: 'strict' }) };
}

/**
 * Keeps what the page is made of for a visit without a network, now that it is there; what cells and workers fetch is kept
 * when they do. Resolves at once where the browser has no such thing, as on http outside this machine.
 */
export async function keepForLater(base: string): Promise<void> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  await serviceWorker.register(new URL('../offline.js', base).href);
  await serviceWorker.ready;
  if (!serviceWorker.controller)
    await new Promise(resolve => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  const parts = performance.getEntriesByType('resource').map(({ name }) => name);
  const own = [location.href, ...parts].filter(url => url.startsWith(location.origin));
  await Promise.all(own.map(url => fetch(url)));
  document.documentElement.dataset.kept = 'true';
}
