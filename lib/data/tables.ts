/**
 * Small classic tables, committed in datasets/ (source and licence in datasets/README.md): measurements of things whose
 * class is known. Each gives plain arrays for computing and a danfojs data frame for looking.
 * @see lesson 01-pictures-are-tensors
 */

import type { DataFrame } from 'danfojs-node';
import { readNpz } from '../formats';
import { fromRoot, fs, path } from '../platform';
import { guardTables } from '../runtime/danfo';
import { readCsv } from './csv';
import { ImageSet } from './images';

const FOLDER = fromRoot('datasets');

/** n things, d measurements of each, and the class of each. */
export interface Measurements {
  name: string;
  /** What was measured: d names. */
  columns: string[];
  /** [n][d] */
  features: number[][];
  /** Class names; `labels` point into them. */
  classes: string[];
  /** [n] */
  labels: number[];
  /** All of it as a danfojs data frame, the class as its last column. */
  frame(): DataFrame;
}

/**
 * 150 flowers: length and width of sepals and petals in cm, three species (Fisher 1936).
 * @example
 * const { features, labels, classes } = iris();
 * classes[labels[0]] // → setosa
 */
export const iris = (): Measurements => readMeasurements('iris');

/**
 * 178 wines: 13 chemical measurements, three growers (Forina et al. 1991).
 * @example wine().columns.length // → 13
 */
export const wine = (): Measurements => readMeasurements('wine');

/**
 * 569 tumours: 30 measurements of cell nuclei, malignant or benign (Street, Wolberg, Mangasarian 1993).
 * @example breastCancer().labels.length // → 569
 */
export const breastCancer = (): Measurements => readMeasurements('breast-cancer');

/**
 * 1,797 handwritten digits of 8×8 grey levels (Alpaydin & Kaynak 1998). The file's 17 levels are stretched to 0–255.
 * @example smallDigits().count // → 1797
 */
export function smallDigits(): ImageSet {
  const { images, labels } = readNpz(path.join(FOLDER, 'digits.npz'));
  const stretched = Uint8Array.from(images.data as Uint8Array, grey => Math.round((grey * 255) / 16));
  return new ImageSet('small digits', stretched, labels.data as Uint8Array, 8, 8);
}

function readMeasurements(name: string): Measurements {
  const file = path.join(FOLDER, `${name}.csv`);
  if (!fs.existsSync(file)) throw new Error(`${file} is missing; restore it with: git checkout datasets`);
  const table = readCsv(file);
  const columns = table.columns.slice(0, -1);
  const damaged = table.columns.find(column => table.missing(column) > 0);
  if (damaged)
    throw new Error(`${file}: column "${damaged}" lacks values; restore the file with: git checkout datasets`);
  const features = columns.reduce<number[][]>(
    (rows, column) => table.numbers(column).map((value, i) => [...(rows[i] ?? []), value as number]),
    [],
  );
  const words = table.column('class') as string[];
  const classes = [...new Set(words)];
  const labels = words.map(word => classes.indexOf(word));
  return {
    name,
    columns,
    features,
    classes,
    labels,
    frame: () =>
      dataFrame(
        table.columns,
        features.map((f, i) => [...f, words[i]]),
      ),
  };
}

/**
 * Rows as a danfojs data frame, for looking. It is loaded on first use: it takes a second. To compute with values that may
 * be missing, use a `DataTable`.
 * @example dataFrame(['x', 'y'], [[1, 2], [3, 4]]).shape // → [2, 2]
 */
export function dataFrame(columns: string[], rows: (string | number)[][]): DataFrame {
  const { DataFrame } = guardTables(require('danfojs-node') as typeof import('danfojs-node'));
  return new DataFrame(rows, { columns });
}
