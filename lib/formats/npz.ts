/** NumPy's .npz: a zip archive of .npy files, stored or deflated, of less than 4 GiB. */
import AdmZip from 'adm-zip';
import type { NdArray } from './dtypes';
import { readWhole, writeAtomic } from './files';
import { npyParts, parseNpy } from './npy';

/** Sizes and offsets of an archive that isn't zip64 have 32 bits. */
const LIMIT = 0xffffffff;
const STORED = 0;

/**
 * Reads every array of the archive by its name, without the '.npy'; other entries are passed over.
 * @throws Error with the file's name, and the entry's: where its checksum differs, it is cut short, encrypted, …
 * @example Object.keys(readNpz(inProject('datasets', 'digits.npz'))) // → ['images', 'labels']
 */
export function readNpz(file: string): Record<string, NdArray> {
  const bytes = readWhole(file, '.npz file');
  const entries = said(file, () => new AdmZip(asBuffer(bytes)).getEntries());
  const arrays: [string, NdArray][] = [];
  for (const entry of entries.filter(({ entryName }) => entryName.endsWith('.npy'))) {
    const content = said(`${file}: ${entry.entryName}`, () => {
      const unpacked = entry.getData(); // its checksum is compared
      if (unpacked.length === entry.header.size) return unpacked;
      throw new Error(`${unpacked.length} bytes of ${entry.header.size}`);
    });
    if (arrays.some(([other]) => `${other}.npy` === entry.entryName))
      throw new Error(`${file}: "${entry.entryName}" stands in it twice`);
    arrays.push([entry.entryName.slice(0, -4), parseNpy(content, `${file}: ${entry.entryName}`)]);
  }
  return Object.fromEntries(arrays);
}

/**
 * Writes arrays atomically; `numpy.load(file)["name"]` opens them. `compress` deflates, as numpy.savez_compressed.
 * @example
 * writeNpz('d.npz', { x: fromTensor(tf.ones([2, 3])) });
 * readNpz('d.npz').x.shape // → [2, 3]
 */
export function writeNpz(file: string, arrays: Record<string, NdArray>, { compress = false } = {}): void {
  const zip = new AdmZip({ noSort: true });
  let total = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const content = Buffer.concat(npyParts(name, array));
    total += content.length;
    if (total >= LIMIT) throw new Error(`${file}: "${name}" makes it 4 GiB or more; split it, or use safetensors`);
    const { header } = zip.addFile(`${name}.npy`, content);
    if (!compress) header.method = STORED;
    header.time = new Date(1980, 0, 1); // so that equal arrays give equal files
    if (zip.getEntries()[zip.getEntries().length - 1].entryName !== `${name}.npy`)
      throw new Error(`${file}: "${name}" must be a name that zip archives keep; leave out '..' and '/' in front`);
  }
  writeAtomic(file, zip.toBuffer());
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length);

/** What the zip library throws, as an error that names the file. */
function said<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${name}: no zip archive, cut short or damaged (${(error as Error).message})`);
  }
}
