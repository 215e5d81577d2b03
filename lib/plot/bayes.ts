import type { Figure } from './figure';
import { brief } from './measure';
import { ink, palette } from './palette';
import { type VegaSpec, vegaFigure } from './vega';
import { say } from './words';

export interface BayesSquareOptions {
  /** Names of the hypothesis, of its opposite and of the evidence. */
  hypothesis: string;
  opposite: string;
  evidence: string;
  /** P(hypothesis), P(evidence | hypothesis), P(evidence | opposite): where the three sliders start. */
  prior: number;
  ifTrue: number;
  ifFalse: number;
}

const [YES, NO, PALE_YES, PALE_NO] = [palette[0], palette[1], '#A9C9DF', '#F0C6A8'];

/**
 * Bayes' rule as a picture: a square whose area is 1, cut by the prior (upright) and the likelihoods (across); what is left of
 * it when the evidence is seen; and the two remaining areas on a balance. Three sliders, which need no kernel.
 * @see notebooks/03-bayes.ipynb
 * @example await bayesSquare({ hypothesis: 'rain', opposite: 'dry', evidence: 'clouds', prior: 0.2, ifTrue: 0.9, ifFalse: 0.3 })
 */
export async function bayesSquare(options: BayesSquareOptions): Promise<Figure> {
  const { prior, ifTrue, ifFalse } = options;
  const [hypothesis, opposite, evidence] = [options.hypothesis, options.opposite, options.evidence].map(name =>
    brief(name),
  );
  for (const [name, p] of Object.entries({ prior, ifTrue, ifFalse }))
    if (!(p > 0 && p < 1)) throw new Error(`${name}: expected a probability between 0 and 1, got ${p}`);
  const slider = (name: string, value: number, label: string) => ({
    name,
    value,
    bind: { input: 'range', min: 0.01, max: 0.99, step: 0.01, name: `${label} ` },
  });
  const spec: VegaSpec = {
    params: [
      slider('prior', prior, `P(${hypothesis})`),
      slider('hit', ifTrue, `P(${evidence} | ${hypothesis})`),
      slider('alarm', ifFalse, `P(${evidence} | ${opposite})`),
    ],
    spacing: 36,
    hconcat: [square(options), remaining(options), balance(options)],
  };
  const [yes, no] = [prior * ifTrue, (1 - prior) * ifFalse];
  const alt =
    `A unit square cut into four areas: ${hypothesis} with ${evidence} ${say(yes)}, ${opposite} with ${evidence} ${say(no)}, and the rest. ` +
    `Of the ${say(yes + no)} with ${evidence}, ${hypothesis} has ${say((100 * yes) / (yes + no))} %. A balance with both areas tips towards ` +
    `${yes > no ? hypothesis : opposite}. Sliders move the prior and both likelihoods.`;
  return vegaFigure(spec, { alt });
}

/** Four rectangles; those with evidence lie at the bottom in strong colours. */
function square({ hypothesis, opposite, evidence }: BayesSquareOptions): VegaSpec {
  const values = [
    { yes: 1, seen: 1, colour: YES },
    { yes: 1, seen: 0, colour: PALE_YES },
    { yes: 0, seen: 1, colour: NO },
    { yes: 0, seen: 0, colour: PALE_NO },
  ];
  const height = '(datum.yes ? hit : alarm)';
  const transform = [
    { calculate: 'datum.yes ? 0 : prior', as: 'left' },
    { calculate: 'datum.yes ? prior : 1', as: 'right' },
    { calculate: `datum.seen ? 0 : ${height}`, as: 'low' },
    { calculate: `datum.seen ? ${height} : 1`, as: 'high' },
    { calculate: '(datum.right - datum.left) * (datum.high - datum.low)', as: 'area' },
    { calculate: '(datum.left + datum.right) / 2', as: 'middle' },
    { calculate: '(datum.low + datum.high) / 2', as: 'centre' },
  ];
  const unit = { domain: [0, 1], nice: false };
  const x = { field: 'left', type: 'quantitative', scale: unit, title: `${hypothesis} | ${opposite}` };
  const y = { field: 'low', type: 'quantitative', scale: unit, title: `${evidence} (below) or not` };
  const areas = {
    mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 2 },
    encoding: { x, x2: { field: 'right' }, y, y2: { field: 'high' }, color: { field: 'colour', scale: null } },
  };
  const numbers = {
    transform: [{ filter: 'datum.area > 0.015' }],
    mark: { type: 'text' },
    encoding: {
      x: { ...x, field: 'middle' },
      y: { ...y, field: 'centre' },
      text: { field: 'area', format: '.3~f' },
      color: { condition: { test: 'datum.seen && datum.yes', value: '#ffffff' }, value: '#000000' },
    },
  };
  return { width: 240, height: 240, data: { values }, transform, layer: [areas, numbers] };
}

/** What is left when the evidence is seen: one column of height 1. */
function remaining({ hypothesis, opposite, evidence }: BayesSquareOptions): VegaSpec {
  const share = 'prior * hit / (prior * hit + (1 - prior) * alarm)';
  const values = [
    { yes: 1, name: hypothesis, colour: YES },
    { yes: 0, name: opposite, colour: NO },
  ];
  const transform = [
    { calculate: `datum.yes ? 0 : ${share}`, as: 'low' },
    { calculate: `datum.yes ? ${share} : 1`, as: 'high' },
    { calculate: '(datum.low + datum.high) / 2', as: 'centre' },
    { calculate: "datum.name + ' ' + format(datum.high - datum.low, '.1%')", as: 'words' },
  ];
  const y = { field: 'low', type: 'quantitative', scale: { domain: [0, 1] }, title: `P( … | ${evidence})` };
  const bar = {
    mark: { type: 'bar', width: 96 },
    encoding: { y, y2: { field: 'high' }, color: { field: 'colour', scale: null } },
  };
  const words = {
    mark: { type: 'text', limit: 130 },
    encoding: {
      y: { ...y, field: 'centre' },
      text: { field: 'words' },
      color: { condition: { test: 'datum.yes', value: '#ffffff' }, value: '#000000' },
    },
  };
  return { width: 100, height: 240, data: { values }, transform, layer: [bar, words] };
}

/** A beam with a weight on each side: the two areas that are left. */
function balance({ hypothesis, opposite }: BayesSquareOptions): VegaSpec {
  const tilt = '0.35 * atan(1.2 * log(prior * hit / ((1 - prior) * alarm)))'; // heavier side down
  const values = [
    { x: -1, name: opposite, colour: NO },
    { x: 1, name: hypothesis, colour: YES },
  ];
  const transform = [
    { calculate: `-datum.x * ${tilt}`, as: 'y' },
    { calculate: 'datum.x > 0 ? prior * hit : (1 - prior) * alarm', as: 'weight' },
    { calculate: "datum.name + ' ' + format(datum.weight, '.3~f')", as: 'words' },
  ];
  const x = { field: 'x', type: 'quantitative', scale: { domain: [-1.5, 1.5] }, axis: null };
  const y = { field: 'y', type: 'quantitative', scale: { domain: [-1, 1] }, axis: null };
  const color = { field: 'colour', scale: null };
  const size = { field: 'weight', type: 'quantitative', scale: { domain: [0, 1], range: [0, 6000] }, legend: null };
  const foot = { data: { values: [{ x: 0, y: 0 }] }, encoding: { x, y } };
  return {
    width: 240,
    height: 240,
    data: { values },
    transform,
    layer: [
      {
        ...foot,
        mark: { type: 'point', shape: 'triangle-up', size: 900, filled: true, opacity: 1, color: ink, yOffset: 14 },
      },
      { mark: { type: 'line', strokeWidth: 5, color: ink }, encoding: { x, y } },
      { mark: { type: 'circle', opacity: 1 }, encoding: { x, y, color, size } },
      { mark: { type: 'text', dy: -52, fontWeight: 600, limit: 150 }, encoding: { x, y, text: { field: 'words' } } },
    ],
  };
}
