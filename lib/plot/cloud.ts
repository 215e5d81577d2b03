/**
 * The reparameterised cloud: the same noise ε, shifted by μ and stretched by σ, while both move. As ε stands still, every point
 * of the cloud moves smoothly, which is why a gradient finds its way through it.
 * @see notebooks/10-training-a-vae.ipynb
 */
import { HostRandom } from '../runtime';
import { checkCount } from './checks';
import type { Figure } from './figure';
import { palette } from './palette';
import { player } from './player';
import { variable } from './slider';
import { type VegaSpec, vegaFigure } from './vega';
import { say, titled } from './words';

/** Mean and standard deviation of both numbers of z. */
export interface Bell {
  mean: readonly [number, number];
  std: readonly [number, number];
}

export interface CloudOptions {
  title?: string;
  /** A point to mark on the right, e.g. where the cloud is wanted. */
  goal?: readonly [number, number];
  count?: number;
  seed?: number;
  /** Both axes of z reach from −reach to reach. */
  reach?: number;
  seconds?: number;
}

/** So many of the points are coloured, so that an eye can follow them. */
const FOLLOWED = 5;

/**
 * Left the noise ε, which never changes; right z = μ + σ·ε for one bell after the other. A slider and a box 'play', no kernel.
 * @param bells what μ and σ are at each step, e.g. while they are trained
 * @example
 * const still: Bell = { mean: [0, 0], std: [1, 1] };
 * await cloudPlot([still, { mean: [1, -1], std: [0.5, 0.5] }])
 */
export async function cloudPlot(bells: readonly Bell[], options: CloudOptions = {}): Promise<Figure> {
  const { title, goal, count = 80, seed = 1, reach = 4, seconds } = options;
  checkCount('steps', bells.length, 2, 1000);
  checkCount('points', count, 1, 2000);
  if (!(reach >= 0.01 && reach < 1e6)) throw new Error(`reach: expected a number from 0.01 to a million, got ${reach}`);
  bells.forEach(({ mean, std }, step) => {
    const fine = [...mean, ...std].every(Number.isFinite) && std.every(v => v >= 0);
    if (!fine)
      throw new Error(
        `step ${step}: expected finite means and standard deviations of 0 or more, got ${[...mean, ...std]}`,
      );
  });
  const film = player({ name: 'step', last: bells.length - 1, value: Math.floor(bells.length / 2), seconds });
  const dice = new HostRandom(seed);
  const noise = Array.from({ length: count }, (_, i) => ({
    e1: round(dice.normal()),
    e2: round(dice.normal()),
    kind: i < FOLLOWED ? i + 1 : 0,
  }));
  const at = (of: (bell: Bell) => number) => `[${bells.map(bell => round(of(bell)))}][${variable('step')}]`;
  const spec: VegaSpec = {
    ...(title ? { title } : {}),
    params: [
      ...film.params,
      { name: 'm1', expr: at(bell => bell.mean[0]) },
      { name: 'm2', expr: at(bell => bell.mean[1]) },
      { name: 's1', expr: at(bell => bell.std[0]) },
      { name: 's2', expr: at(bell => bell.std[1]) },
    ],
    spacing: 40,
    hconcat: [
      panel('noise ε: the same at every step', noise, STILL, reach),
      panel('z = μ + σ·ε', noise, MOVED, reach, goal),
    ],
  };
  const [first, last] = [bells[0], bells[bells.length - 1]].map(said);
  const alt = `${count} points of noise, and the same points as a cloud that moves in ${bells.length - 1} steps from ${first} to ${last}`;
  return vegaFigure(spec, { alt: `${titled(title, alt)}. A slider and a box to play move the steps.` });
}

/** The noise itself stays in e1 and e2: a field that a signal changes must not be computed from itself, or changes add up. */
const STILL = [
  { calculate: 'datum.e1', as: 'a' },
  { calculate: 'datum.e2', as: 'b' },
];
const MOVED = [
  { calculate: 'm1 + s1 * datum.e1', as: 'a' },
  { calculate: 'm2 + s2 * datum.e2', as: 'b' },
];
const round = (value: number): number => Number(value.toFixed(3));
const said = ({ mean, std }: Bell): string =>
  `mean (${mean.map(v => say(v)).join('; ')}), width (${std.map(v => say(v)).join('; ')})`;

function panel(
  title: string,
  values: readonly object[],
  transform: readonly VegaSpec[],
  reach: number,
  goal?: readonly [number, number],
): VegaSpec {
  const axis = (field: string, index: string) => ({
    field,
    type: 'quantitative',
    title: `${transform === MOVED ? 'z' : 'ε'}${index}`,
    scale: { domain: [-reach, reach], nice: false },
  });
  const place = { x: axis('a', '₁'), y: axis('b', '₂') };
  const range = ['#888888', ...palette.slice(0, FOLLOWED)];
  const color = { field: 'kind', type: 'nominal', legend: null, scale: { domain: range.map((_, i) => i), range } };
  const size = { condition: { test: 'datum.kind > 0', value: 110 }, value: 30 };
  const cross = {
    data: { values: goal ? [{ a: goal[0], b: goal[1] }] : [] },
    mark: { type: 'point', shape: 'cross', size: 160, filled: true, color: palette[1] },
    encoding: place,
  };
  const dots = {
    data: { values },
    transform,
    mark: { type: 'point', filled: true, opacity: 1, clip: true },
    encoding: { ...place, color, size },
  };
  return { title: { text: title, fontSize: 13 }, width: 250, height: 250, layer: goal ? [dots, cross] : [dots] };
}
