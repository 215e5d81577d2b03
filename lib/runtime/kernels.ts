/** Kernels of tfjs, exchanged for others of the same name. */
import * as tf from '@tensorflow/tfjs';

/** `make` gets the function of the kernel that is there and gives the one that takes its place; without one nothing happens. */
export function replaceKernel(
  kernelName: string,
  backendName: 'wasm' | 'webgpu',
  make: (own: tf.KernelFunc) => tf.KernelFunc,
): void {
  const own = tf.getKernel(kernelName, backendName);
  if (!own) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...own, kernelFunc: make(own.kernelFunc) });
}
