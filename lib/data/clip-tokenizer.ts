/**
 * CLIP's tokenizer (Radford et al. 2021, section 2.4): byte-pair encoding of lower-case text (Sennrich et al. 2016). A word
 * begins as its bytes; of all neighbours, the pair that comes first in the list of merges becomes one, until none is in it.
 * @see notebooks/14-text-to-image.ipynb
 */

import { inProject, readWhole, Settings } from '../formats';
import { fs, gunzipSync, path } from '../platform';
import { tf } from '../runtime';
import { joinPairs, type PairRank, ranksOf } from '../text/bpe';
import { BYTE_LETTERS, toLetters } from '../text/bytes';

/** Text falls into words, single digits, runs of other signs, and the endings of English contractions. */
const PIECES = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;
const START = '<|startoftext|>';
const END = '<|endoftext|>';
/** Where `npm run fetch -- clip-vocabulary` puts OpenAI's list of merges. */
export const CLIP_MERGES = inProject('checkpoints', 'clip', 'bpe_simple_vocab_16e6.txt.gz');
/** Merges of that list that CLIP took: 49,408 tokens without the 512 letters and the two marks. */
const MERGES_TAKEN = 49408 - 512 - 2;
/** Marks the last letter of a word. */
const WORD_END = '</w>';

/**
 * @example
 * const clip = new ClipTokenizer({ 'a': 0, 'a</w>': 1, '<|startoftext|>': 2, '<|endoftext|>': 3 }, []);
 * clip.encode(['a']).shape // → [1, 77]
 */
export class ClipTokenizer {
  private readonly rankOf: PairRank;
  private readonly known = new Map<string, number[]>();

  /**
   * @param vocabulary token → its number
   * @param merges pairs of tokens with a space between, the first to be joined first
   * @param context tokens of a text, start, end and padding included
   * @param padding the token that fills the rest
   */
  constructor(
    readonly vocabulary: Record<string, number>,
    merges: readonly string[],
    readonly context = 77,
    readonly padding = END,
  ) {
    for (const token of [START, END, padding]) {
      if (vocabulary[token] === undefined) throw new Error(`the vocabulary lacks ${token}; is it CLIP's?`);
    }
    this.rankOf = ranksOf(merges);
  }

  /** Reads vocab.json and merges.txt, as they lie in a model's `tokenizer` folder, and the padding where it is named. */
  static read(folder: string): ClipTokenizer {
    const text = (name: string) => {
      const file = path.join(folder, name);
      if (!fs.existsSync(file))
        throw new Error(`no ${name} in ${folder}; a CLIP tokenizer has vocab.json and merges.txt`);
      return Buffer.from(readWhole(file, `${name} of CLIP`)).toString('utf8');
    };
    const merges = text('merges.txt')
      .split('\n')
      .filter(line => line && !line.startsWith('#version'));
    const named = ['special_tokens_map.json', 'tokenizer_config.json'].filter(f => fs.existsSync(path.join(folder, f)));
    const settings = named.map(f => Settings.open(path.join(folder, f)));
    const padding = settings.map(each => token(each, 'pad_token')).find(Boolean) ?? END;
    const lengths = settings.map(each => checkSettings(each)).filter(length => length !== undefined);
    const file = path.join(folder, 'vocab.json');
    const vocabulary = vocabularyIn(file, text('vocab.json'));
    const lacking = [START, END, padding].find(each => !Object.hasOwn(vocabulary, each));
    if (lacking !== undefined) throw new Error(`${file} lacks ${lacking}; is it CLIP's?`);
    checkMerges(path.join(folder, 'merges.txt'), merges, vocabulary);
    return new ClipTokenizer(vocabulary, merges, lengths[0] ?? 77, padding);
  }

  /** From merges alone, as OpenAI publishes them: first the letters, then the letters that end words, then what each merge makes. */
  static ofMerges(merges: readonly string[], context = 77): ClipTokenizer {
    const ordered = [
      ...BYTE_LETTERS.filter((each, byte) => each.charCodeAt(0) === byte), // numbered with the printable ones first
      ...BYTE_LETTERS.filter((each, byte) => each.charCodeAt(0) !== byte),
    ];
    const tokens = [
      ...ordered,
      ...ordered.map(each => each + WORD_END),
      ...merges.map(pair => pair.replace(' ', '')),
      START,
      END,
    ];
    return new ClipTokenizer(Object.fromEntries(tokens.map((token, id) => [token, id])), merges, context);
  }

  /** CLIP's own vocabulary of 49,408 tokens. @throws Error that says how to fetch it */
  static published(file = CLIP_MERGES): ClipTokenizer {
    if (!fs.existsSync(file))
      throw new Error("CLIP's vocabulary is not here yet; fetch it: npm run fetch -- clip-vocabulary");
    const lines = gunzipSync(fs.readFileSync(file)).toString('utf8').split('\n');
    return ClipTokenizer.ofMerges(lines.slice(1, 1 + MERGES_TAKEN)); // the first line is the version
  }

  /** Texts → numbers [B, context] int32: start, the text (cut where it is too long), end, padding. */
  encode(texts: readonly string[]): tf.Tensor2D {
    const rows = texts.map(text => {
      const ids = [this.vocabulary[START], ...this.tokens(text).slice(0, this.context - 2), this.vocabulary[END]];
      return [...ids, ...Array<number>(this.context - ids.length).fill(this.vocabulary[this.padding])];
    });
    return tf.tensor2d(rows, [texts.length, this.context], 'int32');
  }

  /** The numbers of a text, without start and end. */
  tokens(text: string): number[] {
    const pieces = text.normalize('NFC').toLowerCase().match(PIECES) ?? [];
    return pieces.flatMap(piece => {
      if (!this.known.has(piece)) this.known.set(piece, this.split(piece));
      return this.known.get(piece)!;
    });
  }

  /** One word → its tokens' numbers. */
  private split(piece: string): number[] {
    if (piece === START || piece === END) return [this.vocabulary[piece]];
    const letters = [...toLetters(piece)];
    letters[letters.length - 1] += WORD_END;
    const parts = joinPairs(letters, this.rankOf);
    return parts.map(part => this.vocabulary[part] ?? this.vocabulary[END]);
  }
}

/** token → number. @throws Error that names the file and the token whose number is none */
function vocabularyIn(file: string, text: string): Record<string, number> {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON (${(error as Error).message}); copy the folder again`);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw new Error(`${file}: expected an object of tokens and their numbers`);
  const wrong = Object.entries(values).find(([, id]) => !Number.isSafeInteger(id) || (id as number) < 0);
  if (wrong)
    throw new Error(
      `${file}: the number of ${JSON.stringify(wrong[0])} is ${JSON.stringify(wrong[1])}, expected a whole one`,
    );
  return values as Record<string, number>;
}

/** @throws Error where a line is no pair, or a token of several letters is made by none: texts would fall into other tokens */
function checkMerges(file: string, merges: readonly string[], vocabulary: Record<string, number>): void {
  const odd = merges.findIndex(line => line.trim().split(' ').length !== 2);
  if (odd >= 0) throw new Error(`${file}: merge ${odd + 1} is ${JSON.stringify(merges[odd])}, expected two parts`);
  const made = new Set(merges.map(line => line.trim().replace(' ', '')));
  const added = /^<.*>$/; //                                 marks, and words that a user has added
  const unmade = Object.keys(vocabulary).find(
    token => [...token.replace(WORD_END, '')].length > 1 && !added.test(token) && !made.has(token),
  );
  if (unmade !== undefined)
    throw new Error(`${file} makes no ${unmade}, which is in vocab.json; the file is cut short`);
}

/** A token's text: some files keep it with its settings. */
function token(settings: Settings, field: string): string | undefined {
  const value = settings.value(field) as string | { content?: string } | undefined;
  const text = typeof value === 'object' ? (value.content ?? Number.NaN) : value;
  if (text !== undefined && typeof text !== 'string') throw new Error(`${settings.name}: ${field} is no text`);
  return text;
}

/** What a file says beside its padding is what this tokenizer does; returns how many tokens a text has, where it says so. */
function checkSettings(settings: Settings): number | undefined {
  for (const [field, expected] of Object.entries({ bos_token: START, eos_token: END, unk_token: END })) {
    const given = token(settings, field) ?? expected;
    if (given !== expected) throw new Error(`${settings.name}: ${field} is ${given}, and CLIP's is ${expected}`);
  }
  settings.must({ do_lower_case: true, add_prefix_space: false });
  settings.ignore(
    'tokenizer_class',
    'errors',
    'name_or_path',
    'special_tokens_map_file',
    'backend',
    'is_local',
    'local_files_only',
  );
  settings.ignore(
    'added_tokens_decoder',
    'clean_up_tokenization_spaces',
    'extra_special_tokens',
    'additional_special_tokens',
  );
  const longest = settings.value('model_max_length') === undefined ? undefined : settings.number('model_max_length');
  settings.done();
  if (longest === undefined || longest >= 1e6) return undefined; // Python writes a huge number for "not known"
  return settings.whole('model_max_length', undefined, 2); // start and end are two
}
