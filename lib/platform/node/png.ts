import { PNG } from 'pngjs';

export { PNG };

/**
 * Filters and strategies of zlib that are tried: which packs best differs from picture to picture (flat squares, noise, drawings), and
 * a notebook keeps every byte. zlib's codes: 0 default, 1 filtered, 3 run lengths; filter −1 chooses row by row.
 */
const PACKINGS = [
  { filterType: 0, deflateStrategy: 0 },
  { filterType: 0, deflateStrategy: 1 },
  { filterType: 0, deflateStrategy: 3 },
  { filterType: -1, deflateStrategy: 1 },
  { filterType: -1, deflateStrategy: 3 },
];

/** The picture as PNG in as few bytes as may be. @param colorType PNG's codes: 0 grey, 2 colour, +4 with alpha */
export function pngBytes(png: PNG, colorType: 0 | 2 | 4 | 6): Buffer {
  const tried = PACKINGS.map(packing => PNG.sync.write(png, { deflateLevel: 9, colorType, ...packing }));
  return tried.reduce((least, bytes) => (bytes.length < least.length ? bytes : least));
}
