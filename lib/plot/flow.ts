import { type Figure, staticFigure } from './figure';
import { type Box, type Edge, type Layout, layOut, type Placed, type Route } from './layout';
import { fontFamily, ink, palette, textOn } from './palette';
import { escapeXml, finishSvg, round } from './svg';
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
  const { left, top, width, height, outer } = frame(layout, sideways, title ? 30 : 0);
  let loop = 0;
  const arrows = layout.routes.map(route => arrow(route, layout, sideways, route.back ? outer + 22 + 30 * loop++ : 0));
  const shapes = [...nodes].map(([id, node]) => shape(node, layout.nodes.get(id) as Placed));
  const head = `<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0,0L10,5L0,10z" fill="${ink}"/></marker></defs>`;
  const caption = title
    ? `<text x="${round(left + 4)}" y="${round(top + 20)}" font-size="16" fill="${ink}">${escapeXml(title)}</text>`
    : '';
  const size = `width="${round(width)}" height="${round(height)}" viewBox="${[left, top, width, height].map(round).join(' ')}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family='${fontFamily}' font-size="14">${head}${caption}${arrows.join('')}${shapes.join('')}</svg>`;
}

/** The picture's edges, with room for the loops that go around on one side, outside of `outer`. */
function frame({ nodes, routes }: Layout, sideways: boolean, caption: number) {
  const boxes = [...nodes.values()];
  const bends = routes.filter(r => !r.back).flatMap(r => r.points);
  const loops = routes.filter(r => r.back).length;
  const most = {
    right: Math.max(...boxes.map(b => b.x + b.width / 2), ...bends.map(([x]) => x)),
    bottom: Math.max(...boxes.map(b => b.y + b.height / 2), ...bends.map(([, y]) => y)),
  };
  const turn = loops ? 14 : 0; // a loop arrives from before its target
  const left = Math.min(...boxes.map(b => b.x - b.width / 2), ...bends.map(([x]) => x)) - 12 - (sideways ? turn : 0);
  const top =
    Math.min(...boxes.map(b => b.y - b.height / 2), ...bends.map(([, y]) => y)) - 12 - caption - (sideways ? 0 : turn);
  const width = most.right + 12 + (sideways ? 0 : loops * 36) - left;
  const height = most.bottom + 12 + (sideways ? loops * 36 : 0) - top;
  return { left, top, width, height, outer: sideways ? most.bottom : most.right };
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
/** The course of an arrow, and where its label stands. */
interface Course {
  path: string;
  at: Spot;
  anchor: 'start' | 'middle' | 'end';
}

/** A line from border to border; one that closes a loop goes around the outside at `around`. */
function arrow(route: Route, { nodes: placed, routes }: Layout, sideways: boolean, around: number): string {
  const alone = routes.filter(r => r.from === route.from && !r.back).length === 1;
  const [a, b] = [placed.get(route.from) as Placed, placed.get(route.to) as Placed];
  const way = route.back ? loopAround(a, b, sideways, around) : straightOn(a, b, route, sideways, alone);
  const place = `x="${round(way.at[0])}" y="${round(way.at[1])}" text-anchor="${way.anchor}"`;
  const words = route.label ? `<text ${place} fill="${ink}">${escapeXml(route.label)}</text>` : '';
  return `<path d="${way.path}" fill="none" stroke="${ink}" stroke-width="2" marker-end="url(#head)"/>${words}`;
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
    return { path: path.join(''), at: [(a.x + b.x) / 2, around - 6], anchor: 'middle' };
  }
  const top = b.y - b.height / 2;
  const path = [
    move('M', a.x + a.width / 2, a.y),
    move('H', around),
    move('V', top - 22),
    move('H', b.x + 10),
    move('V', top),
  ];
  return { path: path.join(''), at: [around - 16, a.y - 7], anchor: 'end' };
}

/** From layer to layer; a label stands on that side of the first bend where the line is not. */
function straightOn(a: Placed, b: Placed, { points }: Route, sideways: boolean, alone: boolean): Course {
  const start: Spot = sideways ? [a.x + a.width / 2, a.y] : [a.x, a.y + a.height / 2];
  const end: Spot = sideways ? [b.x - b.width / 2, b.y] : [b.x, b.y - b.height / 2];
  const stops = [start, ...points.slice(1, -1), end];
  const bends = stops.slice(1).map((stop, i) => bend(stops[i], stop, sideways));
  const path = `M${round(start[0])},${round(start[1])}${bends.join('')}`;
  const [x, y] = [(start[0] + stops[1][0]) / 2, (start[1] + stops[1][1]) / 2];
  if (sideways) return { path, at: [x, y - 7], anchor: 'middle' };
  const drift = stops[1][0] - start[0];
  if (Math.abs(drift) < 1) return { path, at: [x + 6, y + 4], anchor: 'start' };
  const right = drift > 0 !== alone; // lines that part leave room above, lines that meet leave room below
  return { path, at: [x + (right ? 8 : -8), alone ? y + 13 : y - 2], anchor: right ? 'start' : 'end' };
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
