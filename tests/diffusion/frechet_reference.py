"""Reference for tests/diffusion/frechet.test.ts: Frechet distances by scipy.linalg.sqrtm.
usage: python tests/diffusion/frechet_reference.py > tests/diffusion/frechet_reference.json, then node --import tsx tests/packed.ts with that file"""
import json
import numpy as np
from scipy.linalg import sqrtm

rng = np.random.default_rng(12)
cases = []
for count, width, rank in [(40, 5, 5), (200, 12, 12), (30, 8, 3)]:  # the last one: singular covariances
    mix = rng.normal(size=(rank, width))
    a = rng.normal(size=(count, rank)) @ mix
    b = (rng.normal(size=(count, rank)) * 1.3 + 0.4) @ (mix + 0.1 * rng.normal(size=(rank, width)))
    a, b = a.astype(np.float32), b.astype(np.float32)
    ca, cb = (np.cov(m.astype(np.float64), rowvar=False) for m in (a, b))
    d = a.astype(np.float64).mean(0) - b.astype(np.float64).mean(0)
    distance = d @ d + np.trace(ca + cb - 2 * sqrtm(ca @ cb).real)
    nine = lambda m: [[float(f"{v:.9g}") for v in row] for row in m.tolist()]  # nine digits say a float32 exactly
    cases.append({"a": nine(a), "b": nine(b), "distance": float(distance)})
print(json.dumps(cases, separators=(',', ':')))
