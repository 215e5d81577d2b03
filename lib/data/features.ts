/** Simple facts about a picture, computed from its pixels. */

/**
 * How many holes the ink encloses: 8 has two, 0, 6 and 9 have one, 1 has none, unless the writer left a gap.
 * Pixels of `threshold` and more count as ink; paper is connected over edges, ink also over corners; holes of one
 * pixel are ignored.
 * @example countHoles(smallDigits().picture(0)) // → 1
 */
export function countHoles(
  picture: { data: ArrayLike<number>; height: number; width: number },
  threshold = 128,
): number {
  const { data, height, width } = picture;
  const framed = width + 2; // a frame of paper around it, so that all of the outside is connected
  const paper = new Uint8Array((height + 2) * framed).fill(1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (data[y * width + x] >= threshold) paper[(y + 1) * framed + x + 1] = 0;
  }
  let holes = -1; // the first region found is the outside
  for (let start = 0; start < paper.length; start++) {
    if (paper[start] && flood(paper, start, framed) > 1) holes++;
  }
  return holes;
}

/** Clears the paper connected with `start`; returns its number of pixels. */
function flood(paper: Uint8Array, start: number, framed: number): number {
  const open = [start];
  paper[start] = 0;
  let size = 0;
  while (open.length) {
    const at = open.pop() as number;
    size++;
    for (const step of [1, -1, framed, -framed]) {
      if (paper[at + step]) {
        paper[at + step] = 0;
        open.push(at + step);
      }
    }
  }
  return size;
}
