/** Losses, counts and configs of lib/models: wrong shapes and numbers are refused, nothing is broadcast without a word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as m from '../../lib/models';
import { KeyValueCache, logProbsOf } from '../../lib/nn';
import { compile, HostRandom, shapesOnly, tf } from '../../lib/runtime';
import { checkSettings, checkShapes, failure, NO_COUNT } from '../ranges';

const z = (...shape: number[]) => tf.zeros(shape);
const ids = (...shape: number[]) => tf.zeros(shape, 'int32');
const VAE: m.VaeConfig = { pixels: 6, hidden: [4], latent: 2 };
const GPT: m.GptConfig = { vocab: 5, context: 4, layers: 1, heads: 1, width: 4 };
const CLIP: m.ClipConfig = {
  text: { vocab: 5, context: 4, width: 4, layers: 1, heads: 1 },
  vision: { image: 4, patch: 2, width: 4, layers: 1, heads: 1 },
  embedding: 3,
};
const UNET: m.UNetConfig = { channels: 1, base: 4, mults: [1, 2], blocks: 1, attention: [], groups: 2, classes: 3 };
const DIT: m.DitConfig = {
  size: 4,
  channels: 1,
  patch: 2,
  width: 8,
  layers: 1,
  heads: 2,
  classes: 3,
  learnSigma: false,
};
const WORDS: m.ConditionalUNetConfig = {
  channels: 1,
  widths: [4, 8],
  blocks: 1,
  attention: [1],
  heads: 2,
  context: 3,
  groups: 2,
};

const LLAMA: m.LlamaConfig = { vocab: 5, context: 4, width: 4, hidden: 4, layers: 1, heads: 2, keyHeads: 1, theta: 10 };
const BERT: m.BertConfig = { vocab: 5, context: 4, width: 4, layers: 1, heads: 2 };
const T5: m.T5Config = { vocab: 5, width: 4, headWidth: 2, heads: 2, hidden: 4, layers: 1, version: '1.1' };

test('wrong shapes are refused by nets of language', async () => {
  const [llama, bert, masked] = [new m.Llama(LLAMA), new m.Bert(BERT), new m.BertForMaskedLm(BERT)];
  const [classes, t5, encoder] = [new m.BertClassifier(BERT, 3), new m.T5Model(T5), new m.T5Encoder(T5)];
  const text = new m.TextRnn({ kind: 'gru', vocab: 5, embedding: 2, width: 3 });
  const recurrent = [m.Rnn, m.Gru, m.Lstm].map(Net => new Net({ inputs: 2, width: 3 }));
  const decoder = new m.Decoder(llama);
  await checkShapes({
    'Llama, ids': () => llama.forward(ids(4)),
    'Llama, next': () => llama.loss(ids(2, 3), ids(3, 2)),
    'BERT, ids': () => bert.forward(ids(4)),
    'BERT, seen': () => bert.forward(ids(2, 3), { seen: ids(2, 4) }),
    'BERT, sequence': () => bert.pooled(z(2, 3, 5)),
    'masked BERT, hidden': () => masked.loss(ids(2, 3), ids(2, 3), ids(3, 2)),
    'classes of BERT, labels': () => classes.loss(ids(2, 3), ids(3)),
    'T5, ids': () => t5.encode(ids(3)),
    'T5, read': () => t5.decode(ids(2, 3), z(1, 3, 4)),
    'T5, answer': () => t5.loss(ids(2, 3), ids(3, 3)),
    'encoder of T5, seen': () => encoder.forward(ids(2, 3), ids(2, 2)),
    'text with a recurrent net, ids': () => text.forward(ids(3)),
    'text with a recurrent net, next': () => text.loss(ids(2, 3), ids(3, 2)),
    ...Object.fromEntries(recurrent.map(net => [net.constructor.name, () => net.forward(z(2, 3, 4))])),
    'decoder, rows': () => decoder.feed([[1], [2]]),
    'decoder, tokens': () => decoder.feed([[7]]),
  });
});

test('a token that the net does not have is refused as an answer, too, or makes NaN in a compiled step: never a loss', async () => {
  const [masked, t5, gpt] = [new m.BertForMaskedLm(BERT), new m.T5Model(T5), new m.Gpt(GPT)];
  const one = (value: number) => tf.tensor2d([[value]], [1, 1]);
  const losses: Record<string, (last: tf.Tensor) => tf.Tensor> = {
    'masked BERT': last => masked.loss(ids(1, 1), last, tf.ones([1, 1])),
    T5: last => t5.loss(ids(1, 2), last),
    tokenLogProbs: last => m.tokenLogProbs(gpt, tf.concat([z(1, 1), last], 1)),
    imitationLoss: last => m.imitationLoss(gpt, { ids: tf.concat([z(1, 1), last], 1), weight: tf.ones([1, 1]) }),
  };
  for (const [name, loss] of Object.entries(losses)) {
    const whole = compile((last: tf.Tensor) => loss(last));
    assert.ok(loss(one(4)).dataSync()[0] !== 0, name);
    for (const wrong of [5, 99, -1, -100, 1.5, Number.NaN]) {
      assert.match(
        String(await failure(() => loss(one(wrong)))),
        /must be whole numbers from 0 to 4/,
        `${name}: ${wrong}`,
      );
      assert.ok(Number.isNaN(whole(one(wrong)).dataSync()[0]), `${name}, compiled: ${wrong}`);
    }
  }
  const elsewhere = masked.loss(ids(1, 2), tf.tensor2d([[3, -100]], [1, 2]), tf.tensor2d([[1, 0]], [1, 2]));
  assert.ok(Number.isFinite(elsewhere.dataSync()[0]), 'what is not asked for may be any number');
});

test('an impossible token costs nothing where it is not the answer', () => {
  const logits = tf.tensor3d([[[0, Number.NEGATIVE_INFINITY, 0]]]);
  assert.ok(Math.abs(logProbsOf(logits, tf.tensor2d([[0]], [1, 1])).dataSync()[0] + Math.LN2) < 1e-6);
  assert.equal(logProbsOf(logits, tf.tensor2d([[1]], [1, 1])).dataSync()[0], Number.NEGATIVE_INFINITY);
});

test('a cache never gives what lies beyond its room or the context, eager or compiled', async () => {
  const counted = (n: number) => ids(1, n);
  for (const Net of [() => new m.Gpt({ ...GPT, heads: 2 }), () => new m.Llama(LLAMA)]) {
    const net = Net(); // a context of 4
    for (const capacity of [3, 4, 16]) {
      const room = Math.min(4, capacity);
      const cache = () => new KeyValueCache({ ...net.memory, capacity });
      const [plain, compiledOne] = [cache(), cache()];
      const step = compile((token: tf.Tensor) => net.next(token, compiledOne, tf.scalar(1)));
      for (let i = 0; i < room; i++) {
        assert.ok(net.next(counted(1), plain, tf.scalar(1)).isFinite().all().dataSync()[0]);
        assert.ok(step(counted(1)).isFinite().all().dataSync()[0]);
      }
      assert.match(
        String(await failure(() => net.next(counted(1), plain, tf.scalar(1)))),
        /must be|do not fit|cannot compute/,
      );
      const beyond = await failure(() => assert.ok(step(counted(1)).isNaN().all().dataSync()[0]));
      assert.ok(beyond === undefined || /cannot compute/.test(beyond), beyond);
    }
  }
  const cache = new KeyValueCache({ layers: 1, heads: 2, width: 2, capacity: 4 });
  cache.advance(2);
  await checkSettings([
    { name: 'rewind', use: n => cache.rewind(n), wrong: [-1, 1.5, 3], right: [2] },
    { name: 'advance', use: n => cache.advance(n), wrong: [-1, 0.5, 3], right: [0] },
  ]);
  const deeper = new m.Gpt({ ...GPT, layers: 2 });
  const shallow = new KeyValueCache({ ...deeper.memory, layers: 1, capacity: 4 });
  assert.match(String(await failure(() => deeper.next(counted(1), shallow, tf.scalar(1)))), /made for fewer layers/);
});

test('states of recurrent nets, distances and turns: what does not fit is refused', async () => {
  const state = (...cell: number[]) => ({ h: z(1, 2, 3), ...(cell.length ? { c: z(...cell) } : {}) });
  const [lstm, gru] = [new m.Lstm({ inputs: 2, width: 3 }), new m.Gru({ inputs: 2, width: 3 })];
  const t5 = new m.T5Model(T5);
  const read = t5.encode(ids(2, 4));
  const text = { vocab: 5, embedding: 2, width: 3 };
  await checkShapes({
    'LSTM, no cell': () => lstm.forward(z(2, 3, 2), state()),
    'LSTM, a cell of more texts': () => lstm.forward(z(2, 3, 2), state(1, 5, 3)),
    'GRU, a cell': () => gru.forward(z(2, 3, 2), state(1, 2, 3)),
    'GRU, no steps': () => gru.forward(z(2, 0, 2)),
    'T5, seen of one text': () => t5.decode(ids(2, 3), read, z(1, 4)),
    'T5, seen of one token': () => t5.decode(ids(2, 3), read, z(2, 1)),
    'T5, odd buckets': () => new m.T5Model({ ...T5, buckets: 31 }),
    'T5, two buckets': () => new m.T5Model({ ...T5, buckets: 2 }),
    'T5, a short distance': () => new m.T5Model({ ...T5, buckets: 32, maxDistance: 16 }),
    'a forget gate of a GRU': () => new m.TextRnn({ kind: 'gru', ...text }, { forgetBias: 1 }),
    'a forget gate of NaN': () => new m.Lstm({ inputs: 2, width: 3 }, { forgetBias: Number.NaN }),
    'turns of odd heads': () => m.ropeFrequencies(LLAMA, 5),
    'turns of no number': () => m.ropeFrequencies(LLAMA, Number.NaN),
    'scaling without room': () =>
      new m.Llama({ ...LLAMA, scaling: { factor: 2, low: 4, high: 4, originalContext: 8 } }),
  });
  assert.match(String(await failure(() => new m.Gpt({ ...GPT, heads: 3 }))), /can't be split into 3/);
  assert.match(
    String(await failure(() => new m.TextRnn({ kind: 'LSTM' as 'lstm', ...text }))),
    /kind is LSTM, expected rnn/,
  );
});

test('what is impossible is never drawn, and no logits but numbers are taken', async () => {
  const never = Number.NEGATIVE_INFINITY;
  const last = { uniform: () => 1 - 2 ** -53 } as HostRandom; // where rounding leaves a rest
  for (let n = 1; n < 60; n++) {
    const logits = [...Array.from({ length: n }, (_, i) => Math.sin(i)), never];
    assert.ok(m.sampleToken(logits, last) < n, `${n} possible tokens`);
    assert.ok(m.candidates(logits).every(({ probability }) => probability > 0));
  }
  for (const wrong of [undefined, null, '2', true, Number.NaN, Number.POSITIVE_INFINITY])
    assert.match(
      String(await failure(() => m.sampleToken([1, wrong as number], last))),
      /logits must be numbers or −∞/,
    );
  const tiny = { repetition: 1e-320 };
  assert.match(String(await failure(() => m.sampleToken([2, 1], last, tiny, [0]))), /logits must be numbers/);
});

test('a prompt that the context has no room for is an error, not an empty answer', async () => {
  const say = async (length: number) => {
    const made: number[] = [];
    const stream = m.generate(new m.Decoder(new m.Gpt(GPT)), Array(length).fill(0), () => false, {
      random: new HostRandom(1),
    });
    for await (const id of stream) made.push(id);
    return made.length;
  };
  assert.equal(await say(4), 1);
  assert.match(String(await failure(() => say(5))), /5 tokens do not fit the context of 4/);
});

test('settings of nets of language and of sampling', async () => {
  const counts = { wrong: NO_COUNT, right: [2] };
  const logits = [0, 1, 2];
  await checkSettings([
    ...(['vocab', 'context', 'hidden', 'layers', 'theta'] as const).map(name => ({
      name: `Llama ${name}`,
      use: (n: number) => new m.Llama({ ...LLAMA, [name]: n }),
      wrong: name === 'theta' ? [0, -1] : NO_COUNT,
      right: [2],
    })),
    ...(['vocab', 'context', 'layers', 'heads'] as const).map(name => ({
      name: `BERT ${name}`,
      use: (n: number) => new m.Bert({ ...BERT, [name]: n }),
      ...counts,
    })),
    ...(['vocab', 'headWidth', 'layers'] as const).map(name => ({
      name: `T5 ${name}`,
      use: (n: number) => new m.T5Model({ ...T5, [name]: n }),
      ...counts,
    })),
    { name: 'BertClassifier classes', use: n => new m.BertClassifier(BERT, n), ...counts },
    { name: 'Gru width', use: width => new m.Gru({ inputs: 2, width }), ...counts },
    { name: 'Decoder capacity', use: capacity => new m.Decoder(new m.Llama(LLAMA), { capacity }), ...counts },
    { name: 'temperature', use: temperature => m.candidates(logits, { temperature }), wrong: [-1], right: [0, 1] },
    { name: 'topK', use: topK => m.candidates(logits, { topK }), wrong: [0, 1.5], right: [1, 9] },
    { name: 'topP', use: topP => m.candidates(logits, { topP }), wrong: [0, 1.1], right: [0.5, 1] },
    { name: 'repetition', use: repetition => m.candidates(logits, { repetition }), wrong: [0], right: [0.5, 2] },
  ]);
  const none = Number.NEGATIVE_INFINITY;
  assert.match((await failure(() => m.likeliest([1, Number.NaN]))) ?? '', /got NaN for token 1/);
  assert.match((await failure(() => m.sampleToken([none, none], new HostRandom(1)))) ?? '', /every logit is −∞/);
  assert.deepEqual(m.candidates([none, 3, none]), [{ id: 1, probability: 1 }]);
});

test('wrong shapes are refused by losses and nets', async () => {
  const [vae, gpt, clip] = [new m.Vae(VAE), new m.Gpt(GPT), new m.Clip(CLIP)];
  const [unet, dit, words] = [new m.UNet(UNET), new m.Dit(DIT), new m.ConditionalUNet(WORDS)];
  const x = z(2, 4, 4, 1);
  await checkShapes({
    'reparameterise, log-variance': () => m.reparameterise(z(2, 3), z(2, 1)),
    'reparameterise, noise': () => m.reparameterise(z(2, 3), z(2, 3), z(3)),
    'reconstructionNats, x': () => m.reconstructionNats(z(2, 3), z(3)),
    'reconstructionNats, pictures': () => m.reconstructionNats(z(2, 3, 3, 1), z(2, 3, 3, 1)),
    'klPerLatent, log-variance': () => m.klPerLatent(z(2, 3), z(3)),
    'klPerLatent, one code': () => m.klPerLatent(z(3), z(3)),
    'negativeElbo, noise': () => vae.negativeElbo(z(2, 6), { eps: z(1, 2) }),
    'negativeElbo, pictures': () => vae.negativeElbo(z(2, 3, 2, 1)),
    'logWeights, x': () => vae.logWeights(z(1, 6), 2, vae.encode(z(3, 6))),
    'interpolate, b': () => m.interpolate(z(3), z(2), 4),
    'interpolate, several': () => m.interpolate(z(2, 3), z(2, 3), 4),
    'auto-encoder, pictures': () => new m.AutoEncoder({ sizes: [6, 2] }).loss(z(2, 3, 2, 1)),
    contrastiveLoss: () => m.contrastiveLoss(z(2, 3) as tf.Tensor2D),
    'CLIP, vectors': () => clip.logits(z(2, 3) as tf.Tensor2D, z(2, 4) as tf.Tensor2D),
    'CLIP, pairs': () => clip.loss(z(2, 4, 4, 3), ids(3, 4)),
    'GPT, ids': () => gpt.forward(ids(4)),
    'GPT, next': () => gpt.loss(ids(2, 3), ids(3, 2)),
    'U-Net, t': () => unet.forward(x, ids(1), ids(2)),
    'U-Net, t [B, 1]': () => unet.forward(x, ids(2, 1), ids(2)),
    'U-Net, y': () => unet.forward(x, ids(2), ids(1)),
    'U-Net, control': () => unet.forward(x, ids(2), ids(2), { skips: [z(2, 4, 4, 1)], mid: z(2, 2, 2, 8) }),
    'ControlNet, hint': () =>
      m.ControlNet.of(unet, { channels: 1, widths: [4] }).forward(x, ids(2), ids(2), z(2, 5, 5, 1)),
    'DiT, t': () => dit.forward(x, ids(3), ids(2)),
    'DiT, y': () => dit.forward(x, ids(2), ids(2, 1)),
    'words, t': () => words.forward(x, ids(1), z(2, 5, 3)),
    'words, tokens': () => words.forward(x, ids(2), z(1, 5, 3)),
    'wordMaps, tokens': () => m.wordMaps(words, x, ids(2), z(1, 5, 3)),
    'words, mask': () => words.forward(x, ids(2), z(2, 5, 3), z(1, 5)),
    'classifier, keep': () => new m.DigitClassifier().forward(z(2, 28, 28, 1), z(3, 128)),
    'components, x': () => m.principalComponents(tf.eye(3), 2).encode(z(2, 1), 1),
    linearMap: () => m.linearMap(z(2, 3) as tf.Tensor2D, z(2) as unknown as tf.Tensor2D),
  });
});

test('labels and classes that a net has not are refused', async () => {
  const [unet, dit, gpt] = [new m.UNet(UNET), new m.Dit(DIT), new m.Gpt(GPT)];
  const x = z(1, 4, 4, 1);
  await checkSettings([
    { name: 'y of a U-Net', use: y => unet.forward(x, ids(1), tf.tensor1d([y])), wrong: [-1, 3, 0.5], right: [0, 2] },
    { name: 'y of a DiT', use: y => dit.forward(x, ids(1), tf.tensor1d([y])), wrong: [-1, 4, 0.5], right: [0, 3] },
    { name: 'an id', use: id => gpt.forward(tf.tensor2d([[id]])), wrong: [-1, 5, 0.5], right: [0, 4] },
    { name: 'a next id', use: id => gpt.loss(ids(1, 1), tf.tensor2d([[id]])), wrong: [-1, 5], right: [0, 4] },
  ]);
});

test('every number of every config is a count', async () => {
  const makers: Record<string, [object, (config: never) => unknown]> = {
    Vae: [VAE, c => new m.Vae(c)],
    AutoEncoder: [{ sizes: [6, 2] }, c => new m.AutoEncoder(c)],
    AutoencoderKL: [m.DIGIT_VAE, c => new m.AutoencoderKL(c)],
    Gpt: [GPT, c => new m.Gpt(c)],
    Vit: [{ image: 4, patch: 2, layers: 1, heads: 1, width: 4, classes: 2, channels: 1 }, c => new m.Vit(c)],
    Clip: [CLIP, c => new m.Clip(c)],
    'Clip, text': [CLIP.text, c => new m.Clip({ ...CLIP, text: c })],
    'Clip, vision': [CLIP.vision, c => new m.Clip({ ...CLIP, vision: c })],
    UNet: [UNET, c => new m.UNet(c)],
    Dit: [DIT, c => new m.Dit(c)],
    ConditionalUNet: [WORDS, c => new m.ConditionalUNet(c)],
    ResNet: [{ depth: 8, channels: 1, classes: 2, width: 4 }, c => new m.ResNet(c)],
    DcganGenerator: [{ ...m.MNIST_DCGAN, width: 2 }, c => new m.DcganGenerator(c)],
    DcganDiscriminator: [{ ...m.MNIST_DCGAN, width: 2 }, c => new m.DcganDiscriminator(c)],
  };
  for (const [name, [config, make]] of Object.entries(makers)) {
    const build = (c: object) => failure(() => shapesOnly(() => make(c as never)));
    assert.equal(await build(config), undefined, name);
    for (const [key, value] of Object.entries(config)) {
      const list = Array.isArray(value);
      if (typeof value !== 'number' && !(list && value.length)) continue;
      for (const wrong of NO_COUNT) {
        if (wrong === 0 && (key === 'classes' || key === 'attention')) continue;
        const given = list ? [...value.slice(0, -1), wrong] : wrong;
        assert.match(
          (await build({ ...config, [key]: given })) ?? 'accepted',
          /must|multiple/,
          `${name} ${key} = ${given}`,
        );
      }
    }
  }
});

test('how many, and how much', async () => {
  const vae = new m.Vae(VAE);
  const generator = new m.DcganGenerator({ ...m.MNIST_DCGAN, width: 2 });
  const counts = { wrong: NO_COUNT, right: [1, 3] };
  await checkSettings([
    { name: 'beta', use: beta => vae.negativeElbo(z(2, 6), { beta }), wrong: [-1], right: [0, 4] },
    { name: 'pictures of a VAE', use: n => vae.sample(n), ...counts },
    { name: 'samples', use: n => vae.logLikelihood(z(2, 6), n), ...counts },
    { name: 'chunk', use: n => vae.logLikelihood(z(2, 6), 2, n), ...counts },
    { name: 'K', use: n => vae.logWeights(z(2, 6), n), ...counts },
    { name: 'pictures of a GAN', use: n => generator.sample(n), ...counts },
    { name: 'steps', use: n => m.interpolate(z(3), z(3), n), ...counts },
    { name: 'components', use: n => m.principalComponents(tf.eye(4), n), wrong: [...NO_COUNT, 5], right: [1, 4] },
  ]);
});
