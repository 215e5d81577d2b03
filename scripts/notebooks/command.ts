/** What run, sync and export share as programs: words and options of a command line, and readable ends. */
import { existsSync } from 'node:fs';
import { venvProgram } from '../setup/paths';

export interface CommandLine {
  words: string[];
  /** `--name value` and `--name=value`; a flag without value is 'yes'. Of an option that comes twice, the last. */
  options: Map<string, string>;
  /** All values of each option, in order. */
  all: Map<string, string[]>;
}

/**
 * Splits a command line. `valued` options take the next word as value; throws for options in neither list, and where another
 * option stands in a value's place.
 */
export function parseCommand(argv: string[], valued: readonly string[], flags: readonly string[] = []): CommandLine {
  const words: string[] = [];
  const options = new Map<string, string>();
  const all = new Map<string, string[]>();
  const set = (name: string, value: string) => {
    options.set(name, value);
    all.set(name, [...(all.get(name) ?? []), value]);
  };
  const isOption = (word: string) =>
    [...valued, ...flags].some(name => word === `--${name}` || word.startsWith(`--${name}=`));
  for (let i = 0; i < argv.length; i++) {
    const [, name, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(argv[i]) ?? [];
    if (name === undefined) words.push(argv[i]);
    else if (flags.includes(name)) {
      if (value !== undefined)
        throw new Error(`--${name} takes no value, got ${value || 'nothing'}; leave it out for no`);
      set(name, 'yes');
    } else if (valued.includes(name)) {
      const next = value ?? argv[++i];
      if (next === undefined || (value === undefined && isOption(next)))
        throw new Error(`--${name} has no value${next === undefined ? '' : `: ${next} follows`}`);
      set(name, next);
    } else {
      const known = [...valued.map(v => `--${v} …`), ...flags.map(f => `--${f}`)].join(', ');
      throw new Error(`unknown option ${argv[i]}; known: ${known || 'none'}`);
    }
  }
  return { words, options, all };
}

/** Runs a program's main and ends the process with its code; an error is told in its own words, without a stack. */
export function runCommand(main: (argv: string[]) => number | Promise<number>): void {
  Promise.resolve()
    .then(() => main(process.argv.slice(2)))
    .catch((error: Error) => {
      console.error(`✗ ${process.env.LAB_DEBUG ? error.stack : error.message}`);
      return 1;
    })
    .then(code => {
      process.exitCode = code;
    });
}

/** The Python of the project's `.venv`; throws where the set-up has not made it yet. */
export function pythonInVenv(): string {
  const file = venvProgram('python');
  if (!existsSync(file)) throw new Error('.venv is not set up yet; run `npm run setup`');
  return file;
}
