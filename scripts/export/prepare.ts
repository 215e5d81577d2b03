/** Makes a copy of a notebook that is ready for printing as a page: hidden cells gone, figures as HTML. */
import type { Cell, Language, Notebook } from '../notebooks/notebook';
import { tagsOf } from '../notebooks/notebook';
import { type WidgetStates, widgetStates } from '../notebooks/widgets';
import { type Library, renderOutput } from './figures';
import { slideTypes } from './slides';
import { widgetHtml } from './widgets';

export interface Prepared {
  notebook: Notebook;
  /** Drawing libraries that its figures need. */
  uses: Set<Library>;
}

/** Tags of cells that exports leave out unless asked for: set-up that only the teacher needs. */
export const HIDDEN_TAGS = ['hide', 'teacher', 'remove-cell'];

/** Outputs that only a running Jupyter can show. */
const NEEDS_KERNEL = /^application\/vnd\.(jupyter\.widget-view|latentlab\.metrics)\+json$/;

/** Prepares one notebook, e.g. of the lesson '12-diffusion'; `hide` lists the tags of cells to leave out. */
export function prepare(
  notebook: Notebook,
  language: Language,
  hide: readonly string[] = HIDDEN_TAGS,
  lesson = '',
): Prepared {
  const uses = new Set<Library>();
  const kept = notebook.cells.filter(
    cell => !tagsOf(cell).some(tag => hide.includes(tag)) && cell.source.trim() !== '',
  );
  const states = widgetStates(notebook);
  const types = slideTypes(kept);
  const cells = kept.map((cell, i): Cell => {
    const metadata = { ...cell.metadata, slideshow: { slide_type: types[i] } };
    if (cell.cell_type !== 'code') return { ...cell, metadata };
    const outputs = tagsOf(cell).includes('remove-output') ? [] : (cell.outputs ?? []);
    return {
      ...cell,
      metadata,
      outputs: outputs.flatMap(output => prepareOutput(output, { language, lesson }, uses, states)),
    };
  });
  const { widgets: _, ...metadata } = notebook.metadata;
  return { notebook: { ...notebook, cells, metadata }, uses };
}

function prepareOutput(
  output: NonNullable<Cell['outputs']>[number],
  { language, lesson }: { language: Language; lesson: string },
  uses: Set<Library>,
  states: WidgetStates,
) {
  const data =
    output.data && Object.fromEntries(Object.entries(output.data).filter(([mime]) => !NEEDS_KERNEL.test(mime)));
  const hasResult = Object.keys(data ?? {}).some(mime => mime !== 'text/plain');
  const widgets = widgetHtml(output.data, states, hasResult);
  if (widgets) uses.add('widgets');
  const controls = widgets ? [{ ...output, data: { 'text/html': widgets }, metadata: {} }] : [];
  if (widgets ? !hasResult : data && Object.keys(data).length === 0) return controls;
  const rendered = renderOutput(data ? { ...output, data } : output, language, lesson);
  if (rendered.uses) uses.add(rendered.uses);
  return [...controls, rendered.output];
}
