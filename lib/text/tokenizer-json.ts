/**
 * `tokenizer.json`, the file of Hugging Face's tokenizers library, for byte-level byte-pair encoding as GPT-2, CLIP, SmolLM2,
 * Qwen2.5, Llama 3 and R1's distilled nets have it. Each field is done, or refused by its name.
 */

import { Settings } from '../formats';
import { fs, path } from '../platform';
import { ranksOf } from './bpe';
import { GPT2_PIECES, type Split, splitAt, splits, toRegExp } from './patterns';
import { type AddedToken, Tokenizer } from './tokenizer';

type Json = Record<string, unknown>;

/**
 * @param place the file, or the folder that it lies in
 * @example
 * // needs a model's folder of your own
 * readTokenizer('model').encode('hello')
 */
export function readTokenizer(place: string): Tokenizer {
  const inside = path.join(place, 'tokenizer.json');
  const file = fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() ? inside : place;
  if (!fs.existsSync(file)) throw new Error(`no tokenizer.json at ${file}; a model's folder has one`);
  return tokenizerOf(Settings.open(file));
}

function tokenizerOf(c: Settings): Tokenizer {
  c.must({ truncation: null, padding: null });
  c.ignore('version');
  const model = part(c, 'model');
  if (!model) throw new Error(`${c.name} has no model, without which there are no tokens`);
  const vocabulary = vocabularyOf(model);
  const added = addedTokens(c);
  const decoder = part(c, 'decoder');
  if (!decoder) throw new Error(`${c.name}: decoder is missing, and the texts that it makes would have other spaces`);
  decoder.must({ type: 'ByteLevel' });
  decoder.ignore('add_prefix_space', 'trim_offsets', 'use_regex'); // they say nothing about decoding
  decoder.done();
  const bpe = modelOf(model, vocabulary);
  const normalise = normaliserOf(part(c, 'normalizer'));
  const parts = { ...bpe, vocabulary, added, normalise, split: splitOf(part(c, 'pre_tokenizer'), c.name) };
  const known = (token: string) => added.find(({ text }) => text === token)?.id ?? vocabulary.get(token);
  const frame = frameOf(part(c, 'post_processor'), known);
  c.done();
  return new Tokenizer({ ...parts, frame });
}

/** The object in a field, to be read field by field; undefined where it is null. */
function part(c: Settings, field: string): Settings | undefined {
  const value = c.value(field);
  return value === undefined ? undefined : settings(value, `${c.name}: ${field}`);
}

function settings(value: unknown, name: string): Settings {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Settings(name, value as Json);
  throw new Error(`${name}: expected an object { … }, got ${JSON.stringify(value)?.slice(0, 80)}`);
}

function list(c: Settings, field: string): Settings[] {
  const value = c.value(field);
  if (!Array.isArray(value)) throw new Error(`${c.name}: expected a list of ${field}`);
  return value.map((each, i) => settings(each, `${c.name}: ${field}[${i}]`));
}

function text(c: Settings, field: string): string {
  const value = c.value(field);
  if (typeof value !== 'string') throw new Error(`${c.name}: ${field} is ${JSON.stringify(value)}, expected a text`);
  return value;
}

/** A type that is not done, by its name. */
function unknownType(c: Settings, known: string): Error {
  return new Error(`${c.name}: type ${JSON.stringify(c.value('type'))} is not done here; known: ${known}`);
}

function vocabularyOf(model: Settings): Map<string, number> {
  const vocab = model.value('vocab');
  const type = model.value('type') ?? 'BPE';
  if (type !== 'BPE') throw unknownType(model, 'BPE');
  const entries = typeof vocab === 'object' && vocab !== null ? Object.entries(vocab) : [];
  const wrong = entries.find(([, id]) => !Number.isSafeInteger(id) || (id as number) < 0);
  if (entries.length === 0 || wrong)
    throw new Error(`${model.name}: vocab: expected tokens with their numbers, got ${JSON.stringify(wrong ?? vocab)}`);
  return new Map(entries as [string, number][]);
}

function modelOf(model: Settings, vocabulary: ReadonlyMap<string, number>) {
  model.must({ dropout: null, fuse_unk: false, byte_fallback: false });
  const merges = model.value('merges');
  if (!Array.isArray(merges)) throw new Error(`${model.name}: merges: expected a list of pairs`);
  const prefix = model.value('continuing_subword_prefix') ?? '';
  if (prefix !== '')
    throw new Error(`${model.name}: continuing_subword_prefix is ${JSON.stringify(prefix)}, expected none`);
  const wordEnd = model.value('end_of_word_suffix') === undefined ? '' : text(model, 'end_of_word_suffix');
  const unknown = model.value('unk_token') === undefined ? undefined : vocabulary.get(text(model, 'unk_token'));
  const wholePieces = model.flag('ignore_merges', false);
  model.done();
  return { rank: ranksOf(merges as string[]), wordEnd: wordEnd || undefined, unknown, wholePieces };
}

function addedTokens(c: Settings): AddedToken[] {
  if (c.value('added_tokens') === undefined) return [];
  return list(c, 'added_tokens').map(token => {
    token.must({ single_word: false, lstrip: false, rstrip: false });
    const made = {
      id: token.whole('id', undefined, 0),
      text: text(token, 'content'),
      special: token.flag('special', false),
      normalised: token.flag('normalized', true),
    };
    token.done();
    return made;
  });
}

const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;

function normaliserOf(c: Settings | undefined): ((text: string) => string) | undefined {
  if (!c) return undefined;
  const type = text(c, 'type');
  const form = FORMS.find(each => each === type);
  let normalise: (text: string) => string;
  if (form) normalise = given => given.normalize(form);
  else if (type === 'Lowercase') normalise = given => given.toLowerCase();
  else if (type === 'Sequence') {
    const each = list(c, 'normalizers').map(inner => normaliserOf(inner)!);
    normalise = given => each.reduce((changed, next) => next(changed), given);
  } else if (type === 'Replace') {
    const [pattern, content] = [patternOf(c), text(c, 'content')];
    normalise = given => given.replace(pattern, () => content);
  } else throw unknownType(c, [...FORMS, 'Lowercase', 'Replace', 'Sequence'].join(', '));
  c.done();
  return normalise;
}

/** { Regex } or { String } */
function patternOf(c: Settings): RegExp {
  const pattern = part(c, 'pattern');
  if (!pattern) throw new Error(`${c.name}: pattern is missing`);
  const regex = pattern.value('Regex');
  const plain = pattern.value('String');
  pattern.done();
  if (typeof regex === 'string') return toRegExp(regex, pattern.name);
  if (typeof plain === 'string') return new RegExp(plain.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'gu');
  throw new Error(`${pattern.name}: expected Regex or String`);
}

/** Pieces; the last step must make bytes of them, since that is what the vocabulary is made of. */
function splitOf(c: Settings | undefined, file: string): Split {
  const steps = c ? splitSteps(c) : [];
  if (steps.slice(0, -1).some(step => step.bytes))
    throw new Error(
      `${file}: pre_tokenizer splits after ByteLevel, expected that last: here texts are split, not bytes`,
    );
  if (!steps.some(step => step.bytes))
    throw new Error(`${file}: pre_tokenizer has no ByteLevel, expected byte-level BPE`);
  return splits(...steps.map(step => step.split));
}

function splitSteps(c: Settings): { split: Split; bytes?: boolean }[] {
  const type = text(c, 'type');
  if (type === 'Sequence') {
    const steps = list(c, 'pretokenizers').flatMap(each => splitSteps(each));
    c.done();
    return steps;
  }
  const step = splitStep(c, type);
  c.done();
  return [step];
}

function splitStep(c: Settings, type: string): { split: Split; bytes?: boolean } {
  if (type === 'ByteLevel') {
    c.must({ add_prefix_space: false });
    c.ignore('trim_offsets'); // about places in the text, not about tokens
    const whole: Split = piece => [piece];
    const split = c.flag('use_regex', true) ? splitAt(toRegExp(GPT2_PIECES, c.name)) : whole;
    return { split, bytes: true };
  }
  if (type === 'Digits') {
    return { split: splitAt(c.flag('individual_digits', false) ? /\p{N}/gu : /\p{N}+/gu) };
  }
  if (type === 'Split') {
    const dropped = c.oneOf('behavior', { Isolated: false, Removed: true });
    return { split: splitAt(patternOf(c), { inverted: c.flag('invert', false), dropped }) };
  }
  throw unknownType(c, 'ByteLevel, Digits, Split, Sequence');
}

type Frame = { before: number[]; behind: number[] };

/** What stands before and behind a text. */
function frameOf(c: Settings | undefined, id: (token: string) => number | undefined): Frame | undefined {
  if (!c) return undefined;
  const type = text(c, 'type');
  let frame: Frame | undefined;
  if (type === 'ByteLevel') c.ignore('add_prefix_space', 'trim_offsets', 'use_regex');
  else if (type === 'Sequence') {
    const frames = list(c, 'processors').map(each => frameOf(each, id));
    const there = frames.filter(Boolean);
    if (there.length > 1) throw new Error(`${c.name}: processors: expected one that frames texts, got ${there.length}`);
    [frame] = there;
  } else if (type === 'TemplateProcessing') frame = templateOf(c, id);
  else if (type === 'RobertaProcessing' || type === 'BertProcessing') {
    const mark = (field: string): number => {
      const value = c.value(field);
      const [token, number] = Array.isArray(value) ? value : [];
      if (typeof token === 'string' && id(token) !== undefined && id(token) === number) return number;
      throw new Error(
        `${c.name}: ${field} is ${JSON.stringify(value)}, expected a token of the vocabulary and its number`,
      );
    };
    frame = { before: [mark('cls')], behind: [mark('sep')] };
    c.ignore('trim_offsets', 'add_prefix_space');
  } else throw unknownType(c, 'ByteLevel, TemplateProcessing, RobertaProcessing, BertProcessing, Sequence');
  c.done();
  return frame;
}

function templateOf(c: Settings, id: (token: string) => number | undefined): Frame {
  c.ignore('pair', 'special_tokens'); // two texts at once; numbers that the vocabulary has, too
  const texts = list(c, 'single').filter(each => part(each, 'Sequence')).length;
  if (texts !== 1) throw new Error(`${c.name}: single: expected the text once, got it ${texts} times`);
  const frame: Frame = { before: [], behind: [] };
  let side = frame.before;
  for (const each of list(c, 'single')) {
    if (part(each, 'Sequence')) {
      side = frame.behind;
      continue;
    }
    const special = part(each, 'SpecialToken');
    const token = special && id(text(special, 'id'));
    if (token === undefined) throw new Error(`${each.name}: expected a special token that the vocabulary has`);
    side.push(token);
  }
  return frame;
}
