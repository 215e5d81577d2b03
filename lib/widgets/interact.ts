/**
 * Controls above, the result of a function below; the function runs again whenever a control changes.
 * @see notebooks/00-welcome.ipynb
 */
import { DISPLAY, type MimeBundle } from '../runtime/display';
import { Box, type HasModel, Output } from './containers';
import type { Widget } from './widget';

/** A widget for each name. */
type Controls<Values> = { [Name in keyof Values]: Widget<Values[Name]> };

/** Controls and result. A saved notebook or an export, where no kernel runs, keeps the last result as it is. */
class Interaction extends Box {
  constructor(
    controls: readonly HasModel[],
    readonly output: Output,
  ) {
    super('VBox', [...controls, output]);
  }

  override [DISPLAY](): MimeBundle {
    const results = this.output.outputs.filter(output => output.output_type === 'display_data');
    return { ...super[DISPLAY](), ...(results.at(-1)?.data as MimeBundle | undefined) };
  }
}

/**
 * `interact({ temperature: slider(0.1, 5) }, ({ temperature }) => figure(temperature))`
 *
 * While the function runs, only the newest values wait: dragging never queues up old ones.
 * The returned box shows itself; it is ready when the function has run once.
 * @example await interact({ temperature: slider(0.1, 5) }, ({ temperature }) => `T = ${temperature}`)
 */
export async function interact<Values extends object>(
  controls: Controls<Values>,
  f: (values: Values) => unknown,
): Promise<Box> {
  const output = new Output();
  const widgets = Object.entries(controls as Record<string, Widget<unknown>>);
  const values = () => Object.fromEntries(widgets.map(([name, widget]) => [name, widget.value])) as Values;
  const rerun = latestOnly(() => output.show(() => f(values())));
  for (const [name, widget] of widgets) {
    if (!widget.model.get('description')) widget.model.set({ description: name });
    widget.onChange(() => void rerun());
  }
  await rerun();
  return new Interaction(
    widgets.map(([, widget]) => widget),
    output,
  );
}

/** Runs the task; calls that come while it runs are one more run afterwards. */
export function latestOnly(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async () => {
    do {
      again = false;
      await task();
    } while (again);
  };
  return () => {
    if (running) again = true;
    else {
      running = run().finally(() => {
        running = undefined;
      });
    }
    return running!;
  };
}
