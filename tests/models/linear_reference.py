"""Reference values for tests/models/autoencoder.test.ts, from NumPy: principal components by singular values, the best linear
map by lstsq, and an auto-encoder's forward pass with SiLU, on numbers made by a formula.
Run: python tests/models/linear_reference.py > tests/models/linear-reference.json"""
import json

import numpy as np


def wave(n, seed, size=1.0):
    i = np.arange(n)
    return size * np.sin(0.7 * i + seed + 0.01 * i * i)


x = wave(60, 1).reshape(12, 5) * np.array([3, 2, 1, 0.5, 0.2]) + np.arange(5)
centred = x - x.mean(0)
_, values, vt = np.linalg.svd(centred, full_matrices=False)
kept = x.mean(0) + centred @ vt[:2].T @ vt[:2]
y = wave(36, 2).reshape(12, 3)
full = np.c_[x, np.ones(12)]
many, few = np.linalg.lstsq(full, y, rcond=None)[0], np.linalg.lstsq(full[:4], y[:4], rcond=None)[0]

silu = lambda v: v / (1 + np.exp(-v))
sizes = [6, 4, 2]
weights = [wave(o * i, k, 0.5).reshape(o, i) for k, (i, o) in enumerate([(6, 4), (4, 2), (2, 4), (4, 6)])]
biases = [wave(o, 10 + k, 0.1) for k, o in enumerate([4, 2, 4, 6])]
pictures = wave(18, 3).reshape(3, 6)
code = silu(pictures @ weights[0].T + biases[0]) @ weights[1].T + biases[1]
back = silu(code @ weights[2].T + biases[2]) @ weights[3].T + biases[3]
print(json.dumps({
    'variances': (values**2 / 12).tolist(), 'kept': kept.tolist(), 'many': many.tolist(), 'few': few.tolist(),
    'code': code.tolist(), 'back': back.tolist(), 'loss': float(((back - pictures) ** 2).mean()),
}, indent=1))
