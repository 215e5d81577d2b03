/** Places the nodes of a flow chart in layers, after Sugiyama, Tagawa and Toda (1981), in the smallest form that serves a lesson. */

export interface Box {
  width: number;
  height: number;
}
export interface Placed extends Box {
  x: number;
  y: number;
}
export interface Route {
  from: string;
  to: string;
  label?: string;
  back: boolean;
  points: [number, number][];
}
export interface Layout {
  nodes: Map<string, Placed>;
  routes: Route[];
}
export type Edge = readonly [from: string, to: string, label?: string];

const BETWEEN_LAYERS = 46;
const BETWEEN_NODES = 28;

/** A slot in a layer: a node, or a bend of an edge that passes by. */
interface Slot extends Box {
  id: string;
  x: number;
  layer: number;
  up: Slot[];
  down: Slot[];
}

/** Centres of all nodes and the bends of all edges; layers run downwards, or to the right with `sideways`. */
export function layOut(boxes: ReadonlyMap<string, Box>, edges: readonly Edge[], sideways: boolean): Layout {
  const turned = new Map([...boxes].map(([id, b]) => [id, sideways ? { width: b.height, height: b.width } : b]));
  const back = backEdges([...boxes.keys()], edges);
  const layerOf = ranks(
    [...boxes.keys()],
    edges.filter(e => !back.has(e)),
  );
  const slots = new Map(
    [...turned].map(([id, box]): [string, Slot] => [
      id,
      { ...box, id, x: 0, layer: layerOf.get(id) ?? 0, up: [], down: [] },
    ]),
  );
  const bends = new Map(edges.filter(e => !back.has(e)).map(edge => [edge, chain(slots, edge)]));
  const layers = group([...slots.values()]);
  for (let sweep = 0; sweep < 6; sweep++) order(layers, sweep % 2 === 0);
  for (let sweep = 0; sweep < 12; sweep++) straighten(layers, sweep % 2 === 0);
  const middle = middles(layers);
  const point = (s: Slot): [number, number] => (sideways ? [middle[s.layer], s.x] : [s.x, middle[s.layer]]);
  const nodes = new Map(
    [...boxes].map(([id, box]): [string, Placed] => {
      const [x, y] = point(slots.get(id) as Slot);
      return [id, { ...box, x, y }];
    }),
  );
  const routes = edges.map((edge): Route => {
    const passes = [slots.get(edge[0]) as Slot, ...(bends.get(edge) ?? []), slots.get(edge[1]) as Slot];
    return { from: edge[0], to: edge[1], label: edge[2], back: back.has(edge), points: passes.map(point) };
  });
  return { nodes, routes };
}

/** Edges that close a loop, found depth first. */
function backEdges(ids: string[], edges: readonly Edge[]): Set<Edge> {
  const found = new Set<Edge>();
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const edge of edges.filter(([from]) => from === id)) {
      if (state.get(edge[1]) === 'open') found.add(edge);
      else if (!state.has(edge[1])) visit(edge[1]);
    }
    state.set(id, 'done');
  };
  for (const id of ids) if (!state.has(id)) visit(id);
  return found;
}

/** Layer of each node: the longest path that leads to it; a node that nothing leads to stands just before its first use. */
function ranks(ids: string[], edges: readonly Edge[]): Map<string, number> {
  const rank = new Map(ids.map(id => [id, 0]));
  const at = (id: string) => rank.get(id) ?? 0;
  for (let pass = 0; pass < ids.length; pass++) {
    for (const [from, to] of edges) rank.set(to, Math.max(at(to), at(from) + 1));
  }
  for (const id of ids) {
    const uses = edges.filter(([from]) => from === id).map(([, to]) => at(to));
    if (uses.length && !edges.some(([, to]) => to === id)) rank.set(id, Math.min(...uses) - 1);
  }
  return rank;
}

/** Links two nodes through one empty slot in every layer between them. */
function chain(slots: Map<string, Slot>, [from, to]: Edge): Slot[] {
  const [start, end] = [slots.get(from) as Slot, slots.get(to) as Slot];
  const bends: Slot[] = [];
  for (let layer = start.layer + 1; layer < end.layer; layer++) {
    const bend: Slot = { id: `${from} ${to} ${layer}`, width: 16, height: 0, x: 0, layer, up: [], down: [] };
    slots.set(bend.id, bend);
    bends.push(bend);
  }
  const path = [start, ...bends, end];
  for (let i = 1; i < path.length; i++) {
    path[i - 1].down.push(path[i]);
    path[i].up.push(path[i - 1]);
  }
  return bends;
}

function group(slots: Slot[]): Slot[][] {
  const layers: Slot[][] = [];
  for (const slot of slots) {
    layers[slot.layer] ??= [];
    slot.x = layers[slot.layer].push(slot);
  }
  return layers;
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const wish = (slot: Slot, down: boolean): number => {
  const others = down ? slot.up : slot.down;
  return others.length ? mean(others.map(o => o.x)) : slot.x;
};

/** Sorts each layer by where its neighbours stand, so that fewer edges cross. */
function order(layers: Slot[][], down: boolean): void {
  for (const layer of down ? layers : [...layers].reverse()) {
    const wishes = new Map(layer.map(slot => [slot, wish(slot, down)]));
    layer.sort((a, b) => (wishes.get(a) as number) - (wishes.get(b) as number));
    layer.forEach((slot, i) => {
      slot.x = i + 1;
    });
  }
  if (!down)
    for (const layer of layers)
      spread(
        layer,
        layer.map(s => s.x),
      );
}

/** Moves each slot towards its neighbours without overlaps. */
function straighten(layers: Slot[][], down: boolean): void {
  for (const layer of down ? layers : [...layers].reverse())
    spread(
      layer,
      layer.map(slot => wish(slot, down)),
    );
}

/** Places a layer's slots in order, as near to the wished x as their widths allow. */
function spread(layer: Slot[], wishes: number[]): void {
  let edge = Number.NEGATIVE_INFINITY;
  layer.forEach((slot, i) => {
    slot.x = Math.max(wishes[i], edge + slot.width / 2);
    edge = slot.x + slot.width / 2 + BETWEEN_NODES;
  });
  const shift = mean(layer.map((slot, i) => wishes[i] - slot.x));
  for (const slot of layer) slot.x += shift;
}

/** Centre line of every layer. */
function middles(layers: Slot[][]): number[] {
  let at = 0;
  return layers.map(layer => {
    const height = Math.max(...layer.map(s => s.height));
    const middle = at + height / 2;
    at += height + BETWEEN_LAYERS;
    return middle;
  });
}
