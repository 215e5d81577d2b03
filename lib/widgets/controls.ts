/** The controls that lessons use. Each is a `Widget` with a `.value`. */
import { Widget, WidgetModel } from './widget';

interface Common {
  /** Text to the left of the control. */
  label?: string;
  disabled?: boolean;
}

interface Sliding extends Common {
  step?: number;
  /** Report while dragging (default), or only when the mouse is let go. */
  whileDragging?: boolean;
}

/** Without a tooltip of its own a label would show *null* when it is pointed at. */
const common = ({ label = '', disabled = false }: Common) => ({ description: label, disabled, tooltip: '' });

const single = <T>(name: string, model: WidgetModel) =>
  new Widget<T>(
    model,
    name,
    value => ({ value }),
    from => from.get('value') as T,
  );

function sliding(min: number, max: number, options: Sliding) {
  if (!(min < max)) throw new Error(`slider from ${min} to ${max}: expected the smaller number first`);
  const whole =
    Number.isInteger(min) && Number.isInteger(max) && Number.isInteger(options.step ?? (max - min >= 10 ? 1 : 0.1));
  const step = options.step ?? (whole ? 1 : (max - min) / 100);
  const readout = whole ? 'd' : step < 0.01 ? '.3f' : '.2f';
  const continuous_update = options.whileDragging ?? true;
  return {
    whole,
    state: { ...common(options), min, max, step, readout: true, readout_format: readout, continuous_update },
  };
}

/**
 * A number from `min` to `max`; whole numbers where bounds and step are whole and at least ten apart.
 * @example slider(0.1, 5, { value: 1, label: 'temperature' }).value // → 1
 */
export function slider(min: number, max: number, options: Sliding & { value?: number } = {}): Widget<number> {
  const { whole, state } = sliding(min, max, options);
  const kind = whole ? 'IntSlider' : 'FloatSlider';
  const value = options.value ?? min;
  return single('slider', new WidgetModel({ model: `${kind}Model`, view: `${kind}View` }, { ...state, value }));
}

/**
 * Two numbers, low and high, on one slider.
 * @example range(0, 10).value // → [0, 10]
 */
export function range(
  min: number,
  max: number,
  options: Sliding & { value?: [number, number] } = {},
): Widget<[number, number]> {
  const { whole, state } = sliding(min, max, options);
  const kind = whole ? 'IntRangeSlider' : 'FloatRangeSlider';
  const value = options.value ?? [min, max];
  return single('range', new WidgetModel({ model: `${kind}Model`, view: `${kind}View` }, { ...state, value }));
}

/**
 * One of several values; their text is shown.
 * @example dropdown(['relu', 'tanh']).value // → relu
 */
export function dropdown<T>(choices: readonly T[], options: Common & { value?: T } = {}): Widget<T> {
  if (choices.length === 0) throw new Error('dropdown without choices: expected a list of at least one value');
  const indexOf = (value: T) => {
    const index = choices.indexOf(value);
    if (index < 0) throw new Error(`dropdown: ${String(value)} is not among ${choices.map(String).join(', ')}`);
    return index;
  };
  const index = options.value === undefined ? 0 : indexOf(options.value);
  const state = { ...common(options), _options_labels: choices.map(String), index };
  const model = new WidgetModel({ model: 'DropdownModel', view: 'DropdownView' }, state);
  return new Widget(
    model,
    'dropdown',
    value => ({ index: indexOf(value) }),
    from => choices[from.get('index') as number],
  );
}

/**
 * @example checkbox(true, { label: 'noise' }).value // → true
 */
export function checkbox(value = false, options: Common = {}): Widget<boolean> {
  const state = { ...common(options), value, indent: false };
  return single('checkbox', new WidgetModel({ model: 'CheckboxModel', view: 'CheckboxView' }, state));
}

/**
 * @example text('a red fox', { label: 'prompt' }).value // → a red fox
 */
export function text(
  value = '',
  options: Common & { placeholder?: string; whileTyping?: boolean } = {},
): Widget<string> {
  const state = {
    ...common(options),
    value,
    placeholder: options.placeholder ?? '',
    continuous_update: options.whileTyping ?? false,
  };
  return single('text', new WidgetModel({ model: 'TextModel', view: 'TextView' }, state));
}

/**
 * Calls `onClick` at each click; its value counts them.
 * @example button('again', () => console.log('clicked')).value // → 0
 */
export function button(label: string, onClick?: () => void, options: { disabled?: boolean } = {}): Widget<number> {
  const model = new WidgetModel(
    { model: 'ButtonModel', view: 'ButtonView' },
    { description: label, disabled: options.disabled ?? false, button_style: '', icon: '', tooltip: '' },
  );
  let clicks = 0;
  model.onCustom(content => {
    if ((content as { event?: string }).event !== 'click') return;
    clicks++;
    onClick?.();
  });
  return new Widget<number>(
    model,
    `button ${label}`,
    count => {
      clicks = count;
      return {};
    },
    () => clicks,
  );
}

/**
 * A bar from 0 to `max`.
 * @example progress(100).value // → 0
 */
export function progress(max = 1, options: { label?: string } = {}): Widget<number> {
  const state = { description: options.label ?? '', min: 0, max, value: 0, bar_style: '', orientation: 'horizontal' };
  return single('progress', new WidgetModel({ model: 'FloatProgressModel', view: 'ProgressView' }, state));
}
