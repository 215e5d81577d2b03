/** The reader's and the project's files as they run: translated once, kept in memory and in the cache. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { readCached, writeCached } from '../cache';
import { shortPath } from '../paths';
import { stampOf } from '../stamp';
import { isEsm, isPackageFile } from './resolve';
import type { SyntaxFault, Translated } from './transpile';

/** Raise when the translation changes, so that cached files are made anew. */
const TRANSLATION = '4';
/** A package's file that is longer would take the translation seconds. */
const LONGEST = 2_000_000;

const kept = new Map<string, { stamp: string; translated: Translated }>();
const maps = new Map<string, string>();

/** Source map (JSON) of a file that was loaded, for stack traces. */
export function sourceMapOf(file: string): string | undefined {
  return maps.get(file) || undefined;
}

/** @throws SyntaxError that names the file and the line */
export function translate(file: string): Translated {
  const stamp = stampOf(file);
  const known = kept.get(file);
  if (known?.stamp === stamp) return known.translated;
  maps.delete(file);
  const source = fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  const esm = isModule(file, source);
  const asItStands = isPackageFile(file) && (!esm || source.length > LONGEST);
  const translated = asItStands
    ? { js: source.replace(/^#!.*/, ''), map: '', imports: [], waits: false }
    : fromCache(file, source, esm);
  maps.set(file, translated.map);
  kept.set(file, { stamp, translated });
  return translated;
}

function isModule(file: string, source: string): boolean {
  if (/\.tsx?$/.test(file)) return true;
  return isEsm(file) || (/\.jsx?$/.test(file) && /^\s*(?:import\b(?!\s*\()|export\b)/m.test(source));
}

function fromCache(file: string, source: string, esm: boolean): Translated {
  const key = createHash('sha256').update(TRANSLATION).update(file).update(source).digest('hex').slice(0, 24);
  const name = `modules/${key}${esm ? 'm' : ''}.json`;
  const cached = readCached(name);
  try {
    if (cached) return JSON.parse(cached) as Translated;
  } catch {
    // cut short by a full disk: made anew
  }
  const { transpile } = require('./transpile') as typeof import('./transpile');
  const made = transpile(file, source, esm);
  if ('message' in made) throw syntaxError(file, made);
  writeCached(name, JSON.stringify(made));
  return made;
}

/** @throws SyntaxError that names the file and the line */
export function parseJson(file: string): unknown {
  const source = fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(source);
  } catch (error) {
    const { jsonFault } = require('./transpile') as typeof import('./transpile');
    const { message } = error as Error;
    const position = / at position (\d+)/.exec(message);
    const before = source.slice(0, position ? Number(position[1]) : source.length).split('\n');
    const place = {
      line: before.length - 1,
      column: before.at(-1)!.length,
      message: message.split(/ at position /)[0],
    };
    throw syntaxError(file, position ? place : (jsonFault(file, source) ?? place));
  }
}

/** Its stack begins in the file, where the reader has to look. */
function syntaxError(file: string, { line, column, message }: SyntaxFault): SyntaxError {
  const error = new SyntaxError(`${shortPath(file)}, line ${line + 1}: ${message}`);
  const [first, ...frames] = (error.stack ?? '').split('\n    at ');
  error.stack = [first, `${file}:${line + 1}:${column + 1}`, ...frames].join('\n    at ');
  return error;
}
