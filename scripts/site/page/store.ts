/** A place for a text in this browser. */
export interface Store {
  get(): string | undefined;
  /** False where the browser does not keep it: it forbids that, or has no room. */
  set(text: string | undefined): boolean;
  /** Another tab of this browser has changed it. */
  changedElsewhere(act: () => void): void;
}

/** What this browser remembers for the site; a browser that keeps nothing forgets with the page. */
export function keptIn(key: string): Store {
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
        return true;
      } catch {
        return false;
      }
    },
    changedElsewhere: act => addEventListener('storage', ({ key }) => key === name && act()),
  };
}
