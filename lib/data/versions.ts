/**
 * Which versions fit each other: TensorFlow's tested builds and NVIDIA's oldest drivers, two small files in datasets/
 * (sources in datasets/README.md), and what of a machine's stack they say fits.
 * @see lesson 25-environments
 */

import Papa from 'papaparse';
import { fromRoot, fs, path } from '../platform';
import type { StackLayer } from '../runtime/stack';

const FOLDER = fromRoot('datasets');

/** One line of TensorFlow's table of tested builds (Linux, GPU). */
export interface TensorflowBuild {
  tensorflow: string;
  python_from: string;
  python_to: string;
  cudnn: string;
  cuda: string;
}

/** The oldest Linux driver that runs programs of a CUDA major version. */
export interface CudaDriver {
  cuda: string;
  driver: string;
}

const read = <Row>(name: string): Row[] =>
  Papa.parse<Row>(fs.readFileSync(path.join(FOLDER, name), 'utf8'), { header: true, skipEmptyLines: true }).data;

/**
 * TensorFlow 2.0 to 2.21, the newest first: with which Python, cuDNN and CUDA its makers tested it.
 * @example tensorflowBuilds()[0].cuda // → 12.5
 */
export const tensorflowBuilds = (): TensorflowBuild[] => read<TensorflowBuild>('tensorflow-builds.csv');

/**
 * NVIDIA's table of minor version compatibility.
 * @example cudaDrivers().find(row => row.cuda === '12')?.driver // → 525.60.13
 */
export const cudaDrivers = (): CudaDriver[] => read<CudaDriver>('cuda-drivers.csv');

/**
 * Below zero where `a` is older than `b`, number by number; what is missing counts as 0.
 * @example compareVersions('3.9', '3.10') < 0 // → true
 */
export function compareVersions(a: string, b: string): number {
  const [mine, theirs] = [a, b].map(version => version.split('.').map(part => Number.parseInt(part, 10) || 0));
  const length = Math.max(mine.length, theirs.length);
  const differs = Array.from({ length }, (_, i) => (mine[i] ?? 0) - (theirs[i] ?? 0)).find(d => d !== 0);
  return differs ?? 0;
}

/** The first `count` numbers: ('3.11.7', 2) → '3.11'. */
const cut = (version: string, count: number): string => version.split('.').slice(0, count).join('.');

/** One requirement of the installed TensorFlow. */
export interface Fit {
  layer: string;
  wanted: string;
  /** Undefined: the layer is not there. */
  found?: string;
  /** Undefined: nothing there to compare. */
  fits?: boolean;
}

/**
 * What the installed TensorFlow wants of the layers below it, and what is there. Newer minor versions of CUDA and cuDNN
 * serve (both promise it within a major version); another major version does not.
 * @throws where TensorFlow is missing, or newer than the table
 * @example fitOf([{ name: 'TensorFlow', version: '2.21.0' }, { name: 'Python', version: '3.9.2' }])[0].fits // → false
 */
export function fitOf(stack: readonly Pick<StackLayer, 'name' | 'version'>[]): Fit[] {
  const versionOf = (name: string) => stack.find(layer => layer.name === name)?.version;
  const tensorflow = versionOf('TensorFlow');
  const build = tensorflowBuilds().find(row => cut(row.tensorflow, 2) === cut(tensorflow ?? '', 2));
  if (!build)
    throw new Error(
      `no line for TensorFlow ${tensorflow ?? 'none'} in datasets/tensorflow-builds.csv; npm run doctor says what is installed`,
    );
  const major = cut(build.cuda, 1);
  const driver = cudaDrivers().find(row => row.cuda === major)?.driver ?? '';
  const sameMajor = (wanted: string) => (found: string) =>
    cut(found, 1) === cut(wanted, 1) && compareVersions(found, wanted) >= 0;
  const fit = (layer: string, wanted: string, test: (found: string) => boolean): Fit => {
    const found = versionOf(layer);
    return { layer, wanted, ...(found ? { found, fits: test(found) } : {}) };
  };
  const { python_from: from, python_to: to } = build;
  return [
    fit('Python', `${from} to ${to}`, v => compareVersions(v, from) >= 0 && compareVersions(cut(v, 2), to) <= 0),
    fit('CUDA libraries', `${build.cuda} or later of ${major}`, sameMajor(build.cuda)),
    fit('cuDNN', `${build.cudnn} or later of ${cut(build.cudnn, 1)}`, sameMajor(build.cudnn)),
    fit('NVIDIA driver', `${driver} or later`, v => compareVersions(v, driver) >= 0),
  ];
}
