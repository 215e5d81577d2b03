/** tfjs's WebGPU as a file of its own, which the cells' worker loads when that device is to compute. */
import '@tensorflow/tfjs-backend-webgpu';
