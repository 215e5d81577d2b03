/**
 * `node --import tsx scripts/notebooks/mend-signs.ts [09 …]`: amounts in saved tables get the minus sign that new ones have
 * (`withMinus`), without a run, since nothing but the sign differs. `npm run sync` then brings it into the Chinese notebooks.
 */
import { withMinus } from '../../lib/runtime/numbers';
import { runCommand } from './command';
import { type Notebook, notebookText, readNotebook, selectLessons, writeNotebook } from './notebook';

const CELL = /(<t[dh]\b[^>]*>)([^<]*)(?=<\/t[dh]>)/g;

/** The markup with every cell of its tables that holds an amount as `withMinus` sets it. */
export const mendedTables = (markup: string): string =>
  markup.replace(CELL, (_, tag: string, text: string) => tag + withMinus(text));

/** The notebook with the tables of its outputs so. */
export function withSigns(notebook: Notebook): Notebook {
  const cells = notebook.cells.map(cell =>
    cell.outputs
      ? {
          ...cell,
          outputs: cell.outputs.map(output =>
            output.data?.['text/html'] === undefined
              ? output
              : { ...output, data: { ...output.data, 'text/html': mendedTables(String(output.data['text/html'])) } },
          ),
        }
      : cell,
  );
  return { ...notebook, cells };
}

function main(words: string[]): number {
  for (const { name, files } of selectLessons(words)) {
    const notebook = readNotebook(files.en);
    const mended = withSigns(notebook);
    if (notebookText(mended) === notebookText(notebook)) continue;
    writeNotebook(files.en, mended);
    console.log(`${name}: signs mended`);
  }
  return 0;
}

if (require.main === module) runCommand(main);
