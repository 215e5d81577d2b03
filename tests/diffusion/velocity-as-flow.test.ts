/** A net for v on a schedule with ᾱ + (1 − ᾱ) = 1 is a net for flow matching's ε − x0, after a change of scale and of time. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cosineSchedule, type Denoiser, euler, type Field, sample, solve, spacedSteps } from '../../lib/diffusion';
import { DIGIT_DIT } from '../../lib/models/digits';
import { Dit } from '../../lib/models/dit';
import { loadPretrained } from '../../lib/models/pretrained';
import { random, start, tf } from '../../lib/runtime';

const schedule = cosineSchedule();
/** s = σ/(α + σ) of each step: where its x_t/(α + σ) lies on the straight line from data, 0, to noise, 1. */
const shares = schedule.alphaBar.map(kept => Math.sqrt(1 - kept) / (Math.sqrt(kept) + Math.sqrt(1 - kept)));

let denoiser: Denoiser;

before(async () => {
  await start({ seed: 1 });
  const dit = new Dit(DIGIT_DIT);
  loadPretrained('latent-dit', dit);
  const asked = tf.tensor1d([3, 7], 'int32');
  denoiser = (x, t) => dit.forward(x, t, asked);
});

/** The velocity ε − x0 at the time s, for s of the schedule's own steps; `read` makes it of v, x_t, α and σ. */
function flowOf(read: (v: tf.Tensor, xt: tf.Tensor, alpha: tf.Tensor, sigma: tf.Tensor) => tf.Tensor): Field {
  return (x, s) => {
    const length = s.square().add(tf.sub(1, s).square()).sqrt();
    const [alpha, sigma] = [tf.sub(1, s).div(length), s.div(length)]; //        α² + σ² = 1
    const t = tf.tensor1d(shares).sub(s).abs().argMin().toFloat(); //           the step of this s
    const xt = x.mul(alpha.add(sigma)); //                                      [2, 8, 8, 4], as the net was trained
    return read(denoiser(xt, t.mul(tf.ones([2]))), xt, alpha, sigma);
  };
}

const exact = flowOf((v, xt, alpha, sigma) => xt.mul(sigma.sub(alpha)).add(v.mul(alpha.add(sigma))));
const unread = flowOf(v => v);

async function distances(field: Field): Promise<number> {
  const noise = random.normal([2, 8, 8, 4]);
  const path = spacedSteps(1000, 8);
  const shape = [2, 8, 8, 4];
  const byDdim = await sample(denoiser, { schedule, shape, path, start: noise, prediction: 'v', clip: undefined });
  const kept = schedule.alphaBar[path[0]];
  const begin = noise.div(Math.sqrt(kept) + Math.sqrt(1 - kept));
  const byFlow = await solve(field, { start: begin, levels: [...path.map(t => shares[t]), 0], solver: euler });
  return byFlow.sub(byDdim).abs().max().dataSync()[0];
}

test('eight Euler steps of the flow end where eight steps of DDIM end', async () => {
  const distance = await distances(exact);
  assert.ok(distance < 1e-3, `${distance} apart, of latents with a deviation of 1`);
});

test('and do not where v is taken for the velocity as it is', async () => {
  const distance = await distances(unread);
  assert.ok(distance > 0.1, `${distance} apart`);
});

test('along the cosine schedule s is nearly t / 1,000', () => {
  const farthest = Math.max(...shares.map((s, t) => Math.abs(s - t / 999)));
  assert.ok(farthest > 0.04 && farthest < 0.06, String(farthest));
});
