/** The chart of docs/compile.md, from the rows that `npm run bench -- --json FILE` keeps. */
import { ink, palette, type VegaSpec, vegaFigure } from '../../lib/plot';
import { COMPARED, REFERENCES, type Reference } from './compared';
import type { Row } from './report';

interface Bar {
  task: string;
  reference: string;
  ratio: number;
}

/** Our time ÷ that of each reference, for each task. */
export function bars(rows: Row[]): Bar[] {
  return rows.flatMap(({ name, metric, ratio }) => {
    const [, reference] = /^ms per step, \S+ \/ (\S+)$/.exec(metric) ?? [];
    const known = Object.hasOwn(REFERENCES, reference ?? '') && COMPARED[name];
    return known ? [{ task: COMPARED[name].short, reference: REFERENCES[reference as Reference], ratio }] : [];
  });
}

/** What the chart shows, in words. */
export function altText(rows: Row[]): string {
  const said = Object.values(REFERENCES).flatMap(reference => {
    const ratios = bars(rows).filter(bar => bar.reference === reference);
    const each = ratios.map(({ task, ratio }) => `${task} ${ratio.toFixed(2)}`);
    return each.length > 0 ? [`against ${reference}: ${each.join(', ')}`] : [];
  });
  return `Bars: time of our fastest compiled step divided by that of the same step elsewhere; below 1 ours is faster; ${said.join('; ')}.`;
}

/** SVG source. */
export async function ratioChart(rows: Row[]): Promise<string> {
  const values = bars(rows);
  if (values.length === 0)
    throw new Error('no row compares a step with PyTorch or Keras; run npm run bench -- --json FILE first');
  const figure = await vegaFigure(spec(values), { alt: altText(rows) });
  return figure.svg!;
}

/** Numbers stand above their bars, and clear of the line at 1. */
const CLEAR = 'datum.ratio > 0.94 && datum.ratio < 1 ? -14 : -8';

function spec(values: Bar[]): VegaSpec {
  const present = Object.values(REFERENCES).filter(name => values.some(({ reference }) => reference === name));
  const tasks = [...new Set(values.map(({ task }) => task))];
  const place = { field: 'task', type: 'nominal', sort: tasks, title: null, axis: { ticks: false, domain: false } };
  const top = 1.1 * Math.max(1, ...values.map(({ ratio }) => ratio));
  const height = { field: 'ratio', type: 'quantitative', title: 'time ratio', scale: { domain: [0, top] } };
  const beside = { field: 'reference', sort: present };
  const scale = { domain: present, range: palette.slice(0, present.length) };
  const legend = { title: null, symbolType: 'square', symbolSize: 110, columns: present.length };
  return {
    title: { text: 'Our step ÷ the same step elsewhere: below 1, ours is faster' },
    width: Math.max(420, 144 * tasks.length),
    height: 300,
    data: { values },
    encoding: { x: place, y: { ...height, axis: { tickCount: 6, format: '.1f' } } },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: { xOffset: beside, color: { field: 'reference', type: 'nominal', scale, legend } },
      },
      {
        mark: { type: 'text', dy: { expr: CLEAR }, fontSize: 11, color: ink },
        encoding: { xOffset: beside, text: { field: 'ratio', format: '.2f' } },
      },
      {
        data: { values: [{ ratio: 1 }] },
        mark: { type: 'rule', strokeDash: [5, 4], strokeWidth: 1.5, color: ink },
        encoding: { x: null, y: { datum: 1, type: 'quantitative' } },
      },
    ],
  };
}
