/**
 * `node --import tsx scripts/notebooks/mend-signs.ts [09 …]`: amounts in saved outputs get the minus sign that new ones have
 * (`withMinus` in tables, `minusInText` in claims, alt texts and pictures), without a run, since nothing but the sign differs.
 * `npm run sync` then brings it into the Chinese notebooks.
 */
import type { Bundle } from '../../lib/i18n/bundle';
import { changeMarkup } from '../../lib/i18n/markup';
import { changeVega } from '../../lib/i18n/specs';
import { minusInText, minusInWords, withMinus } from '../../lib/runtime/numbers';
import { runCommand } from './command';
import { type Notebook, notebookText, readNotebook, selectLessons, writeNotebook } from './notebook';

const CELL = /(<t[dh]\b[^>]*>)([^<]*)(?=<\/t[dh]>)/g;
const VEGA = 'application/vnd.vegalite.v5+json';
/** A string of code that a claim compares, or code that stands in a table beside its Python. */
const CODE = /(<pre\b[\s\S]*?<\/pre>|&quot;.*?&quot;)/;

/** The markup with every cell of its tables that holds an amount as `withMinus` sets it. */
export const mendedTables = (markup: string): string =>
  markup.replace(CELL, (_, tag: string, text: string) => tag + withMinus(text));

/** The markup of an output that is no table, with the amounts of its sentences so. */
const mendedSentences = (markup: string): string =>
  markup.includes('<table')
    ? markup
    : markup
        .split(CODE)
        .map((part, i) => (i % 2 ? part : changeMarkup(part, minusInText)))
        .join('');

/** A heat map's names of rows and columns, which the chart's own words do not touch: there they may be numbers as text. */
const mendedNames = (spec: unknown): unknown => {
  const { data } = spec as { data?: { values?: Record<string, unknown>[] } };
  if (!Array.isArray(data?.values) || typeof data.values[0]?.column !== 'string') return spec;
  const values = data.values.map(cell => ({
    ...cell,
    row: withMinus(String(cell.row)),
    column: withMinus(String(cell.column)),
  }));
  return { ...(spec as object), data: { ...data, values } };
};

/** A first line of a figure's plain text is its alt text; the table below it is for programs. */
function mendedBundle(bundle: Bundle): Bundle {
  const mended = { ...bundle };
  const markup = bundle['text/html'];
  if (markup !== undefined) mended['text/html'] = mendedSentences(mendedTables(String(markup)));
  const picture = bundle['image/svg+xml'];
  if (picture !== undefined) mended['image/svg+xml'] = changeMarkup(String(picture), minusInText);
  if (bundle[VEGA] !== undefined) mended[VEGA] = mendedNames(changeVega(bundle[VEGA], minusInWords));
  const isFigure = picture !== undefined || /<img alt=/.test(String(markup));
  if (isFigure) mended['text/plain'] = String(bundle['text/plain']).replace(/^.*/, minusInText);
  return mended;
}

/** The notebook with its outputs so. */
export function withSigns(notebook: Notebook): Notebook {
  const cells = notebook.cells.map(cell =>
    cell.outputs
      ? {
          ...cell,
          outputs: cell.outputs.map(output =>
            output.data ? { ...output, data: mendedBundle(output.data) as typeof output.data } : output,
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
