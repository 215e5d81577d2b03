"""Reference for tests/training/retrieval.test.ts: share of questions whose own answer is the nearest, by sorting in NumPy.
usage: python tests/training/retrieval_reference.py > tests/training/retrieval-reference.json, then node --import tsx tests/packed.ts with that file"""
import json

import numpy as np

rng = np.random.default_rng(14)
cases = []
for count, more, width, noise in [(40, 0, 8, 0.6), (60, 100, 6, 0.5), (24, 0, 3, 5.0)]:
    library = rng.normal(size=(count + more, width))
    own = rng.permutation(count + more)[:count]
    queries = library[own] + noise * rng.normal(size=(count, width))
    queries, library = (np.round(x / np.linalg.norm(x, axis=1, keepdims=True), 5) for x in (queries, library))
    ranked = np.argsort(-(queries @ library.T), axis=1)
    share = float(np.mean(ranked[:, 0] == own))
    cases.append({'queries': queries.tolist(), 'library': library.tolist(), 'own': own.tolist(), 'share': share})
print(json.dumps(cases))
