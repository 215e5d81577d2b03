/** What every page that runs begins with: its setting, and a copy of its parts for a visit without a network. */
import type { Setting } from './lesson';

/** It stands in the page, as JSON in the element `lab-run` (scripts/site/pages.ts); `base` is the address of the folder `run`. */
export function readSetting(): { setting: Setting; base: string } {
  const setting = JSON.parse(document.getElementById('lab-run')!.textContent!) as Setting;
  return { setting, base: new URL(setting.base, location.href).href };
}

/** Address of a script of the site as it was when this page was made: a cache has no other one under it. */
export const versioned = (base: string, file: string): string => `${base}${file}?${readSetting().setting.build}`;

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
