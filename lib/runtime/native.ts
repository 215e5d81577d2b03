/** What tfjs-node keeps to itself, typed: the backend object, the C++ binding, and kernels that we replace. */
import * as tf from '@tensorflow/tfjs';

/** TensorFlow's number for a dtype (tensorflow/core/framework/types.proto). */
export const DT = { float: 1, int32: 3, string: 7, complex64: 8, int64: 9, bool: 10 } as const;

/** One attribute of an operation; `type` is one of `ATTR`. */
export interface OpAttr {
  name: string;
  type: number;
  value: unknown;
}
export const ATTR = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** A tensor inside TensorFlow: its handle's number, and what it holds. */
export interface NativeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

export type HostValues = Float32Array | Int32Array | Uint8Array;

/** The C++ addon; the functions from `addGraphFunction` on are ours (native/binding.cc, native/cluster.h, native/shapes.h). */
export interface Binding {
  createTensor(shape: number[], dtype: number, values: HostValues | unknown[]): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): HostValues;
  executeOp(name: string, attrs: OpAttr[], inputs: number[], outputs: number): NativeTensor[];
  getNumOfTensors(): number;
  TF_Version: string;
  addGraphFunction(name: string, graph: Uint8Array, inputs: string[], outputs: string[], uses: string[]): void;
  removeFunction(name: string): void;
  runFunction(
    name: string,
    xla: boolean,
    inputs: Int32Array,
    targets: Int32Array,
    workers?: readonly string[],
    addresses?: readonly string[],
    patienceMs?: number,
  ): NativeTensor[];
  listenOnly(address: string): boolean;
  startServer(serverDef: Uint8Array): void;
  joinCluster(serverDef: Uint8Array, keepAliveSeconds: number, timeoutMs: number): void;
  listDevices(): string[];
  releaseMemory(): void;
  /** Missing where TensorFlow is (dry-backend.ts). */
  startShapes?(): void;
  shapesOf?(
    op: string,
    inputs: Int32Array,
    listed: number,
    names: string[],
    values: Uint8Array[],
  ): { dtype: number; shape: number[] | null }[];
}

/** What the backend knows of a tensor; `values` wait on the host until an operation first needs them. */
export interface TensorRecord {
  id: number;
  shape: number[];
  dtype: number;
  values: HostValues | unknown[] | null;
  refCount: number;
}

export interface NodeBackend {
  binding: Binding;
  isUsingGpuDevice: boolean;
  tensorMap: { get(dataId: object): TensorRecord; has(dataId: object): boolean };
  getInputTensorIds(tensors: tf.Tensor[]): number[];
  write(values: HostValues, shape: number[], dtype: tf.DataType): object;
  createOutputTensor(info: NativeTensor): tf.Tensor;
  executeSingleOutput(name: string, attrs: OpAttr[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attrs: OpAttr[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
  readSync(dataId: object): HostValues;
  read(dataId: object): Promise<HostValues>;
}

/** A typed attribute such as T = float32. */
export const typeAttr = (name: string, dtype: number): OpAttr => ({ name, type: ATTR.type, value: dtype });

const dtypeNumber = (dtype: tf.DataType): number =>
  dtype === 'float32' ? DT.float : DT[dtype as 'int32' | 'bool' | 'complex64' | 'string'];

type Kernel = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];

/**
 * tfjs-node's kernel for gather reads all indices back to check them, which waits for the device each time and can't
 * be compiled. TensorFlow checks them itself (on a CPU; on a GPU, wrong ones give zeros).
 */
const gather: Kernel = ({ inputs, attrs, backend }) => {
  const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
  const { axis, batchDims } = attrs as unknown as { axis: number; batchDims: number };
  const types = [
    typeAttr('Tparams', dtypeNumber(x.dtype)),
    typeAttr('Tindices', dtypeNumber(indices.dtype)),
    typeAttr('Taxis', DT.int32),
  ];
  const along = tf.scalar(axis, 'int32');
  const all = [{ name: 'batch_dims', type: ATTR.int, value: batchDims }, ...types];
  const result = (backend as NodeBackend).executeSingleOutput('GatherV2', all, [x, indices, along]);
  along.dispose();
  return result;
};

/** tfjs-node's kernel leaves out a type that a graph must have. */
const expandDims: Kernel = ({ inputs, attrs, backend }) => {
  const { input } = inputs as { input: tf.TensorInfo };
  const at = tf.scalar((attrs as unknown as { dim: number }).dim, 'int32');
  const types = [typeAttr('T', dtypeNumber(input.dtype)), typeAttr('Tdim', DT.int32)];
  const result = (backend as NodeBackend).executeSingleOutput('ExpandDims', types, [input, at]);
  at.dispose();
  return result;
};

/** tfjs-node's kernel casts what it averages, and tells the type of before, which a graph does not take. */
const mean: Kernel = ({ inputs, attrs, backend }) => {
  const { x } = inputs as { x: tf.TensorInfo };
  const { axis, keepDims } = attrs as unknown as tf.MeanAttrs;
  const along = tf.tensor1d(tf.util.parseAxisParam(axis, x.shape), 'int32');
  const floats = tf.cast(x as tf.Tensor, 'float32');
  const types = [typeAttr('T', DT.float), typeAttr('Tidx', DT.int32)];
  const all = [{ name: 'keep_dims', type: ATTR.bool, value: keepDims }, ...types];
  const result = (backend as NodeBackend).executeSingleOutput('Mean', all, [floats, along]);
  tf.dispose([floats, along]);
  return result;
};

export function patchNativeKernels(): void {
  for (const [kernelName, kernelFunc] of Object.entries({ GatherV2: gather, ExpandDims: expandDims, Mean: mean })) {
    tf.unregisterKernel(kernelName, 'tensorflow');
    tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
  }
}
