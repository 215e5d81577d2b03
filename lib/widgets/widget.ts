/** Jupyter widgets (ipywidgets 8) from TypeScript: a value in the kernel, a control on the page, kept equal through a comm. */
import { type Comm, DISPLAY, type InteractiveBridge, kernel, type MimeBundle } from '../runtime/display';

const CONTROLS = '@jupyter-widgets/controls';
const VIEW = 'application/vnd.jupyter.widget-view+json';
const PROTOCOL = '2.1.0';

type State = Record<string, unknown>;

/** What a front end must load to draw a model. */
export interface ModelName {
  model: string;
  view: string;
  module?: string;
  version?: string;
}

/**
 * One model of the widget protocol. In a plain script it is the value alone: nothing is drawn, nothing fails.
 * @see https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md
 */
export class WidgetModel {
  readonly id: string;
  private readonly comm: Comm | undefined;
  private readonly state: State;
  private readonly listeners: ((changes: State) => void)[] = [];
  private readonly customListeners: ((content: unknown) => void)[] = [];

  constructor({ model, view, module = CONTROLS, version = '2.0.0' }: ModelName, state: State) {
    this.state = {
      _model_module: module,
      _model_module_version: version,
      _model_name: model,
      _view_module: module,
      _view_module_version: version,
      _view_name: view,
      ...state,
    };
    const data = { state: this.state, buffer_paths: [] };
    this.comm = interactiveKernel()?.openComm('jupyter.widget', { data, metadata: { version: PROTOCOL } });
    this.comm?.onMessage(message => this.receive(message.data));
    this.id = this.comm?.id ?? '';
  }

  get(key: string): unknown {
    return this.state[key];
  }

  /** Changes the state here and on the page. Listeners hear only of changes that the reader makes. */
  set(changes: State): void {
    Object.assign(this.state, changes);
    this.comm?.send({ data: { method: 'update', state: changes, buffer_paths: [] } });
  }

  onChange(listener: (changes: State) => void): void {
    this.listeners.push(listener);
  }

  onCustom(listener: (content: unknown) => void): void {
    this.customListeners.push(listener);
  }

  close(): void {
    this.comm?.close();
  }

  view(text: string): MimeBundle {
    if (!this.comm) return { 'text/plain': text };
    return { 'text/plain': text, [VIEW]: { version_major: 2, version_minor: 0, model_id: this.id } };
  }

  private receive(data: State): void {
    switch (data.method) {
      case 'update': {
        const changes = data.state as State;
        Object.assign(this.state, changes);
        // Other views of the same model learn of the change from this echo.
        this.comm?.send({ data: { method: 'echo_update', state: changes, buffer_paths: [] } });
        for (const listener of this.listeners) listener(changes);
        return;
      }
      case 'request_state':
        this.comm?.send({ data: { method: 'update', state: this.state, buffer_paths: [] } });
        return;
      case 'collect_state': {
        const { _model_name: model_name, _model_module: model_module, _model_module_version } = this.state;
        const state = { model_name, model_module, model_module_version: _model_module_version, state: this.state };
        (data.into as (state: State) => void)(state);
        return;
      }
      case 'custom':
        for (const listener of this.customListeners) listener(data.content);
    }
  }
}

/**
 * A control with a value of type T. Show it as the last line of a cell; read `.value` in any later cell.
 * @example slider(0, 1, { value: 0.5 }) instanceof Widget // → true
 */
export class Widget<T> {
  private readonly listeners: ((value: T) => void)[] = [];

  /**
   * @param toState the model's state that means a value
   * @param fromModel the value that the model's state means
   */
  constructor(
    readonly model: WidgetModel,
    private readonly name: string,
    private readonly toState: (value: T) => State,
    private readonly fromModel: (model: WidgetModel) => T,
  ) {
    model.onChange(() => {
      for (const listener of this.listeners) listener(this.value);
    });
  }

  get value(): T {
    return this.fromModel(this.model);
  }

  set value(value: T) {
    this.model.set(this.toState(value));
  }

  /** Calls the listener whenever the reader changes the value. */
  onChange(listener: (value: T) => void): this {
    this.listeners.push(listener);
    return this;
  }

  [DISPLAY](): MimeBundle {
    return this.model.view(`${this.name}: ${JSON.stringify(this.value)}`);
  }
}

export function interactiveKernel(): InteractiveBridge | undefined {
  const bridge = kernel() as InteractiveBridge | undefined;
  return bridge && 'openComm' in bridge ? bridge : undefined; // the kernel of an older version, or a test's stand-in
}
