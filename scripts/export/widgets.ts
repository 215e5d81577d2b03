/** Sliders and other Jupyter widgets in a page: drawn by ipywidgets' own html-manager from the state that the notebook keeps. */
import type { Bundle, JsonObject } from '../notebooks/notebook';
import { partsOf, shownModel, WIDGET_STATE, WIDGET_VIEW, type WidgetStates } from '../notebooks/widgets';

const CONTAINERS = /^[HV]Box|^Box|^Output/;

/**
 * The HTML of the widgets that an output shows; undefined where it shows none, or none whose state is known. With `controls`
 * only those that have a value: the output brings a picture of its result itself.
 */
export function widgetHtml(data: Bundle | undefined, states: WidgetStates, controls: boolean): string | undefined {
  const id = shownModel(data, states);
  if (!id) return undefined;
  const parts = [...partsOf(id, states)];
  const shown = controls ? parts.filter(part => !CONTAINERS.test(String(states[part].model_name))) : [id];
  const state = Object.fromEntries(parts.map(part => [part, withoutNull(states[part])]));
  const script = (type: string, content: JsonObject) =>
    `<script type="${type}">${JSON.stringify(content).replace(/</g, '\\u003c')}</script>`;
  const version = { version_major: 2, version_minor: 0 };
  const views = shown.map(model_id => `<div>${script(WIDGET_VIEW, { ...version, model_id })}</div>`);
  return `<div class="lab-widget">${script(WIDGET_STATE, { ...version, state })}${views.join('\n')}</div>`;
}

/** A label without a tooltip would show *null* when it is pointed at. */
const withoutNull = (model: JsonObject): JsonObject => ({
  ...model,
  state: { tooltip: '', ...(model.state as JsonObject) },
});
