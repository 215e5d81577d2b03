/** `node cuda-compute.cjs ADDON`: multiplies two matrices through that addon and says where it was done. */
const path = require('node:path');
const util = require('node:util');

const addon = process.argv[2];
util.isNullOrUndefined ??= value => value === null || value === undefined; // gone since Node 23
util.isArray ??= Array.isArray;

// The package looks for its own addon: let it find the one that is asked for.
const Module = require('node:module');
const load = Module._load;
Module._load = (request, ...rest) => load(/tfjs_binding\.node$/.test(request) ? path.resolve(addon) : request, ...rest);

const tf = require('@tensorflow/tfjs-node-gpu');
const product = tf
  .matMul(tf.ones([512, 512]), tf.ones([512, 512]))
  .sum()
  .dataSync()[0];
if (product !== 512 ** 3) throw new Error(`a product of ones gave ${product}, expected ${512 ** 3}`);
const { binding, isUsingGpuDevice } = tf.backend();
const where = isUsingGpuDevice ? 'on the GPU' : 'on the CPU: TensorFlow finds no GPU';
console.log(`✓ TensorFlow ${binding.TF_Version}, built with CUDA, computes ${where}`);
