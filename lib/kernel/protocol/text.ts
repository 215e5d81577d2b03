/** Jupyter counts a cursor's position in characters (code points), TypeScript in UTF-16 units. */

export function offsetOfPosition(code: string, position: number): number {
  return [...code].slice(0, position).join('').length;
}

export function positionOfOffset(code: string, offset: number): number {
  return [...code.slice(0, offset)].length;
}
