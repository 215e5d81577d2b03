/**
 * `npm run reference [-- --out site]`: the reference of everything that notebooks import from './lib', as pages that need no
 * network, in site/api. `npm run export` makes it, too.
 */
import path from 'node:path';
import { writeReference } from './export/reference';
import { parseCommand, runCommand } from './notebooks/command';
import { ROOT } from './notebooks/notebook';

async function main(argv: string[]): Promise<number> {
  const { options } = parseCommand(argv, ['out']);
  const folder = path.resolve(process.env.INIT_CWD ?? '.', options.get('out') ?? path.join(ROOT, 'site'));
  console.log(`reference: open ${path.relative(process.cwd(), await writeReference(folder))}`);
  return 0;
}

if (require.main === module) runCommand(main);
