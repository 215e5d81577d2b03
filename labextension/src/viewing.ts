/**
 * Reading a notebook changes nothing in its file: what draws an output writes nothing back into it and speaks the notebook's language, saving a notebook that
 * nobody has changed does nothing, and the states of widgets are kept for as long as an output shows them.
 */

import type { NotebookContext, NotebookPanel } from '@jupyterlab/notebook';
import type { MimeModel, RendererFactory, RendererOptions, RenderMime } from '@jupyterlab/rendermime';
import type { JsonObject } from '../../scripts/notebooks/notebook';
import { partsOf, WIDGET_STATE, WIDGET_VIEW, type WidgetStates } from '../../scripts/notebooks/widgets';
import { courseNotebook } from './course';
import { menuWords } from './page-words';

/** Renderers get a view of the output that they can read only: Vega's, for one, puts a PNG of the chart into it. */
export function drawWithoutWriting(rendermime: RenderMime): void {
  const add = rendermime.addFactory.bind(rendermime);
  rendermime.addFactory = (factory, rank) => add(readOnly(factory), rank);
  for (const mime of rendermime.mimeTypes) {
    const factory = rendermime.getFactory(mime);
    if (factory) makeReadOnly(factory);
  }
}

/** Factories belong to their extensions and are frozen in places, so a new one stands before them. */
function readOnly(factory: RendererFactory): RendererFactory {
  return Object.create(factory, {
    createRenderer: { value: (options: RendererOptions) => withReadOnlyModel(factory, options) },
  }) as RendererFactory;
}

function makeReadOnly(factory: RendererFactory): void {
  const original = { createRenderer: factory.createRenderer.bind(factory) } as RendererFactory;
  factory.createRenderer = options => withReadOnlyModel(original, options);
}

function withReadOnlyModel(factory: RendererFactory, options: RendererOptions) {
  const renderer = factory.createRenderer(options);
  const render = renderer.renderModel.bind(renderer);
  renderer.renderModel = model =>
    render(
      Object.create(model, {
        setData: { value: () => undefined },
        metadata: { value: menuWords(model.metadata, options) },
      }) as MimeModel,
    );
  return renderer;
}

/** The widget manager of a notebook, as far as it is needed here. */
interface WidgetManager {
  get_state_sync(options: { drop_defaults: boolean }): { state: WidgetStates };
}

/**
 * The manager sits in the renderer that it gives to each notebook; nothing else leads to it. Before the kernel has answered,
 * that is a renderer that waits for a manager: then there are no widgets either.
 */
async function widgetManager(panel: NotebookPanel): Promise<WidgetManager | undefined> {
  const renderer = widgetRenderer(panel);
  const manager = await Promise.race([renderer?._manager?.promise, undefined]);
  renderer?.dispose();
  return manager;
}

interface WidgetRenderer {
  _manager?: { promise: Promise<WidgetManager> };
  /** What is drawn again when the manager says that it has restored the widgets. */
  _rerenderMimeModel: MimeModel | null;
  /** The view of the widget, once there is one. */
  readonly widgets: readonly unknown[];
  renderModel(model: MimeModel): Promise<void>;
  dispose(): void;
}

const widgetRenderer = ({ content }: NotebookPanel): WidgetRenderer | undefined =>
  content.rendermime.getFactory(WIDGET_VIEW)?.createRenderer({ mimeType: WIDGET_VIEW }) as unknown as
    | WidgetRenderer
    | undefined;

const patient = new WeakSet<object>();

/**
 * The manager says that all is restored when it has asked the kernel, also where the notebook's own widgets are still to
 * come; a widget drawn in between says for good that its model was not found. Here it is drawn again when they have come.
 */
export function drawLateWidgets(panel: NotebookPanel): void {
  const renderer = widgetRenderer(panel);
  const prototype = renderer && (Object.getPrototypeOf(renderer) as WidgetRenderer);
  renderer?.dispose();
  if (prototype && !patient.has(prototype)) waitForModels(prototype);
}

/** Makes all renderers of this kind keep what they could not draw for the manager's next word. */
export function waitForModels(prototype: Pick<WidgetRenderer, 'renderModel'>): void {
  patient.add(prototype);
  const { renderModel } = prototype;
  prototype.renderModel = async function (this: WidgetRenderer, model) {
    await renderModel.call(this, model);
    if (this.widgets.length === 0) this._rerenderMimeModel = model;
  };
}

/** Saves what has changed, and nothing else; the states of widgets are brought up to date first. */
export function saveOnlyChanges(panel: NotebookPanel): void {
  const { context } = panel;
  const save = context.save.bind(context);
  context.save = async () => {
    const manager = await widgetManager(panel);
    if (manager) updateWidgetStates(context, manager.get_state_sync({ drop_defaults: true }).state);
    if (context.model.dirty) await save();
  };
}

/** Only models that an output shows, each in its newest state: that of the kernel, else the one that was saved. */
function updateWidgetStates(context: NotebookContext, live: WidgetStates): void {
  const saved = (context.model.getMetadata('widgets') ?? {}) as JsonObject;
  const before = ((saved[WIDGET_STATE] as JsonObject | undefined)?.state ?? {}) as WidgetStates;
  const states = keptStates(outputsOf(context), before, live);
  if (JSON.stringify(states) === JSON.stringify(keptStates(outputsOf(context), before, {}))) return;
  const state = { state: states, version_major: 2, version_minor: 0 };
  context.model.setMetadata('widgets', { ...saved, [WIDGET_STATE]: state });
}

interface Shown {
  data?: Record<string, unknown>;
}

function outputsOf(context: NotebookContext): Shown[] {
  return [...context.model.cells].flatMap(cell => (cell.outputs?.toJSON() ?? []) as Shown[]);
}

/** The states that belong to what the outputs show. */
export function keptStates(outputs: readonly Shown[], saved: WidgetStates, live: WidgetStates): WidgetStates {
  const states = { ...saved, ...live };
  const kept = new Set<string>();
  for (const { data } of outputs) {
    const id = (data?.[WIDGET_VIEW] as { model_id?: string } | undefined)?.model_id;
    if (id) partsOf(id, states, kept);
  }
  return Object.fromEntries([...kept].map(id => [id, states[id]]));
}

/**
 * The course's own notebooks are shown as they were saved, HTML and widgets included: whoever starts the course runs its
 * code anyway, and a fresh clone has no signatures of its reader.
 */
export function trustLessons(panel: NotebookPanel): void {
  void panel.context.ready.then(() => {
    const { path, model } = panel.context;
    if (!courseNotebook(path)) return;
    const { dirty } = model;
    for (const cell of model.cells) cell.trusted = true;
    model.dirty = dirty; // trust is nothing that a file holds
  });
}
