/**
 * The files that cells have loaded, apart from the project's packages (those are Node's). They stand in Node's own table of
 * modules, so that whoever else asks for one gets the same; here stands in addition what each was made from, so that what
 * changed is loaded anew.
 */
import path from 'node:path';
import { stampOf } from '../stamp';
import { resolveName } from './resolve';

interface Loaded {
  stamp: string;
  /** Name in an import → the file it meant. */
  uses: Map<string, string>;
  /** Folders and package.json files that decide what those names mean, with their stamps. */
  places: Map<string, string>;
}

const loaded = new Map<string, Loaded>();

export function remember(file: string): void {
  loaded.set(file, { stamp: stampOf(file), uses: new Map(), places: new Map() });
}

export function forget(file: string): void {
  loaded.delete(file);
  delete require.cache[file];
}

/** `file` asked for `name` and got `found`. */
export function rememberUse(file: string, name: string, found: string): void {
  const entry = loaded.get(file);
  if (!entry || !path.isAbsolute(found)) return;
  entry.uses.set(name, found);
  for (const place of placesOf(name, file, found))
    if (!entry.places.has(place)) entry.places.set(place, stampOf(place));
}

/** Another file may come between where an entry appears beside the one that was found, or a package changes its mind. */
function placesOf(name: string, file: string, found: string): string[] {
  if (!name.startsWith('.'))
    return found.includes('node_modules') ? [path.join(packageHome(found), 'package.json')] : [];
  const target = path.resolve(path.dirname(file), name);
  return [path.dirname(target), path.dirname(found)];
}

/** …/node_modules/name or …/node_modules/@scope/name. */
function packageHome(file: string): string {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? path.dirname(file);
}

/** Forgets what changed of `file` and all that it stands on since it was loaded, and whatever else stands on that. */
export function forgetChanged(file: string): void {
  const stale = new Set<string>();
  const places = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (one: string): void => {
    const entry = seen.has(one) ? undefined : loaded.get(one);
    seen.add(one);
    if (!entry) return;
    if (stampOf(one) !== entry.stamp || meansOther(one, entry, places)) stale.add(one);
    for (const used of entry.uses.values()) visit(used);
  };
  visit(file);
  if (stale.size === 0) return;
  for (let before = -1; before !== stale.size; ) {
    before = stale.size;
    for (const [other, { uses }] of loaded) if ([...uses.values()].some(used => stale.has(used))) stale.add(other);
  }
  for (const one of stale) forget(one);
}

function meansOther(file: string, entry: Loaded, places: Map<string, string>): boolean {
  let changed = false;
  for (const [place, stamp] of entry.places) {
    const now = places.get(place) ?? stampOf(place);
    places.set(place, now);
    if (now === stamp) continue;
    entry.places.set(place, now);
    changed = true;
  }
  return changed && [...entry.uses].some(([name, found]) => meaning(name, file) !== found);
}

function meaning(name: string, file: string): string | undefined {
  try {
    return resolveFrom(name, file);
  } catch {
    return undefined;
  }
}

/** What a name means inside a file. @throws MODULE_NOT_FOUND */
export const resolveFrom = (name: string, file: string): string => resolveName(name, [path.dirname(file)]);
