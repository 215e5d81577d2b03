export type { DType, NdArray, TypedArray } from './dtypes';
export { inProject, readWhole, writeAtomic } from './files';
export { type GgufValue, type OpenGguf, openGguf } from './gguf';
export { parseNpy, readNpy, writeNpy } from './npy';
export { readNpz, writeNpz } from './npz';
export * from './python';
export {
  type OpenSafetensors,
  openSafetensors,
  readSafetensors,
  type Safetensors,
  writeSafetensors,
} from './safetensors';
export { Settings } from './settings';
export { fromTensor, toTensor } from './tensors';
