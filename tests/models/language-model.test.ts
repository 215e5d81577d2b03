/** Language models from the files that they are published in, talked to; sampling; against transformers. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openSafetensors, Settings, writeSafetensors } from '../../lib/formats';
import {
  candidates,
  Decoder,
  Dialogue,
  generate,
  LanguageModel,
  likeliest,
  llamaSettings,
  type SamplingOptions,
  SMOLLM2,
  sampleToken,
} from '../../lib/models';
import { HostRandom, tf } from '../../lib/runtime';
import { main as chat } from '../../scripts/chat';
import { newFolder } from '../folder';

const FIXTURES = path.join(__dirname, 'fixtures');
const TINY = path.join(FIXTURES, 'tiny-llama.gguf');
const json = (name: string) => JSON.parse(fs.readFileSync(path.join(FIXTURES, name), 'utf8'));

interface Answer {
  question: string;
  prompt: number[];
  answer: number[];
  text: string;
  top: [id: number, logit: number][];
}

/** The likeliest tokens after a prompt, at most so many. */
async function greedy(
  decoder: Decoder,
  prompt: number[],
  most: number,
  isEnd = (_: number) => false,
): Promise<number[]> {
  const ids: number[] = [];
  const options = { temperature: 0, most, random: new HostRandom(1) };
  decoder.rewind();
  for await (const id of generate(decoder, prompt, isEnd, options)) ids.push(id);
  return ids;
}

test('a GGUF file: logits and greedy tokens are those of transformers on the same dequantised weights', async () => {
  const { prompt, answer, logits } = json('tiny-llama-gguf.json');
  const model = LanguageModel.load(TINY);
  const decoder = new Decoder(model.net);
  const mine = decoder.feed([prompt]).dataSync();
  for (const [i, value] of (logits as number[]).entries()) assert.ok(Math.abs(mine[i] - value) < 1e-4, `logit ${i}`);
  assert.deepEqual(await greedy(decoder, prompt, 60), answer);
  assert.deepEqual(model.prompt([{ role: 'user', content: 'the' }]), [
    1,
    ...model.tokenizer.encode('user\nthe'),
    2,
    ...model.tokenizer.encode('\n'),
    1,
    ...model.tokenizer.encode('assistant\n'),
  ]);
});

/** Why the tests with the published file do not run here; false: they do. */
const noSmolLm2 = fs.existsSync(SMOLLM2) ? false : 'SmolLM2 is not here: npm run fetch -- smollm2';

test('SmolLM2 answers as in transformers, token for token, from the same prompts', { skip: noSmolLm2 }, async () => {
  const model = LanguageModel.load('smollm2');
  assert.equal(model.net.parameterCount(), 134_515_008);
  for (const decoder of [false, true].map(xla => new Decoder(model.net, { xla }))) {
    for (const { question, prompt, answer, text, top } of json('smollm2-answers.json') as Answer[]) {
      assert.deepEqual(model.prompt([{ role: 'user', content: question }]), prompt, question);
      decoder.rewind();
      const logits = decoder.feed([prompt]).dataSync();
      for (const [id, value] of top) assert.ok(Math.abs(logits[id] - value) < 1e-2, `${question}: logit ${id}`);
      const said = answer.filter(id => !model.isEnd(id));
      assert.deepEqual(await greedy(decoder, prompt, answer.length, id => model.isEnd(id)), said, question);
      assert.equal(model.tokenizer.decode(answer), text);
    }
    decoder.dispose();
  }
  model.dispose();
});

/** A folder as Hugging Face has it, from a fixture, with a vocabulary of eleven letters. */
function makeFolder(from: string, change: Record<string, unknown> = {}): string {
  const folder = newFolder('language-model');
  fs.copyFileSync(path.join(FIXTURES, from, 'model.safetensors'), path.join(folder, 'model.safetensors'));
  const write = (name: string, value: unknown) => fs.writeFileSync(path.join(folder, name), JSON.stringify(value));
  write('config.json', { ...json(`${from}/config.json`), ...change });
  write('tokenizer.json', {
    added_tokens: [{ id: 10, content: '|', special: true, normalized: false }],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries([...'abcdefghij'].map((letter, id) => [letter, id])), merges: [] },
  });
  write('tokenizer_config.json', {
    eos_token: { content: '|' },
    chat_template: '{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}',
  });
  return folder;
}

test('a folder of Hugging Face: the net, its vocabulary and its template; weights in several files, too', async () => {
  const folder = makeFolder('tiny-llama');
  const model = LanguageModel.load(folder);
  assert.deepEqual(model.prompt([{ role: 'user', content: 'abba' }]), [0, 1, 1, 0, 10]);
  assert.ok(model.isEnd(10));
  const logits = (of: LanguageModel) => of.net.forward(tf.tensor2d([[1, 2, 3]], [1, 3], 'int32')).dataSync();
  const expected = logits(model);

  const whole = path.join(folder, 'model.safetensors');
  const { shapes, read, close } = openSafetensors(whole);
  const names = Object.keys(shapes);
  const map: Record<string, string> = {};
  for (const [i, half] of [names.slice(0, 5), names.slice(5)].entries()) {
    const file = `model-${i}.safetensors`;
    writeSafetensors(path.join(folder, file), Object.fromEntries(half.map(name => [name, read(name)])));
    for (const name of half) map[name] = file;
  }
  close();
  fs.rmSync(whole);
  fs.writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  assert.deepEqual(logits(LanguageModel.load(folder)), expected);
  fs.writeFileSync(path.join(folder, 'model.safetensors.index.json'), '{"weight_map": {"a": "../b"}}');
  assert.throws(() => LanguageModel.load(folder), /weight_map: expected names of files in this folder, got "..\/b"/);
});

test('a dialogue keeps what it has read, and answers as without', async () => {
  const model = LanguageModel.load(makeFolder('tiny-llama', { eos_token_id: null }));
  const how = () => ({ temperature: 0, most: 6, random: new HostRandom(1) });
  const read = async (dialogue: Dialogue, question: string) => {
    let text = '';
    for await (const part of dialogue.ask(question, how())) text += part;
    return text;
  };
  const dialogue = new Dialogue(model, { system: 'gg' });
  const answers = [await read(dialogue, 'abc'), await read(dialogue, 'deed')];
  assert.deepEqual(
    dialogue.messages.map(({ role }) => role),
    ['system', 'user', 'assistant', 'user', 'assistant'],
  );
  const alone = new Dialogue(model, { system: 'gg' });
  alone.messages.push({ role: 'user', content: 'abc' }, { role: 'assistant', content: answers[0] });
  assert.equal(await read(alone, 'deed'), answers[1]);
});

test('settings of config.json are done or refused by name, in the old form and the new', () => {
  const given = { ...json('tiny-llama/config.json') };
  const read = (change: Record<string, unknown>) => llamaSettings(new Settings('config.json', { ...given, ...change }));
  const { rope_parameters, ...rest } = given;
  const { rope_theta, ...scaling } = rope_parameters;
  assert.deepEqual(read({}).scaling, { factor: 8, low: 1, high: 4, originalContext: 32 });
  const old = llamaSettings(new Settings('config.json', { ...rest, rope_theta, rope_scaling: scaling }));
  assert.deepEqual(old, read({}));
  const refused: [Record<string, unknown>, RegExp][] = [
    [{ model_type: 'mamba' }, /model_type is "mamba", expected one of llama, qwen2/],
    [{ hidden_act: 'gelu' }, /hidden_act is "gelu"/],
    [{ attention_bias: true }, /attention_bias is true/],
    [{ mlp_bias: true }, /mlp_bias is true/],
    [{ use_sliding_window: true }, /use_sliding_window is true/],
    [{ layer_types: ['sliding_attention', 'full_attention'] }, /layer_types is/],
    [{ quantization_config: { bits: 4 } }, /quantization_config is/],
    [{ rope_parameters: { rope_type: 'yarn', rope_theta: 1 } }, /rope_type is "yarn", expected default or llama3/],
    [{ rope_parameters: { ...rope_parameters, beta: 1 } }, /beta = 1: unknown here/],
    [{ qk_norm: true }, /qk_norm = true: unknown here/],
    [{ hidden_size: 0 }, /hidden_size is 0, expected a whole number of at least 1/],
  ];
  for (const [change, message] of refused) assert.throws(() => read(change), message);
  assert.throws(
    () => LanguageModel.load('/nowhere'),
    /no model at \/nowhere; expected a folder, a .gguf file, or smollm2/,
  );
  assert.throws(
    () => LanguageModel.load(makeFolder('tiny-qwen2', { hidden_size: 8 })),
    /expected \[11,8\], got \[11,16\]/,
  );
});

test('probabilities after temperature, top-k, top-p and repetition are those of transformers', () => {
  const { logits, previous, cases } = json('sampling.json');
  for (const { expected, ...options } of cases as (SamplingOptions & { expected: number[] })[]) {
    const mine = new Array(logits.length).fill(0);
    for (const { id, probability } of candidates(logits, options, previous)) mine[id] = probability;
    const far = expected.findIndex((value, id) => Math.abs(value - mine[id]) > 1e-5);
    assert.equal(far, -1, `${JSON.stringify(options)}: token ${far}: ${mine[far]}, expected ${expected[far]}`);
  }
  const random = new HostRandom(4);
  const drawn = Array.from({ length: 4000 }, () => sampleToken([0, 1, 2, -9], random, { topK: 3 }));
  const shares = [0, 1, 2, 3].map(id => drawn.filter(each => each === id).length / drawn.length);
  [0.09, 0.245, 0.665, 0].forEach((share, id) => {
    assert.ok(Math.abs(shares[id] - share) < 0.02, `${id}: ${shares[id]}`);
  });
  assert.equal(sampleToken([1, 5, 5], random, { temperature: 0 }), 1);
  assert.equal(likeliest([1, 5, 5]), 1);
  for (const wrong of [
    { temperature: -1 },
    { topK: 0 },
    { topK: 1.5 },
    { topP: 0 },
    { topP: 1.1 },
    { repetition: 0 },
  ]) {
    const [name, value] = Object.entries(wrong)[0];
    assert.throws(() => sampleToken([1, 2], random, wrong), new RegExp(`${name} must be .*got ${value}`));
  }
});

test('npm run chat: one question, an answer that Ctrl-C stops, and options that are checked', async () => {
  const ask = async (...more: string[]) => {
    const parts: string[] = [];
    assert.equal(await chat(['--model', TINY, '--prompt', 'the', ...more], text => parts.push(text)), 0);
    return parts;
  };
  const [title, ...answer] = await ask('--tokens', '8');
  assert.match(title, /tiny-llama.gguf: 27,\d\d\d parameters/);
  assert.match(answer.join(''), /\(\d tokens, [\d.]+ a second, [\d.]+ GiB at most\)/);
  const told = (parts: string[]) => parts.slice(0, -1).join('');
  assert.equal(told(await ask('--tokens', '8', '--seed', '1')), told([title, ...answer]));
  assert.notEqual(told(await ask('--tokens', '8', '--seed', '2')), told([title, ...answer]));

  const parts: string[] = [];
  const write = (text: string) => {
    if (parts.push(text) === 4) process.emit('SIGINT');
  };
  await chat(['--model', TINY, '--prompt', 'the', '--tokens', '200'], write);
  assert.match(parts[parts.length - 1], /\(stopped, \d+ tokens/);
  assert.ok(parts.length < 9, `${parts.length} parts`);

  await assert.rejects(
    chat(['--model', TINY, '--prompt', 'x', '--temperature', '-1'], () => {}),
    /temperature must be/,
  );
  await assert.rejects(
    chat(['--model', TINY, '--top-k', 'many'], () => {}),
    /--top-k must be a number, got many/,
  );
  await assert.rejects(
    chat(['--model', TINY, 'hello'], () => {}),
    /unexpected "hello"; put the question in quotes/,
  );
});
