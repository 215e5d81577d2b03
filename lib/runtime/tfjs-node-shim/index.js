// danfojs asks for '@tensorflow/tfjs-node'; a second copy of TensorFlow must never be loaded.
module.exports = require('@tensorflow/tfjs');
