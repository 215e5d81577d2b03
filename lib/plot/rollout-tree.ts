/** Answers to one question as a tree: what they share is drawn once, and each ends at its reward. */
import { checkCount } from './checks';
import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { ink, palette } from './palette';
import { player } from './player';
import { type VegaSpec, vegaFigure } from './vega';
import { say, titled } from './words';

/** One answer, as the steps that it is made of. */
export interface Branch {
  steps: readonly string[];
  reward: number;
  /** Above 0 where it earned more than the mean of its group. */
  advantage: number;
}
/** The answers at one time, e.g. before training. */
export interface TreeFrame {
  name: string;
  branches: readonly Branch[];
}

interface Node {
  frame: number;
  x: number;
  y: number;
  /** Where the step before stands. */
  x0: number;
  y0: number;
  step: string;
  answers: number;
  /** Means over these answers. */
  reward: number;
  advantage: number;
  /** Empty where no answer ends. */
  label: string;
}

const MOST_BRANCHES = 64;

/**
 * A tree for each time, with a slider over the times. Steps stand from left to right; the thickness of a line says how many
 * answers take it, a filled circle ends an answer that earned more than the mean of its group, an empty one any other, and the
 * number beside it is its advantage. Hover shows the step, how many answers take it, and the means of their rewards and advantages.
 * @see notebooks/22-r1.ipynb
 * @example
 * const answers = [{ steps: ['1 2 ✗', '4 5 ✓'], reward: 1, advantage: 1 }, { steps: ['1 2 ✗'], reward: 0, advantage: -1 }];
 * await rolloutTree([{ name: 'before', branches: answers }, { name: 'after', branches: answers }])
 */
export async function rolloutTree(frames: readonly TreeFrame[], options: ChartOptions = {}): Promise<Figure> {
  checkCount('times of a tree', frames.length, 2, 100);
  for (const { branches } of frames) checkCount('answers of a tree', branches.length, 1, MOST_BRANCHES);
  for (const branch of frames.flatMap(({ branches }) => branches)) checkNumbers(branch);
  const nodes = frames.flatMap(({ branches }, frame) => nodesOf(branches, frame));
  const { params, now } = player({ name: 'time', last: frames.length - 1 });
  const deepest = Math.max(...nodes.map(({ x }) => x));
  const { title, width = 560, height = 380, xTitle = 'step of the answer' } = options;
  const steps = Array.from({ length: deepest + 1 }, (_, step) => step);
  const axis = deepest > 14 ? { tickMinStep: 1 } : { values: steps, format: 'd' };
  const x = { field: 'x', type: 'quantitative', title: xTitle, axis, scale: { nice: false } };
  const y = { field: 'y', type: 'quantitative', axis: null, scale: { domain: [-1, MOST_ROWS], reverse: true } };
  const tooltip = ['step', 'answers', 'reward', 'advantage'].map(field => ({
    field,
    ...(field === 'reward' || field === 'advantage' ? { format: '.2f' } : {}),
  }));
  const circle = (good: boolean): VegaSpec => ({
    transform: [now, { filter: `datum.label && indexof(datum.label, '+') ${good ? '==' : '!='} 0` }],
    mark: { type: 'point', filled: good, size: 60, opacity: 1, color: good ? palette[2] : palette[1] },
    encoding: { x, y, tooltip },
  });
  const spec = {
    ...(title ? { title } : {}),
    width,
    height,
    params,
    data: { values: nodes },
    layer: [
      {
        transform: [now],
        mark: { type: 'rule', color: ink, opacity: 0.7 },
        encoding: {
          x: { ...x, field: 'x0' },
          y: { ...y, field: 'y0' },
          x2: { field: 'x' },
          y2: { field: 'y' },
          strokeWidth: {
            field: 'answers',
            type: 'quantitative',
            scale: { domain: [1, 16], range: [1, 7] },
            legend: null,
          },
          tooltip,
        },
      },
      circle(true),
      circle(false),
      {
        transform: [now, { filter: 'datum.label' }],
        mark: { type: 'text', align: 'left', dx: 8, fontSize: 11 },
        encoding: { x, y, text: { field: 'label' } },
      },
      {
        data: { values: frames.map(({ name }, frame) => ({ frame, name })) },
        transform: [now],
        mark: { type: 'text', align: 'left', x: 4, y: 8, fontSize: 13, fontWeight: 'bold' },
        encoding: { text: { field: 'name' } },
      },
    ],
  };
  const words = frames.map(said).join('; ');
  return vegaFigure(spec, { alt: options.alt ?? `${titled(title, words)}. A slider moves the time.` });
}

/** Rows of the picture; leaves are spread over them. */
const MOST_ROWS = 16;

function said({ name, branches }: TreeFrame): string {
  const good = branches.filter(({ advantage }) => advantage > 0).length;
  const steps = branches.reduce((sum, branch) => sum + branch.steps.length, 0) / branches.length;
  return `${name}: ${say(good)} of ${say(branches.length)} answers above the mean, ${say(steps)} steps on average`;
}

function checkNumbers({ reward, advantage, steps }: Branch): void {
  if (steps.length === 0) throw new Error('an answer of a tree: expected one step or more, got none; leave it out');
  const odd = [reward, advantage].find(value => !Number.isFinite(value));
  if (odd !== undefined) throw new Error(`an answer of a tree: expected a finite reward and advantage, got ${odd}`);
}

const keyOf = (steps: readonly string[], depth: number): string => JSON.stringify(steps.slice(0, depth));

/** Every shared beginning once, leaves one below the other, each step in the middle of what follows it. */
function nodesOf(branches: readonly Branch[], frame: number): Node[] {
  const sorted = [...branches].sort((a, b) =>
    keyOf(a.steps, a.steps.length) < keyOf(b.steps, b.steps.length) ? -1 : 1,
  );
  const row = (i: number) => ((i + 0.5) * MOST_ROWS) / sorted.length - 0.5;
  const beginnings = new Map<string, { own: number[]; depth: number }>(); // which answers share it
  sorted.forEach(({ steps }, i) => {
    for (let depth = 1; depth <= steps.length; depth++) {
      const key = keyOf(steps, depth);
      const shared = beginnings.get(key) ?? { own: [], depth };
      shared.own.push(i);
      beginnings.set(key, shared);
    }
  });
  const middle = (own: readonly number[]) => own.reduce((sum, i) => sum + row(i), 0) / own.length;
  return [...beginnings.values()].map(({ own, depth }) => {
    const { steps } = sorted[own[0]];
    const before = beginnings.get(keyOf(steps, depth - 1));
    const ended = own.filter(i => sorted[i].steps.length === depth);
    const mean = (of: 'reward' | 'advantage', answers = own) =>
      answers.reduce((sum, i) => sum + sorted[i][of], 0) / answers.length;
    return {
      frame,
      x: depth,
      y: middle(own),
      x0: depth - 1,
      y0: before ? middle(before.own) : (MOST_ROWS - 1) / 2,
      step: steps[depth - 1],
      answers: own.length,
      reward: Number(mean('reward').toFixed(2)),
      advantage: Number(mean('advantage').toFixed(2)),
      label: ended.length === 0 ? '' : labelOf(mean('advantage', ended), ended.length),
    };
  });
}

/** '+1.3 × 2': an advantage with its sign, 0 without one, and how many answers end here. */
function labelOf(advantage: number, answers: number): string {
  const sign = advantage > 0 ? '+' : advantage < 0 ? '−' : '';
  return `${sign}${Math.abs(advantage).toFixed(1)}${answers > 1 ? ` × ${answers}` : ''}`;
}
