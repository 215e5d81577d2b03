/** Tables of settings: every number that is none, or lies outside, must be refused in words. */
import assert from 'node:assert/strict';

/** What is wrong for every setting, and for those that are counts. */
export const NEVER = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
export const NO_COUNT = [...NEVER, 0, -1, 1.5];

export interface Setting {
  name: string;
  /** Uses the setting. */
  use: (value: number) => unknown;
  /** Wrong beside what is wrong anyway. */
  wrong?: readonly number[];
  right: readonly number[];
}

/** Each wrong value must throw an error that names the value and what was expected; each right one must not. */
export async function checkSettings(settings: readonly Setting[]): Promise<void> {
  for (const { name, use, wrong = [], right } of settings) {
    for (const value of [...NEVER, ...wrong]) {
      const message = await failure(() => use(value));
      assert.ok(message !== undefined, `${name} = ${value} was accepted`);
      assert.match(message, /must|expected|need|exist|between/, `${name} = ${value}`);
      assert.ok(message.includes(String(value)), `${name} = ${value}: the error names no value: ${message}`);
    }
    for (const value of right) assert.equal(await failure(() => use(value)), undefined, `${name} = ${value}`);
  }
}

/** What `use` throws or rejects with, in words. */
export async function failure(use: () => unknown): Promise<string | undefined> {
  try {
    await use();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Each use must be refused with shapes: those that came, those that were expected. */
export async function checkShapes(wrong: Record<string, () => unknown>): Promise<void> {
  for (const [name, use] of Object.entries(wrong)) {
    const message = await failure(use);
    assert.ok(message !== undefined, `${name} was accepted`);
    assert.match(message, /expected|must/, `${name}: ${message}`);
    assert.match(message, /got|\[/, `${name}: ${message}`);
    assert.doesNotMatch(
      message,
      /TF_Status|Argument '|Error in |Incompatible shapes/,
      `${name} failed by chance: ${message}`,
    );
  }
}
