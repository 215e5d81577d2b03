/** The byte-level tokenizer inside a GGUF file, whose `tokenizer.ggml.pre` names how texts fall into pieces. */
import type { GgufValue } from '../formats';
import { ranksOf } from './bpe';
import { CL100K_PIECES, GPT2_PIECES, QWEN2_PIECES, type Split, splitAt, splits, toRegExp } from './patterns';
import { type AddedToken, Tokenizer } from './tokenizer';

const DIGITS: Split = splitAt(/\p{N}/gu);
const by = (pattern: string, name: string): Split => splitAt(toRegExp(pattern, `the pattern of ${name}`));

/** llama.cpp's names (src/llama-vocab.cpp); Llama 3 takes a piece that is a token as a whole. */
const SPLITS: Record<string, { split: Split; wholePieces?: boolean }> = {
  smollm: { split: splits(DIGITS, by(GPT2_PIECES, 'smollm')) },
  'gpt-2': { split: by(GPT2_PIECES, 'gpt-2') },
  qwen2: { split: by(QWEN2_PIECES, 'qwen2') },
  'deepseek-r1-qwen': { split: by(QWEN2_PIECES, 'deepseek-r1-qwen') },
  'llama-bpe': { split: by(CL100K_PIECES, 'llama-bpe'), wholePieces: true },
};

/** llama.cpp's kinds of tokens. */
const CONTROL = 3;
const USER_DEFINED = 4;

/**
 * @param name the file, as errors name it
 * @example
 * // needs a GGUF file of your own
 * ggufTokenizer(openGguf('model.gguf').metadata, 'model.gguf').encode('hello')
 */
export function ggufTokenizer(metadata: Record<string, GgufValue>, name: string): Tokenizer {
  const field = (key: string) => metadata[`tokenizer.ggml.${key}`];
  const texts = (key: string): string[] => {
    const value = field(key);
    if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value as string[];
    throw new Error(`${name}: tokenizer.ggml.${key}: expected a list of texts, got ${typeof value}`);
  };
  if (field('model') !== 'gpt2')
    throw new Error(
      `${name}: tokenizer.ggml.model is ${JSON.stringify(field('model'))}, expected "gpt2" (byte-level BPE)`,
    );
  const pre = String(field('pre') ?? 'missing');
  if (!Object.hasOwn(SPLITS, pre))
    throw new Error(`${name}: tokenizer.ggml.pre is ${pre}, expected one of ${Object.keys(SPLITS).join(', ')}`);
  const tokens = texts('tokens');
  const kinds = field('token_type');
  const added = Array.isArray(kinds) ? tokens.flatMap((text, id) => addedToken(text, id, kinds[id])) : [];
  const begin = field('bos_token_id');
  const frame =
    field('add_bos_token') === true && typeof begin === 'number' ? { before: [begin], behind: [] } : undefined;
  const vocabulary = new Map(tokens.map((token, id) => [token, id]));
  return new Tokenizer({ vocabulary, rank: ranksOf(texts('merges')), ...SPLITS[pre], added, frame });
}

function addedToken(text: string, id: number, kind: GgufValue): AddedToken[] {
  if (kind !== CONTROL && kind !== USER_DEFINED) return [];
  return [{ id, text, special: kind === CONTROL }];
}
