/** Where the nodes and arrows of a flow chart stand: dagre's layers, with as few crossings as it finds. */
import { Graph, layout } from '@dagrejs/dagre';

export interface Box {
  width: number;
  height: number;
}
export interface Placed extends Box {
  x: number;
  y: number;
}
export type Spot = readonly [x: number, y: number];
export interface Route {
  from: string;
  to: string;
  /** The middle of the label, where there is one. */
  label?: { text: string; at: Spot };
  /** Against the flow: it closes a loop. */
  back: boolean;
  /** From the border of one node to that of the other, with the bends between. */
  points: Spot[];
}
export interface Layout {
  nodes: Map<string, Placed>;
  routes: Route[];
}
export type Edge = readonly [from: string, to: string, label?: string];

/** Centres of all nodes and the ways of all edges; layers run downwards, or to the right with `sideways`. */
export function layOut(
  boxes: ReadonlyMap<string, Box>,
  edges: readonly Edge[],
  sideways: boolean,
  labelSize: (label: string) => Box,
): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: sideways ? 'LR' : 'TB', nodesep: 28, edgesep: 18, ranksep: 40 });
  const key = new Map([...boxes.keys()].map((id, i) => [id, `n${i}`])); // dagre takes no id such as 'toString'
  const keyOf = (id: string) => key.get(id) as string;
  for (const [id, box] of boxes) graph.setNode(keyOf(id), { ...box });
  edges.forEach(([from, to, label], i) => {
    graph.setEdge(keyOf(from), keyOf(to), { ...(label ? labelSize(label) : {}), labelpos: 'c' }, String(i));
  });
  layout(graph);
  const found = [...boxes].map(([id, box]): [string, Placed] => [id, { ...box, ...spotOf(graph.node(keyOf(id))) }]);
  const turned = mirror(
    found.map(([, node]) => node),
    sideways,
  );
  const nodes = new Map(found.map(([id, node]) => [id, { ...node, ...turned(node) }]));
  const across = sideways ? 'y' : 'x';
  const routes = edges.map(([from, to, text], i): Route => {
    const { points = [], ...middle } = graph.edge(keyOf(from), keyOf(to), String(i)) as Way;
    const [a, b] = [nodes.get(from), nodes.get(to)] as [Placed, Placed];
    const back = sideways ? b.x <= a.x : b.y <= a.y;
    const at = text ? turned(spotOf(middle)) : undefined;
    const way = points.map(turned);
    // Every second point lies between two layers: the line needs it only for a detour, to meet its label, or to loop.
    const detour = (p: Point) => {
      const [low, high] = [a[across], b[across]].sort((v, w) => v - w);
      return p[across] < low - 1 || p[across] > high + 1 || (at && same(p, at)) || from === to;
    };
    const kept = way.filter((p, n) => n % 2 === 0 || n === way.length - 1 || detour(p));
    const label = text && at ? { text, at: [at.x, at.y] as const } : undefined;
    return { from, to, label, back, points: kept.map(p => [p.x, p.y] as const) };
  });
  return { nodes, routes };
}

interface Point {
  x: number;
  y: number;
}

/** Nodes of a layer stand in the order in which they were given, where the mirror image of the layout does that. */
function mirror(nodes: readonly Placed[], sideways: boolean): (p: Point) => Point {
  const [along, across] = sideways ? (['x', 'y'] as const) : (['y', 'x'] as const);
  let turnedRound = 0;
  nodes.forEach((b, j) => {
    for (const a of nodes.slice(0, j))
      if (Math.abs(a[along] - b[along]) < 1) turnedRound += Math.sign(a[across] - b[across]);
  });
  return turnedRound > 0 ? p => ({ ...spotOf(p), [across]: -p[across] }) : spotOf;
}

const same = (a: Point, b: Point): boolean => Math.abs(a.x - b.x) + Math.abs(a.y - b.y) < 1;

/** What dagre writes into an edge. */
interface Way extends Partial<Point> {
  points?: Point[];
}

const spotOf = ({ x = 0, y = 0 }: Partial<Point>): Point => ({ x, y });
