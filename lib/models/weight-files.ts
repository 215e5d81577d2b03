/** A net's weights from a folder of Hugging Face: one safetensors file, or several that an index names. */
import { openSafetensors, Settings, toTensor } from '../formats';
import type { Module } from '../nn';
import { fs, path } from '../platform';
import { handOver } from '../runtime';

/**
 * Fills the net, one weight after the other; what the files hold and `ours` says is no weight of it is left out.
 * @param name what the files are called: NAME.safetensors, or those of NAME.safetensors.index.json
 * @throws Error that names the folder and what is missing, unknown or of another shape; the net is disposed then
 */
export function fillFromFolder<M extends Module>(
  net: M,
  folder: string,
  name: string,
  ours: (weight: string) => boolean = () => true,
): M {
  const files = weightFiles(folder, name).map(openSafetensors);
  try {
    const places = files.flatMap(file => Object.keys(file.shapes).map(weight => [weight, file] as const));
    const wanted = places.filter(([weight]) => ours(weight));
    const byName = new Map(wanted);
    if (byName.size < wanted.length) throw new Error('a weight stands in two of its files');
    const shapes = Object.fromEntries(wanted.map(([weight, file]) => [weight, file.shapes[weight]]));
    net.fill(shapes, weight => handOver(toTensor(byName.get(weight)!.read(weight))));
  } catch (error) {
    net.dispose();
    throw new Error(`${folder}: ${(error as Error).message}`);
  } finally {
    for (const file of files) file.close();
  }
  return net;
}

function weightFiles(folder: string, name: string): string[] {
  const [single, index] = [`${name}.safetensors`, `${name}.safetensors.index.json`].map(each =>
    path.join(folder, each),
  );
  if (fs.existsSync(single)) return [single];
  if (!fs.existsSync(index))
    throw new Error(`no ${name}.safetensors in ${folder}, nor an index of several; copy it there`);
  const map = Settings.open(index).value('weight_map');
  const names = typeof map === 'object' && map !== null ? Object.values(map) : [];
  const wrong = names.find(each => typeof each !== 'string' || path.basename(each) !== each);
  if (names.length === 0 || wrong !== undefined)
    throw new Error(
      `${index}: weight_map: expected names of files in this folder, got ${JSON.stringify(wrong ?? map)}`,
    );
  return [...new Set(names as string[])].map(each => path.join(folder, each));
}
