/** Widgets that hold others, and the one that holds what code shows. */
import { type CellOutput, DISPLAY, type MimeBundle } from '../runtime/display';
import { interactiveKernel, WidgetModel } from './widget';

/** Anything that has a model on the page. */
export interface HasModel {
  readonly model: WidgetModel;
}

/**
 * @example row(slider(0, 1), checkbox()) instanceof Box // → true
 */
export class Box implements HasModel {
  readonly model: WidgetModel;

  constructor(
    kind: 'HBox' | 'VBox',
    readonly children: readonly HasModel[],
  ) {
    const references = children.map(child => `IPY_MODEL_${child.model.id}`);
    this.model = new WidgetModel(
      { model: `${kind}Model`, view: `${kind}View` },
      { children: references, box_style: '' },
    );
  }

  [DISPLAY](): MimeBundle {
    return this.model.view(`box of ${this.children.length}`);
  }
}

/**
 * @example row(slider(0, 1), checkbox())
 */
export const row = (...children: HasModel[]): Box => new Box('HBox', children);
/**
 * @example column(slider(0, 1), checkbox())
 */
export const column = (...children: HasModel[]): Box => new Box('VBox', children);

/**
 * A place on the page for what code shows: streams, figures, errors.
 * @example new Output()
 */
export class Output implements HasModel {
  readonly model = new WidgetModel(
    { model: 'OutputModel', view: 'OutputView', module: '@jupyter-widgets/output', version: '1.0.0' },
    { msg_id: '', outputs: [] },
  );

  get outputs(): readonly CellOutput[] {
    return this.model.get('outputs') as CellOutput[];
  }

  clear(): void {
    this.model.set({ outputs: [] });
  }

  /** Runs f and shows, in place of what was there, what f shows and what it returns. Errors are shown too. */
  async show(f: () => unknown): Promise<void> {
    const outputs = await collect(f);
    this.model.set({ outputs });
  }

  [DISPLAY](): MimeBundle {
    return this.model.view(`output of ${this.outputs.length}`);
  }
}

/** Everything that f shows, in order, its result last. */
async function collect(f: () => unknown): Promise<CellOutput[]> {
  const bridge = interactiveKernel();
  const outputs: CellOutput[] = [];
  const keep = (output: CellOutput) => {
    const last = outputs.at(-1);
    if (output.output_type === 'clear_output') outputs.length = 0;
    else if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name)
      last.text = `${last.text}${output.text}`;
    else outputs.push({ ...output });
  };
  try {
    const result = await (bridge ? bridge.capture(keep, async () => f()) : f());
    const data = await bridge?.bundleOf(result);
    if (data) keep({ output_type: 'display_data', data, metadata: {} });
  } catch (error) {
    if (!bridge) throw error; // a script has nowhere to show it
    keep(bridge.errorOf(error));
  }
  return outputs;
}
