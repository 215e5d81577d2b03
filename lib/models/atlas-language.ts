/** The atlas's models of language. */
import { type AtlasModel, entry, ids } from './atlas-model';
import { BERT, Bert } from './bert';
import { GPT2, Gpt } from './gpt';
import { LLAMA, Llama } from './llama';
import { TextRnn } from './rnn';
import { T5, T5Encoder, T5Model } from './t5';

/** What T5 reads and writes in its training (Raffel et al. 2020, section 3.1.4). */
const T5_TEXTS = [ids(512, 32_128), ids(114, 32_128)];
const RAFFEL = { family: 'language', year: 2020, paper: 'Raffel et al.', lesson: 18 } as const;
/** 1,024 tokens in all nets that write, so that their costs can be compared. */
const TOKENS = 1024;

export const LANGUAGE: readonly AtlasModel[] = [
  entry({
    name: 'LSTM, large',
    family: 'language',
    year: 2014,
    paper: 'Zaremba et al.',
    lesson: 16,
    published: 66_000_000,
    rounded: 1_000_000,
    inputs: [ids(35, 10_000)],
    build: () => new TextRnn({ kind: 'lstm', vocab: 10_000, embedding: 1500, width: 1500, layers: 2 }),
    run: (net, text) => net.forward(text).logits,
  }),
  ...(
    [
      ['GPT-2', 'small', 124_439_808],
      ['GPT-2 medium', 'medium', 354_823_168],
      ['GPT-2 large', 'large', 774_030_080],
      ['GPT-2 XL', 'xl', 1_557_611_200],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      name,
      family: 'language',
      year: 2019,
      paper: 'Radford et al.',
      lesson: 17,
      published,
      inputs: [ids(TOKENS, GPT2[size].vocab)],
      build: () => new Gpt(GPT2[size]),
      run: (net, text) => net.forward(text),
    }),
  ),
  ...(
    [
      ['BERT-base', 'base', 109_482_240],
      ['BERT-large', 'large', 335_141_888],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      name,
      family: 'language',
      year: 2019,
      paper: 'Devlin et al.',
      lesson: 18,
      published,
      inputs: [ids(512, BERT[size].vocab)],
      build: () => new Bert(BERT[size]),
      run: (net, text) => {
        const vectors = net.forward(text);
        return [vectors, net.pooled(vectors)];
      },
    }),
  ),
  ...(
    [
      ['T5-small', 'small', 60_506_624],
      ['T5 1.1 XXL', 'xxl11', 11_135_332_352],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      ...RAFFEL,
      name,
      published,
      inputs: T5_TEXTS,
      build: () => new T5Model(T5[size]),
      run: (net, text, answer) => net.decode(answer, net.encode(text)),
    }),
  ),
  entry({
    ...RAFFEL,
    name: 'T5 1.1 XXL, encoder',
    published: 4_762_310_656,
    inputs: [ids(77, 32_128)],
    build: () => new T5Encoder(T5.xxl11),
    run: (net, text) => net.forward(text),
  }),
  ...(
    [
      ['SmolLM2-135M', 'smollm2-135m', 134_515_008, 2025, 'Allal et al.', 20],
      ['Qwen2.5-0.5B', 'qwen2.5-0.5b', 494_032_768, 2024, 'Qwen team', 20],
      ['Llama-3.2-1B', 'llama-3.2-1b', 1_235_814_400, 2024, 'Grattafiori et al.', 20],
      ['R1-Distill-Qwen-1.5B', 'r1-distill-qwen-1.5b', 1_777_088_000, 2025, 'DeepSeek-AI', 20],
    ] as const
  ).map(([name, size, published, year, paper, lesson]) =>
    entry({
      name,
      family: 'language',
      year,
      paper,
      lesson,
      published,
      inputs: [ids(TOKENS, LLAMA[size].vocab)],
      build: () => new Llama(LLAMA[size]),
      run: (net, text) => net.forward(text),
    }),
  ),
];
