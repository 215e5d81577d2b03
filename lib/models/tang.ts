/**
 * The net that writes Tang poems in lesson 17: its size, its characters, which poems it learns from and which it never sees.
 * scripts/train/tang-gpt.ts made its weights.
 */
import { tangPoems } from '../data';
import { CharacterTokenizer } from '../text';
import type { GptConfig } from './gpt';

/** Begins and ends a poem. */
export const POEM_END = '\n';

/** Every so many poems one is kept for testing. */
const HELD_OUT = 20;

/** `vocab`: the characters of all poems, the two marks and the end. A poem of eight lines has 48 of them and the end. */
export const TANG_GPT: GptConfig = { vocab: 2202, context: 49, layers: 3, heads: 4, width: 96, bias: false };

/**
 * One token for each character of the poems.
 * @example tangTokenizer().size // → 2202
 */
export const tangTokenizer = (): CharacterTokenizer => new CharacterTokenizer(POEM_END + tangPoems().join(''));

/**
 * Poems to learn from, and every twentieth, which is never learnt from.
 * @example tangSplit().heldOut.length // → 358
 */
export function tangSplit(): { train: string[]; heldOut: string[] } {
  const poems = tangPoems();
  const isOut = (i: number) => i % HELD_OUT === HELD_OUT - 1;
  return { train: poems.filter((_, i) => !isOut(i)), heldOut: poems.filter((_, i) => isOut(i)) };
}
