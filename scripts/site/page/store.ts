/** What this browser remembers for the site; a browser that keeps nothing forgets with the page. */
export function keptIn(key: string): { get(): string | undefined; set(text: string | undefined): void } {
  const name = `latentlab-${key}`;
  return {
    get() {
      try {
        return localStorage.getItem(name) ?? undefined;
      } catch {
        return undefined;
      }
    },
    set(text) {
      try {
        if (text === undefined) localStorage.removeItem(name);
        else localStorage.setItem(name, text);
      } catch {
        // full, or forbidden
      }
    },
  };
}
