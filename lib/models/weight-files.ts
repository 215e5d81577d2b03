/** A net's weights from a folder of Hugging Face: one safetensors file, or several that an index names. */
import { type NdArray, openSafetensors, Settings, toTensor } from '../formats';
import type { Module } from '../nn';
import { fs, path } from '../platform';
import { handOver } from '../runtime';

/** float32's. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/**
 * Fills the net, one weight after the other; what the files hold and `ours` names is left out nowhere.
 * @param names what the files may be called: NAME.safetensors, NAME.fp16.safetensors, or those of an index
 * @param ours a file's name of a weight → the net's; '' for what is none of its weights
 * @throws Error that names the folder and what is missing, unknown or of another shape; the net is disposed then
 */
export function fillFromFolder<M extends Module>(
  net: M,
  folder: string,
  names: readonly string[],
  ours: (weight: string) => string = weight => weight,
): M {
  const files = weightFiles(folder, names).map(openSafetensors);
  try {
    const places = files.flatMap(file => Object.keys(file.shapes).map(theirs => ({ theirs, own: ours(theirs), file })));
    const wanted = places.filter(({ own }) => own);
    const byName = new Map(wanted.map(place => [place.own, place]));
    const twice = wanted.find(place => byName.get(place.own) !== place);
    if (twice) throw new Error(`the weight ${twice.theirs} stands in two of its files`);
    const shapes = Object.fromEntries(wanted.map(({ own, theirs, file }) => [own, file.shapes[theirs]]));
    net.fill(shapes, weight => {
      const { file, theirs } = byName.get(weight)!;
      const values = file.read(theirs);
      largest(theirs, values); // a single NaN would make black pictures
      return handOver(toTensor(values));
    });
  } catch (error) {
    net.dispose();
    throw new Error(`${folder}: ${(error as Error).message}`);
  } finally {
    for (const file of files) file.close();
  }
  return net;
}

/**
 * The largest size among a tensor's numbers, as float32 holds them.
 * @throws Error that names the tensor and the place of a NaN or ∞: no trained weight is one
 */
export function largest(name: string, { data }: NdArray): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(Number(data[i]));
    if (!(size <= LARGEST)) throw new Error(`${name} holds ${data[i]} at place ${i}; the file is damaged`);
    if (size > most) most = size;
  }
  return most;
}

/** What a net's files hold, as their headers say: no weight is read. */
export interface WeightHeaders {
  files: string[];
  /** How many numbers. */
  numbers: number;
}

/**
 * Which files hold a net's weights: NAME.safetensors, NAME.fp16.safetensors, or those that an index names.
 * @throws Error where there are none
 */
export function weightFiles(folder: string, names: readonly string[]): string[] {
  const at = (file: string) => path.join(folder, file);
  for (const name of names) {
    const single = [`${name}.safetensors`, `${name}.fp16.safetensors`].map(at).find(file => fs.existsSync(file));
    if (single) return [single];
    const index = [`${name}.safetensors.index.json`, `${name}.safetensors.index.fp16.json`].map(at);
    const given = index.find(file => fs.existsSync(file));
    if (given) return indexed(folder, given);
  }
  const wanted = names.flatMap(name => [`${name}.safetensors`, `${name}.fp16.safetensors`]);
  throw new Error(`no weights in ${folder}; expected one of ${wanted.join(', ')}, or an index of several`);
}

function indexed(folder: string, index: string): string[] {
  const map = Settings.open(index).value('weight_map');
  const names = typeof map === 'object' && map !== null ? Object.values(map) : [];
  const wrong = names.find(each => typeof each !== 'string' || path.basename(each) !== each);
  if (names.length === 0 || wrong !== undefined)
    throw new Error(
      `${index}: weight_map: expected names of files in this folder, got ${JSON.stringify(wrong ?? map)}`,
    );
  return [...new Set(names as string[])].map(each => path.join(folder, each));
}

/** Counts what a net's files hold. @throws Error where there is none, or one is damaged or cut short */
export function weightHeaders(folder: string, names: readonly string[]): WeightHeaders {
  const files = weightFiles(folder, names);
  const numbers = files.map(file => {
    const opened = openSafetensors(file);
    opened.close();
    return Object.values(opened.shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  });
  return { files, numbers: numbers.reduce((a, b) => a + b, 0) };
}
