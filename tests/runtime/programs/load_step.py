"""Loads the SavedModel in argv[1], calls its step four times on ones, prints the results as JSON."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

step = tf.saved_model.load(sys.argv[1]).signatures["step"]
inputs = {spec.name if spec.name in ("x", "y") else name: tf.ones(spec.shape, spec.dtype) for name, spec in step.structured_input_signature[1].items()}
results = [{name: value.numpy().tolist() for name, value in step(**inputs).items()} for _ in range(4)]
print(json.dumps(results))
