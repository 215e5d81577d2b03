import { html, type Markup } from '../runtime/html';
import { type Figure, staticFigure } from './figure';
import { type Box, type Edge, type Layout, layOut, type Placed, type Route, type Spot } from './layout';
import { brief, fitted, textWidth, wrapped } from './measure';
import { fontFamily, ink, palette, paper, textOn } from './palette';
import { finishSvg, round } from './svg';
import { extent, largest } from './thinning';
import { several, titled } from './words';

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
/** The widest line in a node and on an arrow, in pixels, and the most lines of a node. */
const MOST_WIDE = 420;
const MOST_SAID = 260;
const MOST_LINES = 12;

/** A node whose words are broken into lines. */
interface Node {
  lines: string[];
  shape: 'box' | 'round' | 'diamond';
  fill: string;
}

/**
 * A flow chart: boxes, decisions, loops. Its text form is Mermaid source, to paste elsewhere.
 * @example flowChart({ nodes: { x: 'image', e: 'encoder', z: 'code' }, edges: [['x', 'e'], ['e', 'z']] })
 */
export function flowChart(chart: FlowChart): Figure {
  const given = new Map(Object.entries(chart.nodes).map(([id, n]) => [id, typeof n === 'string' ? { label: n } : n]));
  if (given.size === 0) throw new Error('expected at least one node for a flow chart, got none');
  for (const [from, to] of chart.edges) {
    for (const id of [from, to]) {
      if (!given.has(id))
        throw new Error(`edge ${from} → ${to}: no node '${id}'; there are ${[...given.keys()].join(', ')}`);
    }
  }
  const nodes = new Map([...given].map(([id, node]) => [id, nodeOf(node)]));
  const boxes = new Map([...nodes].map(([id, node]) => [id, sizeOf(node)]));
  const labelSize = (label: string): Box => ({ width: textWidth(said(label)) + 8, height: LINE });
  const layout = layOut(boxes, chart.edges, chart.direction === 'right', labelSize);
  const alt = chart.alt ?? flowAlt(given, chart);
  const svg = finishSvg(draw(nodes, layout, chart), { title: chart.title, alt });
  return staticFigure({ svg }, alt, mermaid(given, chart));
}

function nodeOf({ label, shape = 'box', colour = COLOURS[shape] }: FlowNode): Node {
  return { lines: wrapped(label, MOST_WIDE, MOST_LINES), shape, fill: palette[colour % palette.length] ?? palette[0] };
}

function sizeOf({ lines, shape }: Node): Box {
  const [width, height] = [largest(lines.map(line => textWidth(line))) + 26, lines.length * LINE + 18];
  return shape === 'diamond' ? { width: width * 1.35 + 10, height: height * 1.7 } : { width, height };
}

/** An arrow's label, on one line. */
const said = (label: string): string => fitted(label.replace(/\s+/g, ' '), MOST_SAID);

function flowAlt(nodes: ReadonlyMap<string, FlowNode>, { title, edges }: FlowChart): string {
  const name = (id: string) => brief(nodes.get(id)?.label ?? id);
  const arrows = edges.map(([from, to, label]) => `${name(from)} → ${name(to)}${label ? ` (${brief(label)})` : ''}`);
  const words = arrows.length ? several(arrows, 40) : several([...nodes.keys()].map(name), 40);
  return `${title?.trim() ? titled(title, 'flow chart') : 'Flow chart'}: ${words}.`;
}

/** The same chart as Mermaid source. */
function mermaid(nodes: ReadonlyMap<string, FlowNode>, { edges, direction }: FlowChart): string {
  const key = new Map([...nodes.keys()].map((id, i) => [id, `n${i}`]));
  const brackets = { box: ['[', ']'], round: ['([', '])'], diamond: ['{', '}'] };
  const quoted = (label: string) => `"${label.replace(/\n/g, '<br>').replace(/"/g, "'")}"`;
  const shown = [...nodes].map(([id, { label, shape = 'box' }]) => {
    const [open, close] = brackets[shape];
    return `  ${key.get(id)}${open}${quoted(label)}${close}`;
  });
  const arrows = edges.map(
    ([from, to, label]) => `  ${key.get(from)} -->${label ? `|${quoted(label)}|` : ''} ${key.get(to)}`,
  );
  return [`flowchart ${direction === 'right' ? 'LR' : 'TD'}`, ...shown, ...arrows].join('\n');
}

function draw(nodes: ReadonlyMap<string, Node>, layout: Layout, { title = '', direction }: FlowChart): string {
  const sideways = direction === 'right';
  const [left, top, right, bottom] = frame(layout, title);
  const caption = fitted(title, MOST_TITLE, 16);
  const shapes = [...nodes].map(([id, node]) => shape(node, layout.nodes.get(id) as Placed));
  const arrows = layout.routes.map(route => arrow(route, layout, nodes, sideways));
  const [width, height] = [round(right - left), round(bottom - top)];
  const box = [round(left), round(top), width, height];
  const head = html`<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0,0L10,5L0,10z" fill="${ink}"/></marker></defs>`;
  const background = html`<rect x="${box[0]}" y="${box[1]}" width="${width}" height="${height}" fill="${paper}"/>`;
  const words = caption
    ? html`<text x="${round(left + 12)}" y="${round(top + 24)}" font-size="16" fill="${ink}">${caption}</text>`
    : '';
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${box.join(' ')}" font-family="${fontFamily}" font-size="14">${head}${background}${words}${arrows}${shapes}${layout.routes.map(label)}</svg>`
    .source;
}

const MOST_TITLE = 900;

/** The picture's edges: everything drawn, with a margin, and room for the title. */
function frame({ nodes, routes }: Layout, title: string): [left: number, top: number, right: number, bottom: number] {
  const labels = routes.flatMap(r =>
    r.label ? [{ at: r.label.at, half: textWidth(said(r.label.text)) / 2 + 4 }] : [],
  );
  const xs = [...nodes.values()]
    .flatMap(n => [n.x - n.width / 2, n.x + n.width / 2])
    .concat(routes.flatMap(r => r.points.map(p => p[0])))
    .concat(labels.flatMap(({ at, half }) => [at[0] - half, at[0] + half]));
  const ys = [...nodes.values()]
    .flatMap(n => [n.y - n.height / 2, n.y + n.height / 2])
    .concat(routes.flatMap(r => r.points.map(p => p[1])));
  const [[left, right], [top, bottom]] = [extent(xs) ?? [0, 1], extent(ys) ?? [0, 1]];
  const wide = title ? left + 1.04 * textWidth(fitted(title, MOST_TITLE, 16), 16) : right;
  return [left - 12, top - (title ? 44 : 12), Math.max(right, wide) + 12, bottom + 12];
}

/** A filled shape with its words; the fill is solid, so that words on it read alike everywhere. */
function shape({ lines, shape: kind, fill }: Node, { x, y, width, height }: Placed): Markup {
  const [w, h] = [width / 2, height / 2];
  const corners = [
    [x, y - h],
    [x + w, y],
    [x, y + h],
    [x - w, y],
  ].map(([cx, cy]) => `${round(cx)},${round(cy)}`);
  const outline =
    kind === 'diamond'
      ? html`<path d="M${corners.join('L')}Z" fill="${fill}"/>`
      : html`<rect x="${round(x - w)}" y="${round(y - h)}" width="${round(width)}" height="${round(height)}" rx="${kind === 'round' ? round(h) : 6}" fill="${fill}"/>`;
  const words = lines.map((line, i) => {
    const at = y + (i - (lines.length - 1) / 2) * LINE + 5;
    return html`<text x="${round(x)}" y="${round(at)}" text-anchor="middle" fill="${textOn(fill)}">${line}</text>`;
  });
  return html`${outline}${words}`;
}

/** A smooth line from node to node. Along the flow it leaves and arrives in the middle of a side, against it beside the middle. */
function arrow(
  { from, to, back, points }: Route,
  { nodes }: Layout,
  shapes: ReadonlyMap<string, Node>,
  sideways: boolean,
): Markup {
  const [a, b] = [nodes.get(from), nodes.get(to)] as [Placed, Placed];
  const inner = points.slice(1, -1);
  const onward = back ? -1 : 1;
  const ends = (box: Placed, shape: Node['shape'], next: Spot, side: number): Spot => {
    const [reach, half] = sideways ? [box.height / 2, box.width / 2] : [box.width / 2, box.height / 2];
    const drift = back
      ? Math.max(-0.5, Math.min(0.5, ((sideways ? next[1] - box.y : next[0] - box.x) || 0) / reach))
      : 0;
    const depth = side * half * (shape === 'diamond' ? 1 - Math.abs(drift) : 1);
    return sideways ? [box.x + depth, box.y + drift * reach] : [box.x + drift * reach, box.y + depth];
  };
  const stops = [
    ends(a, shapes.get(from)?.shape ?? 'box', inner[0] ?? [b.x, b.y], onward),
    ...inner,
    ends(b, shapes.get(to)?.shape ?? 'box', inner[inner.length - 1] ?? [a.x, a.y], -onward),
  ];
  const bends = stops.slice(1).map((stop, i) => bend(stops[i], stop, sideways));
  const path =
    from === to ? loop(a, points, sideways) : `M${round(stops[0][0])},${round(stops[0][1])}${bends.join('')}`;
  return html`<path d="${path}" fill="none" stroke="${ink}" stroke-width="2" marker-end="url(#head)"/>`;
}

/** Out of a node and back into it, as far as the outermost of the points. */
function loop({ x, y, width, height }: Placed, points: readonly Spot[], sideways: boolean): string {
  const [cross, along] = sideways ? [1, 0] : [0, 1];
  const [at, half] = [
    [x, y],
    [width / 2, height / 2],
  ];
  const far = points.reduce((a, b) => (Math.abs(b[cross] - at[cross]) > Math.abs(a[cross] - at[cross]) ? b : a));
  const side = Math.sign(far[cross] - at[cross]) || 1;
  const spot = (reach: number, step: number) => {
    const place = [0, 0];
    [place[cross], place[along]] = [reach, at[along] + step * half[along]];
    return place.map(round).join(',');
  };
  const border = at[cross] + side * half[cross];
  const beyond = border + (4 / 3) * (far[cross] - border); // a cubic reaches three quarters of the way to its handles
  return `M${spot(border, -0.5)}C${spot(beyond, -1.4)} ${spot(beyond, 1.4)} ${spot(border, 0.5)}`;
}

/** The words of an arrow, in a gap of its line. */
function label({ label: words }: Route): Markup | string {
  if (!words) return '';
  const text = said(words.text);
  const [x, y] = words.at;
  const width = textWidth(text) + 8;
  const gap = html`<rect x="${round(x - width / 2)}" y="${round(y - LINE / 2)}" width="${round(width)}" height="${LINE}" fill="${paper}"/>`;
  return html`${gap}<text x="${round(x)}" y="${round(y + 5)}" text-anchor="middle" fill="${ink}">${text}</text>`;
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
