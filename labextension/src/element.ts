export type Child = Node | string;

/** An element with its attributes and what it holds. */
export function element(tag: string, attributes: Record<string, string>, ...children: Child[]): HTMLElement {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for a part of a drawing. */
export function drawn(tag: string, attributes: Record<string, string>, ...children: Child[]): SVGElement {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function filled<E extends Element>(made: E, attributes: Record<string, string>, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
