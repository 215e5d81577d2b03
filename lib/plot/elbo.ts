import { LinearGaussian, MultivariateNormal } from '../probability';
import type { Figure } from './figure';
import { palette, textOn } from './palette';
import { player } from './player';
import { variable } from './slider';
import { type VegaSpec, vegaFigure } from './vega';
import { say } from './words';

export interface ElboOptions {
  /** One latent, one number seen: x | z ~ N(weight·z, std²), z ~ N(0, 1). */
  weight: number;
  std: number;
  x: number;
  /** Where the sliders of q(z|x) = N(mean, width²) start. */
  mean: number;
  width: number;
  /** Lowest value drawn, in nats. */
  floor: number;
}

const [GUESS, GAP, PRIOR, TRUTH] = [palette[0], palette[1], palette[6], palette[2]];
/** Steps of the way from the first guess to the posterior. */
const CLIMB = 40;
const LOG_2PI = Math.log(2 * Math.PI);

/**
 * The guess q beside the true posterior, and what follows from it: ELBO and gap as two bars on top of each other, which
 * together always reach log p(x). Two sliders move q by hand; a third, with a box to play, leads it to the posterior. No kernel.
 * @see notebooks/09-elbo.ipynb
 * @example await elboChart({ weight: 1, std: 1, x: 1, mean: 0, width: 1, floor: -6 })
 */
export async function elboChart(options: ElboOptions): Promise<Figure> {
  const { weight, std, x, mean, width, floor } = options;
  for (const [name, value] of Object.entries({ weight, x, mean, floor }))
    if (!(Math.abs(value) <= 1e4))
      throw new Error(`${name}: expected a number between -10,000 and 10,000, got ${value}`);
  for (const [name, value] of Object.entries({ std, width }))
    if (!(value >= 1e-3 && value <= 1e3))
      throw new Error(`${name}: expected a standard deviation between 0.001 and 1,000, got ${value}`);
  const model = new LinearGaussian([[weight]], [0], [std]);
  const truth = model.posterior([x]);
  const [logP, mu, sd] = [model.evidence.logProb([x]), truth.mean[0], Math.sqrt(truth.covariance[0][0])];
  if (!(floor < logP)) throw new Error(`floor: expected a number below log p(x) = ${say(logP)}, got ${floor}`);
  const climb = player({ name: 'way', last: CLIMB, value: 0 });
  /** A slider that also follows the way from where q stands at first to the posterior. */
  const range = (name: string, [value, end]: number[], [min, max]: number[], label: string) => ({
    name,
    value,
    bind: { input: 'range', min, max, step: 0.05, name: label },
    on: [{ events: { signal: variable('way') }, update: `${value} + ${end - value} * ${variable('way')} / ${CLIMB}` }],
  });
  const spec: VegaSpec = {
    params: [
      range('m', [mean, mu], [-1, 3], 'mean of q '),
      range('s', [width, sd], [0.1, 1.5], 'width of q '),
      ...climb.params,
    ],
    spacing: 40,
    resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
    hconcat: [densities(mu, sd), bars(options, { logP, mu, sd })],
  };
  const { elbo } = model.bound([x], MultivariateNormal.diagonal([mean], [width]));
  const alt =
    `Left: the guess q with mean ${say(mean)} and width ${say(width)}, the true posterior with mean ${say(mu)} and width ${say(sd)}, and the prior. ` +
    `Right: ELBO ${say(elbo)} and the gap KL(q‖p(z|x)) ${say(logP - elbo)} stand on each other and reach log p(x) = ${say(logP)}; ` +
    `the bars are drawn from ${say(floor)} upwards. Sliders move mean and width of q, and a box to play leads q to the posterior; the sum stays.`;
  return vegaFigure(spec, { alt });
}

/** Three bells over z. */
function densities(mu: number, sd: number): VegaSpec {
  const bell = (m: string, s: string) => `exp(-0.5 * pow((datum.z - ${m}) / ${s}, 2)) / (${s} * sqrt(2 * PI))`;
  const curves: [string, string, string][] = [
    ['q(z|x), the guess', bell('m', 's'), GUESS],
    ['p(z|x), the truth', bell(String(mu), String(sd)), TRUTH],
    ['p(z), the prior', bell('0', '1'), PRIOR],
  ];
  const scale = { domain: curves.map(([name]) => name), range: curves.map(([, , colour]) => colour) };
  const dash = {
    domain: scale.domain,
    range: [
      [1, 0],
      [7, 3],
      [2, 2],
    ],
  };
  return {
    width: 330,
    height: 260,
    data: { sequence: { start: -3, stop: 4.01, step: 0.05, as: 'z' } },
    transform: [
      ...curves.map(([as, calculate]) => ({ calculate, as })),
      { fold: curves.map(([name]) => name), as: ['curve', 'density'] },
    ],
    mark: { type: 'line', clip: true },
    encoding: {
      x: { field: 'z', type: 'quantitative', scale: { domain: [-3, 4], nice: false } },
      y: { field: 'density', type: 'quantitative', scale: { domain: [0, 1.5] } },
      color: { field: 'curve', type: 'nominal', scale, legend: { title: null, columns: 1 } },
      strokeDash: { field: 'curve', type: 'nominal', scale: dash, legend: { title: null, columns: 1 } },
    },
  };
}

/** ELBO and gap, each by its own formula, stacked; the rule is log p(x). */
function bars({ weight, std, x, floor }: ElboOptions, { logP, mu, sd }: { logP: number; mu: number; sd: number }) {
  const blur = `(pow(${x} - ${weight} * m, 2) + ${weight ** 2} * s * s) / ${2 * std ** 2}`;
  const reconstruction = `(${-0.5 * LOG_2PI - Math.log(std)} - ${blur})`;
  const kl = '0.5 * (m * m + s * s - 2 * log(s) - 1)';
  const gap = `(log(${sd} / s) + (s * s + pow(m - ${mu}, 2)) / ${2 * sd ** 2} - 0.5)`;
  const y = { type: 'quantitative', scale: { domain: [floor, Math.ceil(logP) + 1], nice: false } };
  const colour = { domain: ['ELBO', 'gap: KL(q‖p(z|x))'], range: [GUESS, GAP] };
  const base = {
    data: { values: [{ part: colour.domain[0] }, { part: colour.domain[1] }] },
    transform: [
      { calculate: `${reconstruction} - ${kl}`, as: 'elbo' },
      { calculate: gap, as: 'gap' },
      { calculate: `max(${floor}, datum.elbo)`, as: 'middle' },
      { calculate: `datum.part == 'ELBO' ? ${floor} : datum.middle`, as: 'low' },
      { calculate: `datum.part == 'ELBO' ? datum.middle : datum.elbo + datum.gap`, as: 'high' },
      { calculate: `datum.part == 'ELBO' ? datum.elbo : datum.gap`, as: 'value' },
      { calculate: '(datum.low + datum.high) / 2', as: 'centre' },
    ],
  };
  const bar = {
    ...base,
    mark: { type: 'bar', width: 120, tooltip: true, clip: true },
    encoding: {
      y: { ...y, field: 'low', title: 'nats' },
      y2: { field: 'high' },
      color: { field: 'part', type: 'nominal', scale: colour, legend: { title: null, columns: 1 } },
    },
  };
  const numbers = {
    ...base,
    transform: [...base.transform, { filter: 'datum.high - datum.low > 0.5' }],
    mark: { type: 'text', fontWeight: 600 },
    encoding: {
      y: { ...y, field: 'centre' },
      text: { field: 'value', format: '.3f' },
      color: { condition: { test: "datum.part == 'ELBO'", value: textOn(GUESS) }, value: textOn(GAP) },
    },
  };
  const rule = {
    data: { values: [{ logP, says: `log p(x) = ${logP.toFixed(3)}` }] },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2, strokeDash: [6, 3] }, encoding: { y: { ...y, field: 'logP' } } },
      { mark: { type: 'text', dy: -9 }, encoding: { y: { ...y, field: 'logP' }, text: { field: 'says' } } },
    ],
  };
  return { width: 200, height: 260, layer: [bar, numbers, rule] };
}
