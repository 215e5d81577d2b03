/**
 * Loads TensorFlow's library before anything else of the runtime. Loading it takes 250 MiB for a moment (see
 * native/memory.h); done first, that moment is over before tfjs's own code fills the heap, and the peak is lower.
 */
import { hasNative, inPackage } from '../platform';
import { oneDnnSetting, processor } from './processor';

/** The device that `LAB_DEVICE` asks for; undefined: the best there is. */
export const wanted = process.env.LAB_DEVICE?.trim().toLowerCase() || undefined;

/**
 * Settings that TensorFlow reads once, when it is loaded; what the reader has set stays. Its own log is silent (a reader
 * sets TF_CPP_MIN_LOG_LEVEL=0 for it), and its kernels are chosen by the processor.
 */
function prepareLibrary(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  const kernels = process.env.TF_ENABLE_ONEDNN_OPTS ?? (process.platform === 'linux' && oneDnnSetting(processor()));
  if (kernels) process.env.TF_ENABLE_ONEDNN_OPTS = kernels;
  if (wanted === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
}

if (hasNative && wanted !== 'js' && wanted !== 'wasm') {
  prepareLibrary();
  try {
    require(inPackage('@tensorflow/tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node'));
  } catch {
    // Whoever loads the package next (tensorflow.ts) meets the same error, and says what it means.
  }
}
