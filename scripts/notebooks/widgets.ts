/** The last state of a notebook's widgets, as the notebook format keeps it: what a page without a kernel draws them from. */
import type { Cell, Json, JsonObject, Notebook } from './notebook';

export const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
export const WIDGET_STATE = 'application/vnd.jupyter.widget-state+json';

/** Model id → { model_name, model_module, model_module_version, state }. */
export type WidgetStates = Record<string, JsonObject>;

export function widgetStates(notebook: Notebook): WidgetStates {
  const saved = (notebook.metadata.widgets as JsonObject | undefined)?.[WIDGET_STATE] as JsonObject | undefined;
  return (saved?.state ?? {}) as WidgetStates;
}

/** The model that an output shows, where the notebook knows its state. */
export function shownModel(data: Record<string, Json> | undefined, states: WidgetStates): string | undefined {
  const id = (data?.[WIDGET_VIEW] as JsonObject | undefined)?.model_id;
  return typeof id === 'string' && states[id] ? id : undefined;
}

/** The models that a model is made of, itself included, in the order in which it names them. */
export function partsOf(id: string, states: WidgetStates, found: Set<string> = new Set()): Set<string> {
  if (found.has(id) || !states[id]) return found;
  found.add(id);
  for (const [, part] of JSON.stringify(states[id]).matchAll(/IPY_MODEL_([\w-]+)/g)) partsOf(part, states, found);
  return found;
}

/**
 * Only the models that an output shows, under names that do not change from run to run. Returns the cells and what belongs
 * into the notebook's metadata; without widgets undefined.
 */
export function tidyWidgets(notebook: Notebook, cells: Cell[]): { cells: Cell[]; widgets?: JsonObject } {
  const states = widgetStates(notebook);
  const kept = new Set<string>();
  for (const output of cells.flatMap(cell => cell.outputs ?? [])) {
    const id = shownModel(output.data, states);
    if (id) partsOf(id, states, kept);
  }
  if (kept.size === 0) return { cells };
  let text = JSON.stringify([cells, Object.fromEntries([...kept].map(id => [id, states[id]]))]);
  [...kept].forEach((id, i) => {
    text = text.replaceAll(id, `widget-${i + 1}`);
  });
  const [renamed, state] = JSON.parse(text) as [Cell[], JsonObject];
  return { cells: renamed, widgets: { [WIDGET_STATE]: { state, version_major: 2, version_minor: 0 } } };
}
