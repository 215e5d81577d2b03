import { escapeXml } from '../runtime/html';
import { type Figure, staticFigure } from './figure';
import { type Box, type Edge, type Layout, layOut, type Placed, type Route } from './layout';
import { fontFamily, ink, palette, textOn } from './palette';
import { finishSvg, round } from './svg';
import { list } from './words';

/** A node's words (lines separated by \n), its shape and the palette colour of its fill. */
export interface FlowNode {
  label: string;
  shape?: 'box' | 'round' | 'diamond';
  /** Index into `palette`; default by shape. */
  colour?: number;
}
export interface FlowChart {
  title?: string;
  /** Nodes by id; a bare string is the label of a box. */
  nodes: Record<string, string | FlowNode>;
  /** [from, to] or [from, to, label]. */
  edges: readonly Edge[];
  /** Where the flow goes; default down. */
  direction?: 'down' | 'right';
  alt?: string;
}

const LINE = 18;
const COLOURS = { box: 0, round: 2, diamond: 1 } as const;
const WIDE = /[\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/;

/**
 * A flow chart, laid out here: boxes, decisions, loops. Its text form is Mermaid source, to paste elsewhere.
 * @example flowChart({ nodes: { x: 'image x', e: 'encoder', done: { label: 'converged?', shape: 'diamond' } }, edges: [['x', 'e'], ['e', 'done'], ['done', 'e', 'no']] })
 */
export function flowChart(chart: FlowChart): Figure {
  const nodes = new Map(Object.entries(chart.nodes).map(([id, n]) => [id, typeof n === 'string' ? { label: n } : n]));
  for (const [from, to] of chart.edges) {
    for (const id of [from, to]) {
      if (!nodes.has(id))
        throw new Error(`edge ${from} → ${to}: no node '${id}'; there are ${[...nodes.keys()].join(', ')}`);
    }
  }
  const boxes = new Map([...nodes].map(([id, node]) => [id, sizeOf(node)]));
  const layout = layOut(boxes, chart.edges, chart.direction === 'right');
  const alt = chart.alt ?? flowAlt(nodes, chart);
  const svg = finishSvg(draw(nodes, layout, chart), { title: chart.title, alt });
  return staticFigure({ svg }, alt, `${alt}\n\n${mermaid(nodes, chart)}`);
}

const textWidth = (text: string): number => [...text].reduce((w, c) => w + (WIDE.test(c) ? 14 : 7.8), 0);

function sizeOf({ label, shape }: FlowNode): Box {
  const lines = label.split('\n');
  const [width, height] = [Math.max(...lines.map(textWidth)) + 26, lines.length * LINE + 18];
  return shape === 'diamond' ? { width: width * 1.35 + 10, height: height * 1.7 } : { width, height };
}

function flowAlt(nodes: ReadonlyMap<string, FlowNode>, { title, edges }: FlowChart): string {
  const name = (id: string) => (nodes.get(id) as FlowNode).label.replace(/\n/g, ' ');
  const said = edges.map(([from, to, label]) => `${name(from)} → ${name(to)}${label ? ` (${label})` : ''}`);
  return `${title ? `${title}: flow` : 'Flow'} chart: ${list(said)}.`;
}

/** The same chart as Mermaid source. */
function mermaid(nodes: ReadonlyMap<string, FlowNode>, { edges, direction }: FlowChart): string {
  const key = new Map([...nodes.keys()].map((id, i) => [id, `n${i}`]));
  const brackets = { box: ['[', ']'], round: ['([', '])'], diamond: ['{', '}'] };
  const shown = [...nodes].map(([id, { label, shape = 'box' }]) => {
    const [open, close] = brackets[shape];
    return `  ${key.get(id)}${open}"${label.replace(/\n/g, '<br>').replace(/"/g, "'")}"${close}`;
  });
  const arrows = edges.map(
    ([from, to, label]) => `  ${key.get(from)} -->${label ? `|"${label}"|` : ''} ${key.get(to)}`,
  );
  return [`flowchart ${direction === 'right' ? 'LR' : 'TD'}`, ...shown, ...arrows].join('\n');
}

function draw(nodes: ReadonlyMap<string, FlowNode>, layout: Layout, { title, direction }: FlowChart): string {
  const sideways = direction === 'right';
  const arrows = courses(layout, sideways);
  const { left, top, right, bottom } = frame(layout, arrows, title);
  const shapes = [...nodes].map(([id, node]) => shape(node, layout.nodes.get(id) as Placed));
  const head = `<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0,0L10,5L0,10z" fill="${ink}"/></marker></defs>`;
  const caption = title
    ? `<text x="${round(left + 4)}" y="${round(top + 20)}" font-size="16" fill="${ink}">${escapeXml(title)}</text>`
    : '';
  const size = `width="${round(right - left)}" height="${round(bottom - top)}" viewBox="${[left, top, right - left, bottom - top].map(round).join(' ')}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family='${fontFamily}' font-size="14">${head}${caption}${arrows.map(arrow).join('')}${shapes.join('')}</svg>`;
}

/** A rectangle that something takes up. */
interface Extent {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const extentOf = ({ x, y, width, height }: Placed): Extent => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2,
});

/** What an arrow takes up, its label included. */
function extentsOf({ label, at: [x, y], anchor, stops }: Course): Extent[] {
  const lines = stops.map(([sx, sy]) => ({ left: sx, right: sx, top: sy, bottom: sy }));
  if (!label) return lines;
  const width = textWidth(label);
  const left = x - { start: 0, middle: width / 2, end: width }[anchor];
  return [...lines, { left, right: left + width, top: y - 13, bottom: y + 4 }];
}

const union = (extents: Extent[]): Extent => ({
  left: Math.min(...extents.map(e => e.left)),
  right: Math.max(...extents.map(e => e.right)),
  top: Math.min(...extents.map(e => e.top)),
  bottom: Math.max(...extents.map(e => e.bottom)),
});

/** The picture's edges: everything drawn, with a margin, and room for the title. */
function frame(layout: Layout, arrows: Course[], title = ''): Extent {
  const { left, right, top, bottom } = union(
    [...layout.nodes.values()].map(extentOf).concat(arrows.flatMap(extentsOf)),
  );
  const wide = title ? left + 8 + (textWidth(title) * 16) / 14 : right;
  return { left: left - 12, right: Math.max(right, wide) + 12, top: top - (title ? 42 : 12), bottom: bottom + 12 };
}

/** A filled shape with its words; the fill is solid, so that it looks the same on light and dark pages. */
function shape(
  { label, shape: kind = 'box', colour = COLOURS[kind] }: FlowNode,
  { x, y, width, height }: Placed,
): string {
  const fill = palette[colour % palette.length];
  const [w, h] = [width / 2, height / 2];
  const outline =
    kind === 'diamond'
      ? `<path d="M${round(x)},${round(y - h)}L${round(x + w)},${round(y)}L${round(x)},${round(y + h)}L${round(x - w)},${round(y)}Z" fill="${fill}"/>`
      : `<rect x="${round(x - w)}" y="${round(y - h)}" width="${round(width)}" height="${round(height)}" rx="${kind === 'round' ? round(h) : 6}" fill="${fill}"/>`;
  const lines = label.split('\n');
  const words = lines.map((line, i) => {
    const at = y + (i - (lines.length - 1) / 2) * LINE + 5;
    return `<text x="${round(x)}" y="${round(at)}" text-anchor="middle" fill="${textOn(fill)}">${escapeXml(line)}</text>`;
  });
  return outline + words.join('');
}

type Spot = readonly [x: number, y: number];
/** The course of an arrow, the points it passes, its label and where that stands. */
interface Course {
  path: string;
  stops: readonly Spot[];
  at: Spot;
  anchor: 'start' | 'middle' | 'end';
  label?: string;
}

/** Lines from border to border; those that close a loop go around everything else on one side. */
function courses(layout: Layout, sideways: boolean): Course[] {
  const [nodes, boxes] = [layout.nodes, [...layout.nodes.values()]];
  const ends = ({ from, to }: Route) => [nodes.get(from) as Placed, nodes.get(to) as Placed] as const;
  const forward = layout.routes.filter(route => !route.back);
  const straight = forward.map((route): Course => {
    const alone = forward.filter(other => other.from === route.from).length === 1;
    return { ...straightOn(...ends(route), route, sideways, alone), label: route.label };
  });
  const inner = union(boxes.map(extentOf).concat(straight.flatMap(extentsOf)));
  let around = sideways ? inner.bottom : inner.right;
  const loops = layout.routes.filter(route => route.back);
  return straight.concat(
    loops.map((route, i): Course => {
      const [a, b] = ends(route);
      const words = sideways || !route.label ? 0 : a.x + a.width / 2 + textWidth(route.label) + 24;
      around = Math.max(around + (i ? 30 : 22), words);
      return { ...loopAround(a, b, sideways, around), label: route.label };
    }),
  );
}

function arrow({ path, at, anchor, label }: Course): string {
  const place = `x="${round(at[0])}" y="${round(at[1])}" text-anchor="${anchor}"`;
  const words = label ? `<text ${place} fill="${ink}">${escapeXml(label)}</text>` : '';
  return `<path d="${path}" fill="none" stroke="${ink}" stroke-width="2" marker-end="url(#head)"/>${words}`;
}

/** Out on one side, back past all layers, and in from before the target. */
function loopAround(a: Placed, b: Placed, sideways: boolean, around: number): Course {
  const move = (command: string, ...values: number[]) => command + values.map(round).join(',');
  if (sideways) {
    const left = b.x - b.width / 2;
    const path = [
      move('M', a.x, a.y + a.height / 2),
      move('V', around),
      move('H', left - 22),
      move('V', b.y + 8),
      move('H', left),
    ];
    const stops: Spot[] = [
      [a.x, around],
      [left - 26, around],
    ];
    return { path: path.join(''), stops, at: [(a.x + b.x) / 2, around - 6], anchor: 'middle' };
  }
  const top = b.y - b.height / 2;
  const path = [
    move('M', a.x + a.width / 2, a.y),
    move('H', around),
    move('V', top - 22),
    move('H', b.x + 10),
    move('V', top),
  ];
  const stops: Spot[] = [
    [around + 2, a.y],
    [around + 2, top - 26],
  ];
  return { path: path.join(''), stops, at: [around - 16, a.y - 7], anchor: 'end' };
}

/** From layer to layer; a label stands on that side of the first bend where the line is not. */
function straightOn(a: Placed, b: Placed, { points }: Route, sideways: boolean, alone: boolean): Course {
  const start: Spot = sideways ? [a.x + a.width / 2, a.y] : [a.x, a.y + a.height / 2];
  const end: Spot = sideways ? [b.x - b.width / 2, b.y] : [b.x, b.y - b.height / 2];
  const stops = [start, ...points.slice(1, -1), end];
  const bends = stops.slice(1).map((stop, i) => bend(stops[i], stop, sideways));
  const path = `M${round(start[0])},${round(start[1])}${bends.join('')}`;
  const [x, y] = [(start[0] + stops[1][0]) / 2, (start[1] + stops[1][1]) / 2];
  const placed = (at: Spot, anchor: Course['anchor']): Course => ({ path, stops, at, anchor });
  if (sideways) return placed([x, y - 7], 'middle');
  const drift = stops[1][0] - start[0];
  if (Math.abs(drift) < 1) return placed([x + 6, y + 4], 'start');
  const right = drift > 0 !== alone; // lines that part leave room above, lines that meet leave room below
  return placed([x + (right ? 8 : -8), alone ? y + 13 : y - 2], right ? 'start' : 'end');
}

/** A smooth turn that leaves and arrives along the flow. */
function bend([x0, y0]: Spot, [x1, y1]: Spot, sideways: boolean): string {
  if (sideways ? Math.abs(y1 - y0) < 1 : Math.abs(x1 - x0) < 1) return `L${round(x1)},${round(y1)}`;
  const middle = sideways ? (x0 + x1) / 2 : (y0 + y1) / 2;
  const [c0, c1] = sideways
    ? [`${round(middle)},${round(y0)}`, `${round(middle)},${round(y1)}`]
    : [`${round(x0)},${round(middle)}`, `${round(x1)},${round(middle)}`];
  return `C${c0} ${c1} ${round(x1)},${round(y1)}`;
}
