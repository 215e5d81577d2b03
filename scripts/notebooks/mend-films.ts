/**
 * `node --import tsx scripts/notebooks/mend-films.ts [06 …]`: the saved films of a kernel that slides (lib/plot/sliding.ts) get the
 * transforms that new ones have, where they were drawn by those that moved on with every change of the slider. Still pictures and
 * words stay as they are, for at its first place each film was right. `npm run sync` then brings it into the Chinese notebooks.
 */
import { runCommand } from './command';
import { type Json, type JsonObject, notebookText, readNotebook, selectLessons, writeNotebook } from './notebook';

const OLD = 'datum.c - left';
const NAMES: Record<string, string> = { c: 'k', y: 'ky', c2: 'k2', y2: 'ky2' };

/** The panel of products with fields of their own for what the window's place decides. */
export function mendedPanel(panel: JsonObject): JsonObject {
  const transform = panel.transform as JsonObject[];
  const from = transform.findIndex(step => step.calculate === OLD);
  if (from < 0) return panel;
  const renamed = transform.map((step, i) => (i < from ? step : own(step, i === from || step.as === 'y')));
  const [rect, ...rest] = panel.layer as JsonObject[];
  const encoding = Object.fromEntries(
    Object.entries(rect.encoding as Record<string, JsonObject>).map(([channel, value]) => [
      channel,
      { ...value, field: NAMES[String(value.field)] ?? value.field },
    ]),
  );
  return { ...panel, transform: renamed, layer: [{ ...rect, encoding }, ...rest] };
}

/** `first`: it is computed from the picture's own c and r, which keep their names. */
function own(step: JsonObject, first: boolean): JsonObject {
  const calculate = String(step.calculate);
  const said = first
    ? calculate
    : calculate.replace(/\bdatum\.(c|y)\b(?!h)/g, (_, name: string) => `datum.${NAMES[name]}`);
  return { ...step, calculate: said, as: NAMES[String(step.as)] ?? step.as };
}

function mended(spec: Json): Json {
  const panels = (spec as JsonObject | null)?.hconcat as JsonObject[] | undefined;
  return panels
    ? { ...(spec as JsonObject), hconcat: panels.map(p => (Array.isArray(p.transform) ? mendedPanel(p) : p)) }
    : spec;
}

function main(words: string[]): number {
  for (const { name, files } of selectLessons(words)) {
    const notebook = readNotebook(files.en);
    const before = notebookText(notebook);
    for (const output of notebook.cells.flatMap(cell => cell.outputs ?? []))
      for (const mime of Object.keys(output.data ?? {}))
        if (mime.startsWith('application/vnd.vegalite.')) output.data![mime] = mended(output.data![mime]);
    if (notebookText(notebook) === before) continue;
    writeNotebook(files.en, notebook);
    console.log(`${name}: films mended`);
  }
  return 0;
}

if (require.main === module) runCommand(main);
