"""Reference values for tests/probability/linear-gaussian.test.ts, from SciPy: multivariate normals, and the linear-Gaussian
model with its posterior by conditioning the joint normal of (z, x), not by the formula that the library uses.
Run: python tests/probability/linear_gaussian_reference.py > tests/probability/linear-gaussian-reference.json"""
import json

import numpy as np
from scipy.stats import multivariate_normal as mvn

rng = np.random.default_rng(9)
D, K = 5, 3
W, mu, s = rng.normal(size=(D, K)), rng.normal(size=D), 0.3 + rng.random(D)
x = rng.normal(size=D) * 2
joint = np.block([[np.eye(K), W.T], [W, W @ W.T + np.diag(s**2)]])  # covariance of (z, x)
gain = joint[:K, K:] @ np.linalg.inv(joint[K:, K:])
posterior_mean, posterior_cov = gain @ (x - mu), joint[:K, :K] - gain @ joint[K:, :K]


def kl(m0, S0, m1, S1):
    inv = np.linalg.inv(S1)
    return 0.5 * (np.trace(inv @ S0) + (m1 - m0) @ inv @ (m1 - m0) - len(m0) + np.linalg.slogdet(S1)[1] - np.linalg.slogdet(S0)[1])


A = rng.normal(size=(K, K))
q_mean, q_cov = rng.normal(size=K), A @ A.T / K + 0.1 * np.eye(K)
z = rng.normal(size=K)
log_p = mvn(mu, W @ W.T + np.diag(s**2)).logpdf(x)
gap = kl(q_mean, q_cov, posterior_mean, posterior_cov)
draws = rng.multivariate_normal(q_mean, q_cov, size=400_000)
reconstruction = np.mean(mvn(np.zeros(D), np.diag(s**2)).logpdf(x - mu - draws @ W.T))
L, eps = np.linalg.cholesky(q_cov), np.array([0.5, -1.0, 2.0])
print(json.dumps({
    'W': W.tolist(), 'mu': mu.tolist(), 's': s.tolist(), 'x': x.tolist(), 'z': z.tolist(),
    'qMean': q_mean.tolist(), 'qCovariance': q_cov.tolist(),
    'logEvidence': float(log_p),
    'logJoint': float(mvn(np.zeros(K), np.eye(K)).logpdf(z) + mvn(W @ z + mu, np.diag(s**2)).logpdf(x)),
    'posteriorMean': posterior_mean.tolist(), 'posteriorCovariance': posterior_cov.tolist(),
    'klToPosterior': float(gap), 'klToPrior': float(kl(q_mean, q_cov, np.zeros(K), np.eye(K))), 'elbo': float(log_p - gap),
    'reconstructionByDraws': float(reconstruction),
    'qLogProb': float(mvn(q_mean, q_cov).logpdf(z)), 'qEntropy': float(mvn(q_mean, q_cov).entropy()),
}, indent=1))
