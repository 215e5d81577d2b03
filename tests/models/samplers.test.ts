/** Stable Diffusion's layout, small and random, followed by other samplers: the same pictures as diffusers (solver_reference.py). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { dpmSolver2M, euler, heun, type OdeSolver } from '../../lib/diffusion';
import { StableDiffusion } from '../../lib/models/stable-diffusion';
import { readTensors } from '../../lib/nn';
import { tf } from '../../lib/runtime';
import { textsOf } from '../../scripts/paint/png-texts';
import { main } from '../../scripts/text-to-image';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, 'fixtures');
const FOLDER = path.join(FIXTURES, 'tiny-stable-diffusion');
const { tensors: known } = readTensors(path.join(FIXTURES, 'tiny-stable-diffusion-expected.safetensors'));
const { tensors: expected } = readTensors(path.join(FIXTURES, 'solvers-expected.safetensors'));
const HOW = { steps: 7, guidance: 5, negative: 'dogs' };
const apart = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).abs().max().dataSync()[0];

/** Begins with the reference's noise instead of a seed's; DPM-Solver++ has another spacing in diffusers unless it is trailing. */
function load(spacing = 'leading'): StableDiffusion {
  const folder = newFolder('solvers');
  fs.cpSync(FOLDER, folder, { recursive: true });
  const file = path.join(folder, 'scheduler/scheduler_config.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), timestep_spacing: spacing }));
  return Object.assign(StableDiffusion.load(folder, [8, 16]), { noise: () => known.start.clone() as tf.Tensor4D });
}

test('Euler, Heun and DPM-Solver++(2M) paint what diffusers paints', async () => {
  const each: [string, OdeSolver, string?][] = [
    ['euler', euler],
    ['heun', heun],
    ['dpm++2m', dpmSolver2M, 'trailing'],
  ];
  for (const [name, solver, spacing] of each) {
    const painted = await load(spacing).paint(['a red heart'], { ...HOW, solver });
    assert.ok(apart(painted, expected[name]) < 1e-4, `${name}: off by ${apart(painted, expected[name])}`);
  }
  assert.ok(apart(expected.euler, expected.heun) > 1e-2, 'they must differ');
});

test('inside a mask, from a picture, and without guidance', async () => {
  const model = load();
  const inside = await model.inpaint(known.image, known.mask, ['a red heart'], { ...HOW, solver: euler });
  assert.ok(apart(inside.mul(known.mask), expected['inpaint euler'].mul(known.mask)) < 1e-4, 'inside');
  assert.equal(apart(inside.mul(tf.sub(1, known.mask)), known.image.mul(tf.sub(1, known.mask))), 0, 'outside');
  const [a, b] = [await model.paint(['a red heart'], { steps: 7, guidance: 1 }), expected.euler];
  const plain = await model.paint(['a red heart'], { steps: 7, guidance: 1, solver: euler });
  assert.ok(apart(plain, a) < 1e-3, 'Euler is DDIM of eta 0, but for its last step'); // which ends at a picture in both
  assert.ok(apart(plain, b) > 1e-2);
  const again = await model.repaint(known.image, ['a red heart'], { ...HOW, steps: 30, strength: 0.55, solver: euler });
  const ddim = await model.repaint(known.image, ['a red heart'], { ...HOW, steps: 30, strength: 0.55 });
  assert.ok(apart(again, ddim) < 1e-3);
  await assert.rejects(
    model.inpaint(known.image, known.mask, ['a'], { ...HOW, solver: heun, resample: 2 }),
    /a solver makes each step once; leave out resample/,
  );
});

test('the command takes --sampler, its PNG says which, and --from makes the same again', async () => {
  const folder = newFolder('sampler');
  const at = (name: string) => path.join(folder, name);
  const plain = ['--model', FOLDER, '--prompt', 'a red heart', '--size', '16', '--steps', '3'];
  assert.equal(await main([...plain, '--sampler', 'dpm++2m', '--out', at('a.png')]), 0);
  assert.equal(textsOf(at('a.png')).get('sampler'), 'DPM++ 2M');
  assert.equal(await main(['--from', at('a.png'), '--out', at('b.png')]), 0);
  assert.deepEqual(fs.readFileSync(at('a.png')), fs.readFileSync(at('b.png')));
  assert.equal(await main(['--from', at('a.png'), '--sampler', 'heun', '--out', at('c.png')]), 0);
  assert.equal(textsOf(at('c.png')).get('sampler'), 'Heun');
  await assert.rejects(
    main([...plain, '--sampler', 'lms']),
    /--sampler must be one of ddim, euler, heun, dpm\+\+2m, got lms/,
  );
});
