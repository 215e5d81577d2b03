export { CaptionTokenizer, captionTokenizer, textFor, wordsOf } from './captions';
export { CLIP_MERGES, ClipTokenizer } from './clip-tokenizer';
export { type CsvOptions, parseCsv, readCsv } from './csv';
export {
  EMOJI_SIZE,
  type Emoji,
  type EmojiPicture,
  type EmojiSplit,
  type EmojiStyle,
  emoji,
  emojiSplit,
  emojiTensor,
  HELD_OUT,
  HELD_OUT_RECOLOURED,
  type Language,
} from './emoji';
export { countHoles } from './features';
export {
  type BatchOptions,
  batchCount,
  batchesOf,
  batchOf,
  type ImageBatch,
  ImageSet,
  type LabelledImage,
} from './images';
export { mnist, type SplitSet } from './mnist';
export { moreThings } from './more-things';
export { moved } from './moved';
export {
  type Demonstrator,
  judgePairs,
  type Notation,
  numberToken,
  PAIR_MARKS,
  PAIR_PROMPT,
  PAIR_VOCAB,
  type PairQuestion,
  type PairVerdict,
  pairDemonstration,
  pairPrompt,
  pairQuestion,
  showPairs,
} from './pair-sums';
export { catPhoto, type Photograph } from './photos';
export { COLOURS, type Colour, canRecolour, porcelain, recolour } from './recolour';
export { type DataCell, type DataRow, DataTable, type SummaryName } from './table';
export { breastCancer, dataFrame, iris, type Measurements, smallDigits, wine } from './tables';
export { shakespeare, tangPoems } from './texts';
export {
  drawnThings,
  heldOutPairs,
  JUDGE_STYLES,
  PAINTER_STYLES,
  repaintedThings,
  THING_SIZE,
  type ThingPicture,
  type ThingSplit,
  thingCaption,
  thingNames,
  thingSplit,
  thingTensor,
  thingText,
  thingTokenizer,
} from './things';
export {
  type CudaDriver,
  compareVersions,
  cudaDrivers,
  type Fit,
  fitOf,
  type TensorflowBuild,
  tensorflowBuilds,
} from './versions';
