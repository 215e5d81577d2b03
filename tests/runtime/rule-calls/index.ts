/** Calls of tfjs's functions by the hundred, of many ranks, axes, paddings and dtypes, with the gradients they have. */
import { arrangement, stridedSlices } from './arrangement';
import type { Call } from './call';
import { elementwise, overAxes, products, together } from './numbers';
import { placesAndNumbers } from './places';
import { pictures, windows } from './windows';

/** By kind. */
export const GENERATED: Record<string, () => Call[]> = {
  'functions of each number': elementwise,
  'two tensors together': together,
  'sums and the like over axes': overAxes,
  'what arranges numbers anew': arrangement,
  'slices by steps and masks': stridedSlices,
  products,
  'windows that slide': windows,
  pictures,
  'places, counts and transforms': placesAndNumbers,
};
