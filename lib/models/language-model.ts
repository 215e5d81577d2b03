/**
 * A published language model that can be talked to: a net of the Llama family, its tokenizer, and the template that makes a
 * dialogue one text.
 */

import { Template } from '@huggingface/jinja';
import { type GgufValue, inProject, Settings } from '../formats';
import { fs, path } from '../platform';
import type { HostRandom } from '../runtime';
import { expectCount } from '../runtime/expect';
import { ggufTokenizer, readTokenizer, type Tokenizer } from '../text';
import { Decoder, type DecoderOptions } from './decoder';
import type { Llama } from './llama';
import { readLlamaFolder, readLlamaGguf } from './llama-files';
import { type SamplingOptions, sampleToken } from './sampling';

export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** Where `npm run fetch -- smollm2` puts SmolLM2-135M-Instruct. */
export const SMOLLM2 = inProject('checkpoints', 'smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf');

/** What a file says about dialogues. */
interface Manners {
  /** Jinja, as tokenizers carry it. */
  template?: string;
  /** Tokens after which an answer is over. */
  ends: number[];
  /** Names of tokens that the template may ask for. */
  begin?: string;
  end?: string;
}

export interface GenerateOptions extends SamplingOptions {
  /** Tokens of the answer, at most. */
  most?: number;
  random: HostRandom;
  /** Stops after the present token. */
  signal?: AbortSignal;
  /** Is shown the logits of each token before it is drawn, [V]. */
  onLogits?: (logits: Float32Array) => void;
}

/**
 * @example
 * // needs a language model: npm run fetch -- smollm2
 * LanguageModel.load('smollm2').name
 */
export class LanguageModel {
  constructor(
    readonly name: string,
    readonly net: Llama,
    readonly tokenizer: Tokenizer,
    private readonly manners: Manners,
  ) {}

  /**
   * @param place a folder with config.json, safetensors and tokenizer.json, a GGUF file, or 'smollm2'
   * @throws Error naming the file and the field where something is not done here
   */
  static load(place: string): LanguageModel {
    const file = place === 'smollm2' ? SMOLLM2 : place;
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (!stat && place === 'smollm2')
      throw new Error(`SmolLM2 is not here yet; fetch its 93 MB: npm run fetch -- smollm2`);
    if (!stat) throw new Error(`no model at ${place}; expected a folder, a .gguf file, or smollm2`);
    return stat.isDirectory() ? ofFolder(file) : ofGguf(file);
  }

  /** Whether it was trained for dialogues. */
  get talks(): boolean {
    return this.manners.template !== undefined;
  }

  /** A dialogue as the net was trained to read it, up to where its answer begins. */
  prompt(messages: readonly Message[]): number[] {
    const { template, begin = '', end = '' } = this.manners;
    if (template === undefined) throw new Error(`${this.name} has no chat template; give it plain text with encode`);
    const date = new Date().toLocaleDateString('en-GB', { day: '2-digit', month: 'short', year: 'numeric' });
    const values = { messages, add_generation_prompt: true, bos_token: begin, eos_token: end, date_string: date };
    return this.tokenizer.encode(new Template(template).render(values));
  }

  /** Whether an answer is over after this token. */
  isEnd(id: number): boolean {
    return this.manners.ends.includes(id);
  }

  dispose(): void {
    this.net.dispose();
  }
}

/**
 * Token by token after what a decoder knows; the tokens are fed as they come, the last one not.
 * @example
 * // needs a language model: npm run fetch -- smollm2
 * const { net: llama, tokenizer } = LanguageModel.load('smollm2');
 * const prompt = tokenizer.encode('Once upon a time');
 * for await (const id of generate(new Decoder(llama), prompt, () => false, { most: 5, random: new HostRandom(1) })) id;
 */
export async function* generate(
  decoder: Decoder,
  prompt: readonly number[],
  isEnd: (id: number) => boolean,
  { most = 256, random, signal, onLogits, ...sampling }: GenerateOptions,
): AsyncGenerator<number> {
  expectCount('most', most);
  const { context } = decoder.model.config;
  if (decoder.length + prompt.length > context) {
    const all = decoder.length + prompt.length;
    throw new Error(`${all} tokens do not fit the context of ${context}; rewind, or cut the text`);
  }
  const tokens = [...prompt];
  let fresh: readonly number[] = prompt;
  for (let made = 0; made < most && decoder.length + fresh.length <= context; made++) {
    const logits = decoder.feed([fresh]); // [1, V]
    const values = logits.dataSync() as Float32Array;
    logits.dispose();
    onLogits?.(values);
    const id = sampleToken(values, random, sampling, tokens);
    if (isEnd(id) || signal?.aborted) return;
    yield id;
    tokens.push(id);
    fresh = [id];
    await new Promise(resolve => setImmediate(resolve)); // lets Ctrl-C and clicks through
    if (signal?.aborted) return;
  }
}

/**
 * A dialogue that keeps what the net has read: each turn only costs its own tokens.
 * @example
 * // needs a language model: npm run fetch -- smollm2
 * const talk = new Dialogue(LanguageModel.load('smollm2'), { system: 'Answer in one word.' });
 */
export class Dialogue {
  readonly messages: Message[] = [];
  private readonly decoder: Decoder;
  /** Tokens that the decoder knows. */
  private known: number[] = [];

  constructor(
    readonly model: LanguageModel,
    { system, ...options }: { system?: string } & Pick<DecoderOptions, 'capacity' | 'xla'> = {},
  ) {
    if (system !== undefined) this.messages.push({ role: 'system', content: system });
    this.decoder = new Decoder(model.net, options);
  }

  /** The answer to a question as it comes, in parts that are whole characters; both stay in the dialogue. */
  async *ask(question: string, options: GenerateOptions): AsyncGenerator<string> {
    this.messages.push({ role: 'user', content: question });
    const prompt = this.model.prompt(this.messages);
    let same = 0;
    while (same < this.known.length && same < prompt.length - 1 && this.known[same] === prompt[same]) same++;
    this.decoder.rewind(same);
    this.known = prompt;
    const [text, made]: [string[], number[]] = [[], []];
    const stream = this.model.tokenizer.stream();
    try {
      for await (const id of generate(this.decoder, prompt.slice(same), end => this.model.isEnd(end), options)) {
        made.push(id);
        text.push(stream(id));
        yield text[text.length - 1];
      }
      text.push(stream());
      if (text[text.length - 1]) yield text[text.length - 1];
    } finally {
      this.messages.push({ role: 'assistant', content: text.join('') });
      this.known = [...prompt, ...made].slice(0, this.decoder.length);
    }
  }

  dispose(): void {
    this.decoder.dispose();
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function ofGguf(file: string): LanguageModel {
  const { net, metadata } = readLlamaGguf(file);
  const tokenizer = ggufTokenizer(metadata, file);
  const [begin, end] = ['bos', 'eos'].map(name => metadata[`tokenizer.ggml.${name}_token_id`]);
  const token = (id: GgufValue | undefined) => (typeof id === 'number' ? tokenizer.token(id) : undefined);
  const template = metadata['tokenizer.chat_template'];
  return new LanguageModel(path.basename(file), net, tokenizer, {
    template: typeof template === 'string' ? template : undefined,
    ends: [end, metadata['tokenizer.ggml.eot_token_id']].filter(isNumber),
    begin: token(begin),
    end: token(end),
  });
}

function ofFolder(folder: string): LanguageModel {
  const tokenizer = readTokenizer(folder);
  const field = (file: string, name: string): unknown => {
    const place = path.join(folder, file);
    return fs.existsSync(place) ? Settings.open(place).value(name) : undefined;
  };
  const text = (value: unknown) =>
    typeof value === 'object' && value !== null ? (value as { content?: string }).content : value;
  const [begin, end] = ['bos_token', 'eos_token'].map(
    name => text(field('tokenizer_config.json', name)) as string | undefined,
  );
  const ends = [field('generation_config.json', 'eos_token_id') ?? field('config.json', 'eos_token_id') ?? []].flat();
  const own = path.join(folder, 'chat_template.jinja');
  const template = fs.existsSync(own) ? fs.readFileSync(own, 'utf8') : field('tokenizer_config.json', 'chat_template');
  const net = readLlamaFolder(folder);
  return new LanguageModel(path.basename(path.resolve(folder)), net, tokenizer, {
    template: typeof template === 'string' ? template : undefined,
    ends: [...ends, end === undefined ? undefined : tokenizer.id(end)].filter(isNumber),
    begin,
    end,
  });
}
