/** Between texts and the numbers that nets read. */
export { joinPairs, type PairRank, ranksOf } from './bpe';
export { BYTE_LETTERS, fromLetters, lettersOf, toLetters } from './bytes';
export { CharacterTokenizer } from './characters';
export { ggufTokenizer } from './gguf-tokenizer';
export { type GptVocabulary, gptTokenizer } from './gpt-tokenizer';
export {
  CL100K_PIECES,
  GPT2_PIECES,
  O200K_PIECES,
  QWEN2_PIECES,
  type Split,
  splitAt,
  splits,
  toRegExp,
} from './patterns';
export { type AddedToken, type EncodeOptions, Tokenizer, type TokenizerParts } from './tokenizer';
export { readTokenizer } from './tokenizer-json';
export { type TrainedBpe, trainBpe } from './train-bpe';
