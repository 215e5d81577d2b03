/** A small one of every net of lib/models, with a training step. */
import { CaptionTokenizer } from '../../lib/data';
import {
  AutoEncoder,
  AutoencoderKL,
  BertClassifier,
  BertForMaskedLm,
  Clip,
  ClipTextModel,
  Committee,
  ConditionalUNet,
  ControlNet,
  DcganDiscriminator,
  DcganGenerator,
  DigitClassifier,
  Dit,
  discriminatorLoss,
  Flux,
  Gpt,
  generatorLoss,
  Llama,
  Mmdit,
  NewWord,
  PictureClassifier,
  ResidualClassifier,
  ResNet,
  T5Encoder,
  T5Model,
  TextRnn,
  ThingNet,
  UNet,
  Vae,
  Vit,
  VqVae,
} from '../../lib/models';
import { Adam, type Losses, type Module, mse, softmaxCrossEntropy } from '../../lib/nn';
import { random, tf } from '../../lib/runtime';

export type Batch = Record<string, tf.Tensor>;

export interface Trainee {
  modules: Module[];
  optimisers: Adam[];
  step: (batch: Batch) => Losses;
  batch: () => Batch;
}

type Maker = () => Trainee;

/** One optimiser over one loss. */
function fit(module: Module, loss: (batch: Batch) => tf.Tensor, batch: () => Batch): Trainee {
  const optimiser = new Adam(module.parameters(), { learningRate: 1e-3 });
  return {
    modules: [module],
    optimisers: [optimiser],
    step: b => optimiser.minimize(() => loss(b) as tf.Scalar),
    batch,
  };
}

const pictures = (...shape: number[]) => random.uniform(shape, -1, 1);
const ids = (shape: number[], below: number) => random.integers(shape, 0, below);
/** Pictures, times from 0 to 1, and texts as tokens and as one vector. */
const captioned = () => ({
  x: pictures(3, 4, 4, 2),
  t: random.uniform([3], 0, 1),
  text: random.normal([3, 4, 6]),
  pooled: random.normal([3, 5]),
});
/** The loss of diffusion: the net tells which noise was added. */
const noiseLoss = (x: tf.Tensor, denoise: (noisy: tf.Tensor) => tf.Tensor) => {
  const noise = random.normal(x.shape);
  return mse(denoise(x.add(noise)), noise);
};

const clipConfig = {
  text: { vocab: 13, context: 6, width: 8, layers: 1, heads: 2 },
  vision: { image: 8, patch: 4, width: 8, layers: 1, heads: 2 },
  embedding: 6,
};

/** A recurrent net that predicts the next token. */
const recurrent = (kind: 'rnn' | 'gru' | 'lstm') => (): Trainee => {
  const net = new TextRnn({ kind, vocab: 11, embedding: 4, width: 6, layers: 2 });
  return fit(
    net,
    ({ a, b }) => net.loss(a, b),
    () => ({ a: ids([3, 6], 11), b: ids([3, 6], 11) }),
  );
};

const bertConfig = { vocab: 11, context: 8, width: 8, layers: 1, heads: 2, dropout: 0.1 };
const t5Config = { vocab: 11, width: 8, headWidth: 4, heads: 2, hidden: 12, layers: 1 };

const WORDS_UNET = { channels: 2, widths: [8, 8], blocks: 1, attention: [1], heads: 2, context: 6, groups: 4 };

export const TRAINEES: Record<string, Maker> = {
  rnn: recurrent('rnn'),
  gru: recurrent('gru'),
  lstm: recurrent('lstm'),
  bert() {
    const net = new BertForMaskedLm(bertConfig);
    const batch = () => ({ x: ids([3, 8], 11), y: ids([3, 8], 11), hidden: ids([3, 8], 2), seen: ids([3, 8], 2) });
    return fit(net, ({ x, y, hidden, seen }) => net.loss(x, y, hidden, { seen, training: true }), batch);
  },
  'bert that tells classes'() {
    const net = new BertClassifier(bertConfig, 3);
    const batch = () => ({ x: ids([3, 8], 11), y: ids([3], 3) });
    return fit(net, ({ x, y }) => net.loss(x, y, { training: true }), batch);
  },
  t5() {
    const net = new T5Model({ ...t5Config, version: '1.1', dropout: 0.1 });
    const batch = () => ({ x: ids([3, 6], 11), y: ids([3, 5], 11), seen: ids([3, 6], 2) });
    return fit(net, ({ x, y, seen }) => net.loss(x, y, seen), batch);
  },
  "t5's encoder"() {
    const net = new T5Encoder({ ...t5Config, version: '1.0' });
    const batch = () => ({ x: ids([3, 6], 11), wanted: random.normal([3, 6, 8]) });
    return fit(net, ({ x, wanted }) => mse(net.forward(x), wanted), batch);
  },
  autoencoder() {
    const net = new AutoEncoder({ sizes: [64, 32, 4] });
    return fit(
      net,
      ({ x }) => net.loss(x),
      () => ({ x: pictures(8, 64) }),
    );
  },
  vae() {
    const net = new Vae({ pixels: 64, hidden: [32], latent: 4 });
    return fit(
      net,
      ({ x }) => net.negativeElbo(x).loss,
      () => ({ x: random.uniform([8, 64]) }),
    );
  },
  'vq-vae'() {
    const net = new VqVae({ channels: 1, widths: [4, 8], width: 4, codes: 8 });
    const batch = () => ({ x: pictures(4, 8, 8, 1).add(1).div(2) });
    net.startFrom(batch().x);
    return fit(net, ({ x }) => net.loss(x).loss, batch);
  },
  classifier() {
    const net = new DigitClassifier();
    const batch = () => ({ x: pictures(2, 28, 28, 1), y: ids([2], 10) });
    return fit(net, ({ x, y }) => softmaxCrossEntropy(net.forward(x), y), batch);
  },
  resnet() {
    const net = new ResNet({ depth: 8, channels: 1, width: 4 });
    const batch = () => ({ x: pictures(4, 8, 8, 1), y: ids([4], 10) });
    return fit(net, ({ x, y }) => softmaxCrossEntropy(net.forward(x, true), y), batch);
  },
  dcgan() {
    const config = { latent: 4, width: 4, channels: 1, size: 8 };
    const [maker, judge] = [new DcganGenerator(config), new DcganDiscriminator(config)];
    const optimisers = [maker, judge].map(net => new Adam(net.parameters(), { learningRate: 1e-3 }));
    const drawn = () => maker.forward(random.normal([4, 4]), true);
    const step = ({ x }: Batch) => {
      const loss = optimisers[1].minimize(() =>
        discriminatorLoss(judge.forward(x, true), judge.forward(drawn(), true)),
      );
      const fooled = optimisers[0].minimize(() => generatorLoss(judge.forward(drawn(), true)));
      return { loss, fooled };
    };
    return { modules: [maker, judge], optimisers, step, batch: () => ({ x: pictures(4, 8, 8, 1) }) };
  },
  'autoencoder of latent diffusion'() {
    const net = new AutoencoderKL({ channels: 1, widths: [4, 8], blocks: 1, latent: 2, groups: 2 });
    return fit(
      net,
      ({ x }) => mse(net.decode(net.sample(x)), x),
      () => ({ x: pictures(2, 8, 8, 1) }),
    );
  },
  'u-net'() {
    const net = new UNet({ channels: 1, base: 8, mults: [1, 2], blocks: 1, attention: [1], groups: 4 });
    const batch = () => ({ x: pictures(2, 8, 8, 1), t: ids([2], 100) });
    return fit(net, ({ x, t }) => noiseLoss(x, noisy => net.forward(noisy as tf.Tensor4D, t)), batch);
  },
  'u-net of text-to-image'() {
    const net = new ConditionalUNet(WORDS_UNET);
    const batch = () => ({ x: pictures(2, 4, 4, 2), t: ids([2], 100), words: random.normal([2, 3, 6]) });
    return fit(net, ({ x, t, words }) => noiseLoss(x, noisy => net.forward(noisy, t, words)), batch);
  },
  'control beside a frozen u-net'() {
    const unet = new ConditionalUNet(WORDS_UNET);
    const { weight } = unet.conv_out; // a new net's last layer is 0, and would hand nothing back to what steers it
    weight.assign(random.normal(weight.shape, 0, 0.2));
    const control = ControlNet.of(unet, { channels: 1, widths: [4, 4] });
    const batch = () => ({
      x: pictures(2, 4, 4, 2),
      t: ids([2], 100),
      words: random.normal([2, 3, 6]),
      hint: pictures(2, 8, 8, 1),
    });
    const steered = ({ x, t, words, hint }: Batch) =>
      noiseLoss(x, noisy =>
        unet.forward(noisy, t, words, undefined, undefined, control.forward(noisy, t, words, hint)),
      );
    return fit(control, steered, batch);
  },
  'net of things'() {
    const unet = { ...WORDS_UNET, context: 96, pooled: true, layout: [2, 2] as [number, number] };
    const net = new ThingNet({ vocab: 13, context: 5 }, unet);
    const batch = () => ({ x: pictures(2, 4, 4, 2), t: ids([2], 100), words: ids([2, 5], 13) });
    const told = ({ x, t, words }: Batch) => noiseLoss(x, noisy => net.unet.forward(noisy, t, net.text.forward(words)));
    return fit(net, told, batch);
  },
  'new word'() {
    const tokenizer = new CaptionTokenizer(['a', 'red', 'fox'], 5); //   7 tokens
    const net = new ThingNet(tokenizer);
    const word = new NewWord({ tokenizer, net }, 'glaze');
    const batch = () => ({ words: ids([2, 5], 8), y: random.normal([2, 5, 96]) }); // 7 is the new one
    return fit(word, ({ words, y }) => mse(net.text.forward(words), y), batch);
  },
  judge() {
    const net = new PictureClassifier(3, [4, 4, 8, 8]);
    const batch = () => ({ x: pictures(4, 32, 32, 3), y: ids([4], 3) });
    return fit(net, ({ x, y }) => softmaxCrossEntropy(net.forward(x), y), batch);
  },
  'judge of things'() {
    const net = new Committee([1, 2].map(() => new ResidualClassifier(3, [4, 4, 8])));
    const batch = () => ({ x: pictures(4, 32, 32, 3), y: ids([4], 3) });
    const told = ({ x, y }: Batch) => net.members.map(member => softmaxCrossEntropy(member.forward(x, true), y));
    return fit(net, each => tf.addN(told(each)), batch);
  },
  dit() {
    const net = new Dit({
      size: 4,
      channels: 2,
      patch: 2,
      width: 8,
      layers: 2,
      heads: 2,
      classes: 3,
      learnSigma: false,
    });
    const batch = () => ({ x: pictures(3, 4, 4, 2), t: ids([3], 100), y: ids([3], 4) });
    return fit(net, ({ x, t, y }) => noiseLoss(x, noisy => net.forward(noisy, t, y)), batch);
  },
  'mmdit of Stable Diffusion 3.5'() {
    const sizes = { channels: 2, patch: 2, width: 8, heads: 2, layers: 2, text: 6, pooled: 5, side: 2, most: 4 };
    const net = new Mmdit({ ...sizes, qkNorm: true, dual: 1 });
    return fit(net, b => noiseLoss(b.x, noisy => net.forward(noisy, b.t, b.text, b.pooled)), captioned);
  },
  flux() {
    const sizes = { channels: 2, width: 12, heads: 2, layers: 1, singles: 1, text: 6, pooled: 5 };
    const net = new Flux({ ...sizes, turning: [2, 2, 2], guided: true });
    const batch = () => ({ ...captioned(), guidance: random.uniform([3], 1, 5) });
    return fit(net, b => noiseLoss(b.x, x => net.forward(x, b.t, b.text, b.pooled, b.guidance)), batch);
  },
  gpt() {
    const net = new Gpt({ vocab: 11, context: 8, layers: 2, heads: 2, width: 8, dropout: 0.1 });
    return fit(
      net,
      ({ a, b }) => net.loss(a, b),
      () => ({ a: ids([3, 8], 11), b: ids([3, 8], 11) }),
    );
  },
  llama() {
    const sizes = { vocab: 11, context: 8, width: 8, hidden: 12, layers: 2, heads: 4, keyHeads: 2 };
    const net = new Llama({ ...sizes, theta: 100, epsilon: 1e-3, bias: true });
    return fit(
      net,
      ({ a, b }) => net.loss(a, b),
      () => ({ a: ids([3, 8], 11), b: ids([3, 8], 11) }),
    );
  },
  vit() {
    const net = new Vit({ image: 8, channels: 1, patch: 4, layers: 2, heads: 2, width: 8, classes: 3 });
    const batch = () => ({ x: pictures(4, 8, 8, 1), y: ids([4], 3) });
    return fit(net, ({ x, y }) => softmaxCrossEntropy(net.forward(x), y), batch);
  },
  clip() {
    const net = new Clip(clipConfig);
    return fit(
      net,
      ({ x, words }) => net.loss(x, words),
      () => ({ x: pictures(3, 8, 8, 3), words: ids([3, 6], 13) }),
    );
  },
  "clip's text half"() {
    const net = new ClipTextModel(clipConfig.text);
    const batch = () => ({ words: ids([3, 6], 13), wanted: random.normal([3, 6, 8]) });
    return fit(net, ({ words, wanted }) => mse(net.forward(words), wanted), batch);
  },
};
