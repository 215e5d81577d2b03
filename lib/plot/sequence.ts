/** Messages between parties, one below the other, to be played one by one. */
import { checkCount } from './checks';
import type { Figure } from './figure';
import type { ChartOptions } from './lines';
import { brief, fitted, wrapped } from './measure';
import { ink, palette } from './palette';
import { player } from './player';
import { type VegaSpec, vegaFigure } from './vega';
import { say, several, titled } from './words';

/** One message. */
export interface Passing {
  from: string;
  to: string;
  /** A few words above its arrow. */
  label: string;
  /** All of it, shown below the diagram while it is the last to have passed. */
  detail?: string;
}

export interface SequenceOptions extends Pick<ChartOptions, 'title' | 'alt'> {
  /** How long it plays. */
  seconds?: number;
}

const [WIDTH, ROW, LINE, LINES] = [600, 34, 15, 9];

/**
 * A sequence diagram: a vertical line for each party, an arrow for each message. The slider or *play* lets them pass one by
 * one; the newest is marked, and its whole text stands below. Hover shows the others'.
 * @param passings in the order in which they passed, 2 to 60
 * @example
 * await sequenceChart([{ from: 'guest', to: 'kitchen', label: 'order' }, { from: 'kitchen', to: 'guest', label: 'dish' }])
 */
export async function sequenceChart(passings: readonly Passing[], options: SequenceOptions = {}): Promise<Figure> {
  checkCount('messages', passings.length, 2, 60);
  const parties = [...new Set(passings.flatMap(({ from, to }) => [from, to]))];
  checkCount('parties', parties.length, 2, 6);
  const selfSent = passings.find(({ from, to }) => from === to);
  if (selfSent)
    throw new Error(`expected a message between two parties, got one from ${brief(selfSent.from)} to itself`);
  const gap = WIDTH / parties.length;
  const place = (party: string) => Math.round(gap * (parties.indexOf(party) + 0.5));
  const bottom = 30 + ROW * passings.length;
  const step = player({ name: 'message', last: passings.length - 1, seconds: options.seconds ?? passings.length });
  const rows = passings.map(({ from, to, label, detail = label }, frame) => ({
    frame,
    from: place(from),
    to: place(to),
    middle: (place(from) + place(to)) / 2,
    y: 30 + ROW * (frame + 0.6),
    label: fitted(label, gap - 16, 12),
    detail: wrapped(detail, WIDTH - 12, LINES, 11).join('\n'),
    right: place(to) > place(from),
  }));
  const fixed = (field: string) => ({ field, type: 'quantitative', scale: null, axis: null });
  const at = { y: fixed('y') };
  const newest = { condition: { test: step.now.filter, value: palette[1] }, value: palette[0] };
  const tooltip = ['label', 'detail'].map(field => ({ field }));
  const head = (right: boolean): VegaSpec => ({
    transform: [step.upTo, { filter: `datum.right == ${right}` }],
    mark: { type: 'point', filled: true, opacity: 1, size: 70, shape: right ? 'triangle-right' : 'triangle-left' },
    encoding: { ...at, x: fixed('to'), color: newest },
  });
  const spec = {
    ...(options.title ? { title: options.title } : {}),
    width: WIDTH,
    height: bottom + LINES * LINE + 16,
    params: step.params,
    config: { view: { stroke: null } },
    data: { values: rows },
    layer: [
      {
        data: {
          values: parties.map(party => ({ party: fitted(party, gap - 16, 14), x: place(party), y: 22, end: bottom })),
        },
        layer: [
          {
            mark: { type: 'rule', color: ink },
            encoding: { x: fixed('x'), y: fixed('y'), y2: { field: 'end' } },
          },
          {
            mark: { type: 'text', fontSize: 14, fontWeight: 'bold', y: 10 },
            encoding: { x: fixed('x'), text: { field: 'party' } },
          },
        ],
      },
      {
        transform: [step.upTo],
        mark: { type: 'rule', strokeWidth: 1.6 },
        encoding: { ...at, x: fixed('from'), x2: { field: 'to' }, color: newest, tooltip },
      },
      head(true),
      head(false),
      {
        transform: [step.upTo],
        mark: { type: 'text', dy: -8, fontSize: 12 },
        encoding: { ...at, x: fixed('middle'), text: { field: 'label' }, tooltip },
      },
      {
        transform: [step.now],
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'top',
          font: 'monospace',
          fontSize: 11,
          lineBreak: '\n',
          lineHeight: LINE,
          x: 6,
          y: bottom + 12,
        },
        encoding: { text: { field: 'detail' } },
      },
    ],
  };
  const said = passings.map(({ from, to, label }) => `${brief(from)} to ${brief(to)}: ${brief(label)}`);
  const words = `${say(passings.length)} messages; ${several(said, 12)}. A slider and a box to play let them pass one by one.`;
  return vegaFigure(spec, { alt: options.alt ?? titled(options.title, words), text: passings.map(textOf).join('\n') });
}

const textOf = ({ from, to, label, detail }: Passing): string =>
  `${brief(from)} → ${brief(to)}  ${brief(label)}${detail ? `\n    ${brief(detail, 400)}` : ''}`;
