/**
 * What the lines shown beside each other in the lessons are fed with, and what of them is compared. `before` defines what a
 * lesson has at that place; `values` are written in terms of what the shown lines define, and of `seen`, the values of
 * those among them that stand alone.
 */
import { lessonNamed, readNotebook } from '../../scripts/notebooks/notebook';

export interface Half {
  before?: string;
  values: string[];
}

export interface Pair {
  ts: Half;
  py: Half;
  /** Largest difference, relative where the number is above 1. Default: 2e-5, what float32 leaves. */
  tolerance?: number;
}

/** Both languages have `wave(n, k, s)`: s·sin(0.7·i + k) for i = 0 … n − 1. Python's is an array of NumPy, float32. */
const w = (n: number, k: number, s = 1) => `wave(${n}, ${k}, ${s})`;
const both = (...values: string[]) => ({ ts: { values }, py: { values } });

/** The code of a lesson's own cells, which must not import anything. */
function cellsOf(lesson: string, ...ids: string[]): string {
  const { cells } = readNotebook(lessonNamed(lesson).files.en);
  return ids.map(id => cells.find(cell => cell.id === id)!.source).join('\n');
}

/** By lesson and cell. */
export const PAIRS: Record<string, Pair> = {
  '00-welcome/by-hand': {
    ts: {
      before: `const x = tf.tensor(${w(32, 1, 2)}, [1, 4, 8, 1]), t = tf.tensor1d([999], 'int32'), a = 0.3;
        const net = { forward: (x, t) => x.mul(0.5).add(t.toFloat().div(1000)) };`,
      values: ['seen[0]'],
    },
    py: {
      before: `x, t, a = torch.tensor(${w(32, 1, 2)}), torch.tensor([999]), 0.3
net = lambda x, t: x * 0.5 + t / 1000`,
      values: ['seen[0]'],
    },
  },
  '01-pictures-are-tensors/python-axes': {
    ts: {
      before: 'const hwc = tf.tensor(Array.from({ length: 192 }, (_, i) => (i * 37) % 256), [8, 8, 3]);',
      values: ['chw', 'chw.shape'],
    },
    py: {
      before: 'hwc = ((np.arange(192) * 37) % 256).astype(np.uint8).reshape(8, 8, 3)',
      values: ['chw', 'list(chw.shape)'],
    },
  },
  '02-functions/python-beside': {
    ts: {
      before: `const s = tf.tensor1d(${w(5, 1, 3)}), x = tf.tensor1d(${w(9, 2, 4)});`,
      values: ['seen[0]', 'seen[1]', 'seen[2]', 'seen[3]', 'seen[4].weight.shape'],
    },
    py: {
      before: `s, x = torch.tensor(${w(5, 1, 3)}), torch.tensor(${w(9, 2, 4)})`,
      values: ['seen[0]', 'seen[1]', 'seen[2]', 'seen[3]', 'list(seen[4].weight.shape)'],
    },
  },
  '03-bayes/lib-posterior': { ts: { values: ['[p.rain, p.dry]'] }, py: { values: ['p'] } },
  '03-bayes/area-python': {
    ...both('seen[0]', 'seen[1]'),
    ts: { before: 'const within = [];', values: ['seen[0]', 'seen[1]'] },
  },
  '03-bayes/by-hand-vs-lib': {
    ts: { before: `const logPrior = [...${w(10, 1)}], ll = [...${w(10, 4, 50)}];`, values: ['seen[0]'] },
    py: { before: `log_prior, ll = torch.tensor(${w(10, 1)}), torch.tensor(${w(10, 4, 50)})`, values: ['seen[0]'] },
  },
  '04-entropy-kl/entropy-python': {
    ts: { values: ['seen[0]', 'seen[1]', 'seen[0]'] },
    py: { values: ['seen[0]', 'seen[1]', 'seen[2]'] },
  },
  '04-entropy-kl/gaussian-python': both('seen[0]', 'seen[1]'),
  '04-entropy-kl/one-picture': {
    ts: {
      before: `const logits = tf.tensor(${w(50, 1, 4)}, [5, 10]), labels = tf.tensor1d([3, 0, 9, 4, 4], 'int32');
        const loss = softmaxCrossEntropy(logits, labels).dataSync()[0];`,
      values: ['seen[0]', 'seen[1]'],
    },
    py: {
      before: `logits, labels = torch.tensor(${w(50, 1, 4)}).reshape(5, 10), torch.tensor([3, 0, 9, 4, 4])
loss = F.cross_entropy(logits, labels)`,
      values: ['seen[0]', 'seen[1]'],
    },
  },
  '05-how-a-network-learns/python-beside': {
    ts: {
      before: `const knobs = { w1: num(0.2), b1: num(0.1), w2: num(-0.5), b2: num(0) }, [x1, x2, y] = [0.8, -1.3, 2];
        const net = (k, x1, x2) => k.w1.mul(x1).add(k.b1).tanh().add(k.w2.mul(x2)).add(k.b2);`,
      values: ['Object.values(knobs).map(k => k.grad)'],
    },
    py: {
      before: `w1, b1, w2, b2 = [torch.tensor(v, requires_grad=True) for v in (0.2, 0.1, -0.5, 0.)]
x1, x2, y = 0.8, -1.3, 2
net = lambda x1, x2: torch.tanh(w1 * x1 + b1) + w2 * x2 + b2`,
      values: ['[k.grad for k in (w1, b1, w2, b2)]'],
    },
  },
  '06-convolution/python-beside': {
    ts: {
      before: `const x = tf.zeros([1, 256, 256, 3]), file = path.join(folder, 'ours.npy');
        const array = { dtype: 'float32', shape: [2, 3], data: ${w(6, 1)} };`,
      values: ['seen[0]', 'seen[1]', 'readNpy(file).data'],
    },
    py: {
      before: `x, array, file = torch.zeros(1, 3, 256, 256), ${w(6, 1)}.reshape(2, 3), folder + '/theirs.npy'`,
      values: ['[seen[0][i] for i in (0, 2, 3, 1)]', 'seen[1]', 'np.load(file)'],
    },
  },
  '07-depth/python-beside': {
    ts: {
      before: `const f = tf.tensor(${w(256, 1)}, [2, 4, 2, 16]), x = tf.tensor(${w(256, 2)}, [2, 4, 2, 16]), shape = [3, 3, 64, 64], fanIn = 576;
        const conv = () => new Conv2d(16, 16, 3, { padding: 1, bias: false }), bn = () => new BatchNorm2d(16);
        const net = { parameterCount: () => [conv(), bn(), conv(), bn()].map(l => l.parameterCount()).reduce((a, b) => a + b) };`,
      values: ['seen[0]', 'seen[1]', 'seen[3]'], // seen[2] is drawn at random
    },
    py: {
      before: `f, x = [torch.tensor(wave(256, k, 1)).reshape(2, 4, 2, 16).permute(0, 3, 1, 2) for k in (1, 2)]
w, bn = torch.zeros(64, 64, 3, 3), nn.BatchNorm2d(16)
conv = lambda: nn.Conv2d(16, 16, 3, padding=1, bias=False)
net = nn.Sequential(conv(), nn.BatchNorm2d(16), conv(), nn.BatchNorm2d(16))`,
      values: ['seen[0].permute(0, 2, 3, 1)', 'seen[2].permute(0, 2, 3, 1)', 'seen[4]'],
    },
    tolerance: 1e-4,
  },
  '09-elbo/python-beside': {
    ts: {
      before: `const world = new LinearGaussian([[1.5]], [0], [0.8]), logWeights = ${w(5000, 1, 6)};`,
      values: ['seen[0]', 'seen[1]', 'seen[2]'],
    },
    py: {
      before: `Normal, kl_divergence = torch.distributions.Normal, torch.distributions.kl_divergence
log_w = torch.tensor(${w(5000, 1, 6)})`,
      values: ['seen[0]', 'seen[1]', 'seen[2]'],
    },
  },
  '10-training-a-vae/python-beside': {
    ts: {
      before: `const of = (k, s) => tf.tensor(${'Float32Array.from({ length: 80 }, (_, i) => s * Math.sin(0.7 * i + k))'}, [4, 20]);
        const [mean, logVar, eps, logits] = [of(1, 1), of(2, 1), of(3, 1.5), of(4, 3)], x = of(5, 0.5).add(0.5);`,
      values: ['z', 'recon', 'kl', 'wave(6, 1, 2)'],
    },
    py: {
      before: `of = lambda k, s: torch.tensor((s * np.sin(0.7 * np.arange(80) + k)).astype(np.float32)).reshape(4, 20)
mu, logvar, eps, logits, x = of(1, 1), of(2, 1), of(3, 1.5), of(4, 3), of(5, 0.5) + 0.5`,
      values: ['z', 'recon', 'kl', 'wave(6, 1, 2)'],
    },
  },
  '11-gan/rest': {
    ts: {
      before: `const real = tf.tensor(${w(8, 1, 3)}), fake = tf.tensor(${w(8, 2, 3)});`,
      values: ['seen[0]', 'seen[1]'],
    },
    py: {
      before: `real, fake = torch.tensor(${w(8, 1, 3)}), torch.tensor(${w(8, 2, 3)})`,
      values: ['loss_d', 'loss_g'],
    },
  },
  '12-diffusion/lib-schedule': {
    ts: {
      before: `const linear = linearSchedule(), x0 = tf.tensor(${w(32, 1)}, [2, 4, 4, 1]), eps = tf.tensor(${w(32, 2)}, [2, 4, 4, 1]);
        const t = tf.tensor1d([10, 700], 'int32');`,
      values: ['x', 'alphaBar[999]', 'alphaBar[500]'],
    },
    py: {
      before: `x0, eps = torch.tensor(${w(32, 1)}).reshape(2, 4, 4, 1), torch.tensor(${w(32, 2)}).reshape(2, 4, 4, 1)
t = torch.tensor([10, 700]).reshape(2, 1, 1, 1)`,
      values: ['x', 'alpha_bar[999]', 'alpha_bar[500]'],
    },
  },
  '13-latent-diffusion/scale-python': {
    // each scale is its own model's: what is compared does not depend on it
    ts: {
      before: `const x = tf.tensor(${w(12, 1)}), vae = { encode: x => ({ mean: x.mul(2).add(1) }), decode: z => z.tanh() };`,
      values: ['z.div(scale)', 'y'],
    },
    py: {
      before: `x, half = torch.tensor(${w(12, 1)}), lambda **parts: types.SimpleNamespace(**parts)
vae = half(config=half(scaling_factor=1.5), decode=lambda z: half(sample=torch.tanh(z)),
    encode=lambda x: half(latent_dist=half(mean=x * 2 + 1)))`,
      values: ['z / scale', 'y'],
    },
  },
  '14-text-to-image/guidance-by-hand': {
    ts: {
      before: `const [without, withWords, w] = [tf.tensor(${w(12, 1)}), tf.tensor(${w(12, 2)}), 4];`,
      values: ['seen[0]'],
    },
    py: {
      before: `noise_pred_uncond, noise_pred_text, guidance_scale = torch.tensor(${w(12, 1)}), torch.tensor(${w(12, 2)}), 4`,
      values: ['noise_pred'],
    },
  },
  '16-sequences/python-beside': {
    ts: {
      before: `const x = tf.tensor(wave(160, 1, 1), [1, 5, 32]);
        class Lstm extends lib.Lstm { // with weights made by a formula
          constructor(config) {
            super(config);
            const weights = Object.entries(this.stateDict()).sort(([a], [b]) => (a < b ? -1 : 1));
            this.loadStateDict(Object.fromEntries(weights.map(([name, w], i) => [name, tf.tensor(wave(w.size, i, 0.1), w.shape)])));
          }
        }`,
      values: ['outputs', 'seen[0]'],
    },
    py: {
      before: `x = torch.tensor(wave(160, 1, 1)).reshape(1, 5, 32)
class Filled(nn.LSTM):
    def __init__(self, *config, **more):
        super().__init__(*config, **more)
        for i, (name, p) in enumerate(sorted(self.named_parameters())):
            p.data = torch.tensor(wave(p.numel(), i, 0.1)).reshape(p.shape)
nn = types.SimpleNamespace(LSTM=Filled)`,
      values: ['outputs', 'seen[0]'],
    },
  },
  '17-attention-gpt/python-beside': {
    ts: {
      before: `const T = 4, [q, k, v] = [1, 2, 3].map(n => tf.tensor(wave(48, n, 2), [1, 2, 4, 6]));`,
      values: ['seen[0]'],
    },
    py: {
      before: 'q, k, v = [torch.tensor(wave(48, n, 2)).reshape(1, 2, 4, 6) for n in (1, 2, 3)]',
      values: ['seen[0]'],
    },
  },
  '21-pretrain-finetune-reward/dpo-python': {
    ts: {
      before: `const beta = 0.5, [liked, refLiked, other, refOther] = [1, 2, 3, 4].map(n => tf.tensor1d(wave(12, n, 6)));`,
      values: ['better', 'loss', 'tf.grad(x => x.neg().softplus().mean())(better)'],
    },
    py: {
      before: `beta = 0.5
liked, ref_liked, other, ref_other = [torch.tensor(wave(12, n, 6)).requires_grad_() for n in (1, 2, 3, 4)]`,
      values: ['better', 'loss', 'torch.autograd.grad(loss, better)[0]'],
    },
  },
  '22-r1/python': {
    ts: {
      before: `const rewards = [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0];
        const ratio = tf.tensor1d(wave(16, 1, 0.5)).add(1), [logp, ref] = [2, 3].map(n => tf.tensor1d(wave(16, n, 1)));`,
      values: ['A', 'worth', 'far'],
    },
    py: {
      before: `rewards = torch.tensor([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0], dtype=torch.float32)
ratio = torch.tensor(wave(16, 1, 0.5)) + 1
logp, ref = [torch.tensor(wave(16, n, 1)) for n in (2, 3)]`,
      values: ['A', 'worth', 'far'],
    },
  },
  '23-objects/pillars-python': {
    ts: { before: cellsOf('23-objects', 'chain', 'pillars'), values: ['seen[0]'] },
    py: { values: ['seen[0]'] },
  },
  '23-objects/menu-python': {
    ts: { before: cellsOf('23-objects', 'menu'), values: ['seen'] },
    py: { values: ['seen'] },
  },
  '23-objects/numbers-python': {
    ts: { before: cellsOf('23-objects', 'chain', 'pillars', 'numbers', 'brackets'), values: ['seen'] },
    py: { values: ['seen'] },
  },
  '23-objects/string-python': {
    ts: { before: cellsOf('23-objects', 'chain', 'string'), values: ['seen'] },
    py: { values: ['seen'] },
  },
  '23-objects/car-python': {
    ts: { before: cellsOf('23-objects', 'car'), values: ['seen'] },
    py: { values: ['seen[1:]'] }, // the first is what clearing the log gives: nothing
  },
  '23-objects/net-python': {
    ts: { before: cellsOf('23-objects', 'net'), values: ['seen'] },
    py: { values: ['seen'] },
  },
  '23-objects/torch-python': {
    ts: { before: cellsOf('23-objects', 'torch-function'), values: ['seen'] },
    py: { values: ['seen'] },
  },
  '24-kitchen/numpy-beside': {
    ts: {
      before:
        'const x = Array.from({ length: 28 }, (_, r) => Array.from({ length: 28 }, (_, c) => (31 * r + 7 * c) % 256));',
      values: ['seen[0]', 'seen[1]', 'seen[2]', 'seen[3]'],
    },
    py: {
      before: 'x = [[(31 * r + 7 * c) % 256 for c in range(28)] for r in range(28)]',
      values: ['seen[0]', '[seen[1]]', 'seen[2:4]', 'seen[4:6]'],
    },
  },
};

/** Pairs that are not run, and why. */
export const NOT_RUN: Record<string, string> = {
  '08-latent-spaces/python-beside':
    'four lines on data of four shapes; tests/models/autoencoder.test.ts holds each against NumPy',
  '15-lora/python': 'needs peft and diffusers; tests/nn/lora.test.ts holds counts and outputs against recorded ones',
};
