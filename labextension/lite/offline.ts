/** A second visit without a network: what came before the service worker listened is asked for once more, for it to keep. */

/** JupyterLab's parts are more than the 250 of which a browser keeps a record by itself. */
const PARTS = 2000;

/**
 * The service worker is JupyterLite's, which begins with the site's own (scripts/lite/build.ts). Without one nothing happens. It may have
 * begun to listen before this extension did and still after most of JupyterLab had come: so what is missing is looked up, not timed.
 */
export async function keepParts(): Promise<void> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  performance.setResourceTimingBufferSize(PARTS);
  if (!serviceWorker.controller)
    await new Promise(resolve => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  const since = performance.now();
  const keep = async (address: string): Promise<void> => {
    if (!(await caches.match(address))) await fetch(address).catch(() => {}); // what is gone again is not needed
  };
  void keep(location.href);
  new PerformanceObserver(list => {
    for (const { name, startTime } of list.getEntries())
      if (startTime < since && name.startsWith(location.origin)) void keep(name);
  }).observe({ type: 'resource', buffered: true });
}
