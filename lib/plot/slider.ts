/** Sliders inside a chart, and the box that moves them by itself: both are part of the chart, so they need no kernel. */
import type { VegaSpec } from './vega';

/** A slider below a chart; it needs no kernel, so it also works in an exported page. */
export interface Slider {
  name: string;
  min: number;
  max: number;
  step: number;
  value: number;
  /** With it a box 'play' stands beside the slider and moves it from min to max in so many seconds. */
  seconds?: number;
}

/** The slider's variable in the chart: its name with other signs than Latin letters and digits made '_'. */
export const variable = (name: string): string => `p_${name.replace(/[^A-Za-z0-9]/g, '_')}`;

/**
 * A Vega-Lite parameter bound to a slider; its variable is the slider's name with other signs than Latin letters and digits made '_'.
 * @example sliderParam({ name: 'p', min: 0, max: 1, step: 0.1, value: 0.5 })
 */
export const sliderParam = ({ name, min, max, step, value }: Slider): VegaSpec => ({
  name: variable(name),
  value,
  bind: { input: 'range', min, max, step, name: `${name} ` },
});

/** Frames a second of a browser's own timer at the most. */
const SHORTEST_BEAT = 40;

/**
 * The parameters of a slider that can play. Nothing moves until the reader ticks 'play'; at the end it stops; ticked again,
 * it starts anew. The slider alone shows the same, for readers who want no motion.
 * @throws where `seconds` is no time
 * @example playable({ name: 'step', min: 0, max: 60, step: 1, value: 60, seconds: 6 })
 */
export function playable(slider: Slider & { seconds: number }): VegaSpec[] {
  const { min, max, step, seconds } = slider;
  if (!(seconds > 0))
    throw new Error(`expected seconds above 0, got ${seconds}; a film of 6 seconds is easy to follow`);
  const at = variable(slider.name);
  const [play, end] = [`${at}_plays`, Number.isInteger(max) && Number.isInteger(step) ? max : max - step / 2];
  const beat = { type: 'timer', throttle: Math.max(SHORTEST_BEAT, Math.round((1000 * seconds * step) / (max - min))) };
  const next = `${play} ? (${at} >= ${end} ? ${min} : ${at} + ${step}) : ${at}`;
  return [
    { ...sliderParam(slider), on: [{ events: beat, update: next }] },
    {
      name: play,
      value: false,
      bind: { input: 'checkbox', name: 'play ' },
      on: [{ events: { signal: at }, update: `${at} < ${end} && ${play}` }],
    },
  ];
}
