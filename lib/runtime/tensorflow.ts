/**
 * Loads TensorFlow once, for everyone. Only this folder may import tfjs-node-gpu.
 *
 * Three engines stand behind the same `tf`: TensorFlow's own library (CPU or CUDA), WebAssembly, and plain JavaScript.
 * `LAB_DEVICE=cuda|cpu|wasm|js` asks for one; without it the first that works is taken.
 */
import * as tf from '@tensorflow/tfjs';
import { DEVICES, hasNative, restoreUtil, wasmFiles } from '../platform';
import { borrowCpuKernels } from './borrowed';
import { convolveByProducts } from './convolution';
import { patchNativeGradients } from './gradients';
import { wanted } from './library';
import { type Binding, DT, type NodeBackend, patchNativeKernels, typeAttr } from './native';
import { patchComplaints } from './status';
import { freeOnTheWayBack } from './tape';
import { freeUnreachable } from './unreachable';
import { cloneWithoutCopy, multiplyUntransposed, sumSegmentsInOnePass, tileInPieces } from './wasm';
import { castToTruth, poolGradients } from './wasm-kernels';
import { startWasm, type Wasm } from './wasm-threads';
import { useWebgpu } from './webgpu';

/** `cuda` and `cpu` are TensorFlow's library, `webgpu` and `webgl` a page's graphics card; `wasm` and `js` need nothing else. */
export type DeviceKind = 'cuda' | 'cpu' | 'webgpu' | 'webgl' | 'wasm' | 'js';

if (wanted && !DEVICES.includes(wanted)) {
  throw new Error(`LAB_DEVICE=${wanted} is no device; it may be ${DEVICES.join(', ')}, or unset for the best there is`);
}

/** What was loaded; `note` says why it isn't what was hoped for. `ready` resolves when the engine can compute. */
export interface Engine {
  kind: DeviceKind;
  note?: string;
  ready: Promise<unknown>;
}

export const engine: Engine = load();
if (engine.note) console.warn(engine.note);

function load(): Engine {
  if (wanted === 'js') return loadJs();
  if (wanted === 'webgpu' || wanted === 'webgl') return loadGraphics(wanted);
  if (wanted === 'wasm' || !hasNative) return loadWasm();
  try {
    return loadNative();
  } catch (error) {
    const why = String(error instanceof Error ? error.message : error).split('\n')[0];
    const remedy = 'npm run doctor says what is missing';
    try {
      return loadWasm(`TensorFlow's library doesn't load (${why}); computing with WebAssembly, slower. ${remedy}`);
    } catch {
      return loadJs(`TensorFlow's library doesn't load (${why}); computing in plain JavaScript, very slow. ${remedy}`);
    }
  }
}

function loadNative(): Engine {
  restoreUtil();
  require('@tensorflow/tfjs-node-gpu'); // registers the backend 'tensorflow' with the tfjs that everyone shares
  patchNativeKernels();
  patchNativeGradients();
  patchComplaints(nativeBackend());
  const { state } = tf.engine() as unknown as { state: { numBytes: number } };
  freeUnreachable(nativeBackend(), () => state.numBytes);
  const kind = nativeBackend().isUsingGpuDevice ? 'cuda' : 'cpu';
  const note =
    wanted === 'cuda' && kind === 'cpu'
      ? 'LAB_DEVICE=cuda, but TensorFlow finds no GPU; using the CPU. See npm run doctor'
      : undefined;
  return { kind, note, ready: Promise.resolve() };
}

function loadWasm(note?: string): Engine {
  const wasm: Wasm & {
    setWasmPaths(places: string | Record<string, string>): void;
  } = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(wasmFiles());
  quietJs();
  borrowCpuKernels('wasm');
  multiplyUntransposed();
  convolveByProducts();
  sumSegmentsInOnePass();
  tileInPieces();
  cloneWithoutCopy();
  poolGradients();
  castToTruth();
  freeOnTheWayBack();
  return { kind: 'wasm', note, ready: useWasm(wasm) };
}

/** @throws Error where WebAssembly does not begin: tfjs would compute in plain JavaScript, and not say so */
async function useWasm(wasm: Wasm): Promise<void> {
  if (hasNative ? await tf.setBackend('wasm') : await startWasm(wasm)) return;
  if (hasNative) throw new Error('WebAssembly did not begin; choose another device by LAB_DEVICE');
  throw new Error('WebAssembly did not begin; choose another device beside "computes with" and run the cells again');
}

function loadGraphics(kind: 'webgpu' | 'webgl'): Engine {
  quietJs();
  freeOnTheWayBack();
  return { kind, ready: kind === 'webgpu' ? useWebgpu() : useWebgl() };
}

/** @throws Error where WebGL does not begin: tfjs would compute in plain JavaScript, and not say so */
async function useWebgl(): Promise<void> {
  borrowCpuKernels('webgl');
  if (!(await tf.setBackend('webgl')))
    throw new Error('WebGL did not begin; choose another device beside "computes with" and run the cells again');
}

function loadJs(note?: string): Engine {
  quietJs();
  freeOnTheWayBack();
  return { kind: 'js', note, ready: tf.setBackend('cpu') };
}

/** Without this, the JavaScript backend advertises tfjs-node at its first operation. */
function quietJs(): void {
  (tf.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false;
}

/**
 * True where TensorFlow's own library computes: only there can a step be compiled.
 * @example isNative() || device.backend !== 'tensorflow'
 */
export function isNative(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** The backend object behind `tf` when `isNative()`. */
export function nativeBackend(): NodeBackend {
  return tf.backend() as unknown as NodeBackend;
}

/**
 * Hands a tensor's numbers to TensorFlow now. tfjs waits until an operation needs them and keeps JavaScript's copy till
 * then: the weights of a model, twice in memory at its first step.
 * @example handOver(tf.ones([2])) // → [1, 1]
 */
export function handOver<T extends tf.Tensor>(tensor: T): T {
  if (isNative()) nativeBackend().getInputTensorIds([tensor]);
  return tensor;
}

/**
 * A tensor of its own with the values of `tensor`. `tf.clone` shares the storage, so that two variables that were given
 * clones of one tensor would look like one to whoever tells them apart by it. TensorFlow copies nothing until it must.
 * @example copyOf(tf.ones([2])) // → [1, 1]
 */
export function copyOf(tensor: tf.Tensor): tf.Tensor {
  const type = { float32: DT.float, int32: DT.int32, bool: DT.bool }[tensor.dtype as 'float32'];
  if (type === undefined) return tf.clone(tensor);
  if (!isNative()) return tf.tensor(tensor.dataSync().slice() as Float32Array, tensor.shape, tensor.dtype);
  return nativeBackend().executeSingleOutput('Identity', [typeAttr('T', type)], [tensor]);
}

export function binding(): Binding {
  return nativeBackend().binding;
}

// Exported as a namespace, so that both `tf.add` and the type `tf.Tensor` come from here.
export { tf };
