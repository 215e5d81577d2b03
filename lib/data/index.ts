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
export { breastCancer, dataFrame, iris, type Measurements, smallDigits, wine } from './tables';
