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
  const arrows = layout.routes.map(route =>
    arrow(route, layout.nodes, sideways, route.back ? outer + 22 + 30 * loop++ : 0),
  );
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

/** A line from border to border; one that closes a loop goes around the outside at `around`. */
function arrow(
  { from, to, label, back, points }: Route,
  placed: ReadonlyMap<string, Placed>,
  sideways: boolean,
  around: number,
): string {
  const [a, b] = [placed.get(from) as Placed, placed.get(to) as Placed];
  let path: string;
  let at: [number, number];
  if (back && sideways) {
    path = `M${round(a.x)},${round(a.y + a.height / 2)}V${round(around)}H${round(b.x - b.width / 2 - 22)}V${round(b.y + 8)}H${round(b.x - b.width / 2)}`;
    at = [(a.x + b.x) / 2, around - 6];
  } else if (back) {
    path = `M${round(a.x + a.width / 2)},${round(a.y)}H${round(around)}V${round(b.y - b.height / 2 - 22)}H${round(b.x + 10)}V${round(b.y - b.height / 2)}`;
    at = [around - 16, a.y - 7];
  } else {
    const start: [number, number] = sideways ? [a.x + a.width / 2, a.y] : [a.x, a.y + a.height / 2];
    const end: [number, number] = sideways ? [b.x - b.width / 2, b.y] : [b.x, b.y - b.height / 2];
    const stops = [start, ...points.slice(1, -1), end];
    path = `M${stops[0].map(round)}${stops
      .slice(1)
      .map((p, i) => bend(stops[i], p, sideways))
      .join('')}`;
    const next = stops[1];
    at = [(start[0] + next[0]) / 2 + (sideways ? 0 : 6), (start[1] + next[1]) / 2 + (sideways ? -7 : 4)];
  }
  const anchor = sideways ? 'middle' : back ? 'end' : 'start';
  const words = label
    ? `<text x="${round(at[0])}" y="${round(at[1])}" text-anchor="${anchor}" fill="${ink}">${escapeXml(label)}</text>`
    : '';
  return `<path d="${path}" fill="none" stroke="${ink}" stroke-width="2" marker-end="url(#head)"/>${words}`;
}

/** A smooth turn that leaves and arrives along the flow. */
function bend([x0, y0]: [number, number], [x1, y1]: [number, number], sideways: boolean): string {
  if (sideways ? Math.abs(y1 - y0) < 1 : Math.abs(x1 - x0) < 1) return `L${round(x1)},${round(y1)}`;
  const middle = sideways ? (x0 + x1) / 2 : (y0 + y1) / 2;
  const [c0, c1] = sideways
    ? [`${round(middle)},${round(y0)}`, `${round(middle)},${round(y1)}`]
    : [`${round(x0)},${round(middle)}`, `${round(x1)},${round(middle)}`];
  return `C${c0} ${c1} ${round(x1)},${round(y1)}`;
}
