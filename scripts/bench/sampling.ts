/** 50 DDIM steps (Song et al. 2021, eq. 12, η = 0) of 16 images, linear β schedule. */
import { UNet } from '../../lib/models/unet';
import { compile, random } from '../../lib/runtime';
import { tf } from './models';

const STEPS = 50;
const TRAINED = 1000;

export function ddimSampler(mode: string): () => void {
  const unet = new UNet({ channels: 1, base: 32, mults: [1, 2, 2], blocks: 1, attention: [], groups: 8 });
  const kept = cumulativeAlpha();
  const denoise = (x: tf.Tensor, t: tf.Tensor, now: tf.Tensor, next: tf.Tensor): tf.Tensor => {
    const noise = unet.forward(x as tf.Tensor4D, tf.fill([16], 1).mul(t).toInt()); // [16, 32, 32, 1]
    const clean = x.sub(noise.mul(tf.sqrt(tf.sub(1, now)))).div(now.sqrt());
    return clean.mul(next.sqrt()).add(noise.mul(tf.sqrt(tf.sub(1, next))));
  };
  const run =
    mode === 'eager'
      ? (...args: Parameters<typeof denoise>) => tf.tidy(() => denoise(...args))
      : compile(denoise, { xla: mode === 'xla' });
  return () => {
    let x = random.normal([16, 32, 32, 1]) as tf.Tensor;
    for (let i = STEPS - 1; i >= 0; i--) {
      const t = (i * TRAINED) / STEPS;
      const scalars = [t, kept[t], i > 0 ? kept[t - TRAINED / STEPS] : 1].map(value => tf.scalar(value));
      const next = run(x, scalars[0], scalars[1], scalars[2]);
      tf.dispose([x, scalars]);
      x = next;
    }
    x.dataSync();
    x.dispose();
  };
}

function cumulativeAlpha(): number[] {
  let product = 1;
  return Array.from({ length: TRAINED }, (_, t) => {
    product *= 1 - (1e-4 + ((0.02 - 1e-4) * t) / (TRAINED - 1));
    return product;
  });
}
