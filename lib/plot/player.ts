/** Charts that play: a slider over the frames and a box that moves it, both inside the chart, so they need no kernel. */
import { checkCount } from './checks';
import { playable, variable } from './slider';
import type { VegaSpec } from './vega';

export interface PlayerOptions {
  /** What a frame is, beside the slider: 'step', 'batch'. */
  name?: string;
  /** Frames are numbered 0 to `last`. */
  last: number;
  /** Shown first, and in still pictures; default the last one, which for a path shows all of it. */
  value?: number;
  /** How long it plays from the first frame to the last. */
  seconds?: number;
}

/** Parts of a Vega-Lite specification whose rows carry a field `frame`. */
export interface Player {
  /** For `params` at the top of the specification. */
  params: VegaSpec[];
  /** A transform that keeps the rows of the frame shown … */
  now: VegaSpec;
  /** … or those of all frames up to it: a path that grows. */
  upTo: VegaSpec;
}

/**
 * Frames for `vegaFigure`. Nothing moves until the reader ticks 'play', frames follow each other without a transition, and
 * the slider takes the place of playing for readers who want no motion. At the end it stops; ticked again, it starts anew.
 * @example
 * const step = player({ name: 'step', last: 60 });
 * step.params // beside data, mark and encoding of a Vega-Lite specification; step.upTo is its transform
 */
export function player({ name = 'frame', last, value = last, seconds = 6 }: PlayerOptions): Player {
  checkCount('last', last, 1, 1000);
  checkCount('value', value, 0, last);
  const frame = variable(name);
  return {
    params: playable({ name, min: 0, max: last, step: 1, value, seconds }),
    now: { filter: `datum.frame == ${frame}` },
    upTo: { filter: `datum.frame <= ${frame}` },
  };
}
