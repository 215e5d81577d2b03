// Preloaded by a test: as if the native addon had never been built.
const Module = require('node:module');
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === '@tensorflow/tfjs-node-gpu') throw new Error('no tfjs_binding.node here');
  if (process.env.TEST_WITHOUT_WASM && request === '@tensorflow/tfjs-backend-wasm') throw new Error('no wasm either');
  return load.call(this, request, ...rest);
};
