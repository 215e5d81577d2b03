/** The map of the course on the start page: lessons as links, arrows between them, and what comes before the one pointed at. */
import { allBefore, directNeeds } from '../../lib/course/needs';
import { layOut, type Placed, type Route } from '../../lib/plot/layout';
import type { CourseNotebook } from './course';
import { drawn, element } from './element';

/** All boxes are alike, in pixels: the longest title takes three lines of it. */
const BOX = { width: 136, height: 56 };
const MARGIN = 4;

/** @param box a lesson's link, which the map puts in its place */
export function courseMap(
  lessons: readonly CourseNotebook[],
  box: (lesson: CourseNotebook) => HTMLElement,
): HTMLElement {
  const { nodes, routes } = layOut(
    new Map(lessons.map(({ name }) => [name, BOX])),
    directNeeds(lessons),
    false,
    () => ({ width: 0, height: 0 }), // no arrow has words
  );
  const placed = [...nodes.values()];
  const inner = routes.flatMap(({ points }) => points);
  const left = Math.min(...placed.map(({ x }) => x - BOX.width / 2), ...inner.map(([x]) => x)) - MARGIN;
  const right = Math.max(...placed.map(({ x }) => x + BOX.width / 2), ...inner.map(([x]) => x)) + MARGIN;
  const height = Math.max(...placed.map(({ y }) => y)) + BOX.height / 2 + MARGIN;
  const size = { width: String(Math.ceil(right - left)), height: String(Math.ceil(height)) };
  const arrows = routes.map(route => arrow(route, nodes));
  const boxes = lessons.map(lesson => {
    const link = box(lesson);
    const { x, y } = nodes.get(lesson.name) as Placed;
    link.style.left = `${x - BOX.width / 2 - left}px`;
    link.style.top = `${y - BOX.height / 2}px`;
    link.style.width = `${BOX.width}px`;
    link.style.height = `${BOX.height}px`;
    link.dataset.box = lesson.name;
    return link;
  });
  const lines = drawn(
    'svg',
    { ...size, viewBox: `${left} 0 ${size.width} ${size.height}`, 'aria-hidden': 'true' },
    ...arrows,
  );
  const drawing = element('nav', { class: 'latentlab-drawing' }, lines, ...boxes);
  drawing.style.width = `${size.width}px`;
  markWay(drawing, lessons);
  return element('div', { class: 'latentlab-wide' }, drawing);
}

/** Where a line goes past boxes of other rows: straight down, as far as these reach. */
function passing(points: Route['points'], nodes: ReadonlyMap<string, Placed>): number[][] {
  const rows = [...nodes.values()].map(({ y }) => y);
  const besides = points.slice(1, -1).filter(([, y]) => rows.some(row => Math.abs(row - y) < 1));
  return besides.flatMap(([x, y]) => [-1, 1].map(side => [x, y + (side * BOX.height) / 2]));
}

/** A line from box to box, out of the middle of one side and into that of the other, with its head. */
function arrow({ from, to, points }: Route, nodes: ReadonlyMap<string, Placed>): SVGElement {
  const [a, b] = [nodes.get(from), nodes.get(to)] as [Placed, Placed];
  const [tip, base] = [b.y - BOX.height / 2, b.y - BOX.height / 2 - 8];
  const stops = [[a.x, a.y + BOX.height / 2], ...passing(points, nodes), [b.x, base]];
  const bends = stops.slice(1).map(([x, y], i) => {
    const [x0, y0] = stops[i];
    const middle = (y0 + y) / 2;
    return `C${x0},${middle} ${x},${middle} ${x},${y}`;
  });
  return drawn(
    'g',
    { 'data-from': from, 'data-to': to },
    drawn('path', { d: `M${stops[0].join()}${bends.join('')}` }),
    drawn('path', { d: `M${b.x - 5},${base}L${b.x + 5},${base}L${b.x},${tip}z`, class: 'latentlab-head' }),
  );
}

/** While a lesson is pointed at or has the focus, it and all before it stand out, with the arrows between them. */
function markWay(drawing: HTMLElement, lessons: readonly CourseNotebook[]): void {
  const mark = (event: Event): void => {
    const name = (event.target as Element).closest<HTMLElement>('[data-box]')?.dataset.box;
    const way = name ? allBefore(name, lessons).add(name) : new Set<string>();
    const on = (part: Element, shown: boolean) => part.classList.toggle('latentlab-way', shown);
    drawing.classList.toggle('latentlab-pointed', way.size > 0);
    for (const box of drawing.querySelectorAll<HTMLElement>('[data-box]')) on(box, way.has(box.dataset.box as string));
    for (const line of drawing.querySelectorAll<SVGElement>('[data-to]'))
      on(line, way.has(line.dataset.from as string) && way.has(line.dataset.to as string));
  };
  for (const kind of ['pointerover', 'pointerleave', 'focusin']) drawing.addEventListener(kind, mark);
}
