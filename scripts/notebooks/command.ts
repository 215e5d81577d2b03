/** What run, sync and export share as programs: words and options of a command line, and readable ends. */
import { existsSync } from 'node:fs';
import { venvProgram } from '../setup/paths';

export interface CommandLine {
  words: string[];
  /** `--name value` and `--name=value`; a flag without value is 'yes'. */
  options: Map<string, string>;
}

/** Splits a command line. `valued` options take the next word as value; throws for options in neither list. */
export function parseCommand(argv: string[], valued: readonly string[], flags: readonly string[] = []): CommandLine {
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const [, name, value] = /^--([\w-]+)(?:=(.*))?$/.exec(argv[i]) ?? [];
    if (name === undefined) words.push(argv[i]);
    else if (flags.includes(name)) options.set(name, 'yes');
    else if (valued.includes(name)) options.set(name, value ?? argv[++i] ?? '');
    else {
      const known = [...valued.map(v => `--${v} …`), ...flags.map(f => `--${f}`)].join(', ');
      throw new Error(`unknown option ${argv[i]}; known: ${known || 'none'}`);
    }
  }
  return { words, options };
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
