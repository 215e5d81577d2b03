/** The examples in the lib's docstrings: each compiles, runs, and gives what it says. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import * as lib from '../../lib';
import { newFolder } from '../folder';
import { asModule, NEEDS, publicNames, typeErrors } from './examples';

/** Tensors and typed arrays as plain numbers. */
const plain = (value: unknown): unknown => {
  if (value instanceof lib.tf.Tensor) return value.arraySync();
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
};

/** Equal words; numbers are equal as far as the expected ones have digits. */
function check(value: unknown, expected: string): void {
  const real = plain(value);
  const got = typeof real === 'string' ? real : inspect(real, { breakLength: Number.POSITIVE_INFINITY, depth: 9 });
  const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;
  const shape = (text: string) => text.replace(NUMBER, '#').replace(/\s+/g, '');
  assert.equal(shape(got), shape(expected), `${got}, expected ${expected}`);
  const numbers = got.match(NUMBER) ?? [];
  (expected.match(NUMBER) ?? []).forEach((number, i) => {
    const digits = number.split('.')[1]?.length ?? 0;
    assert.ok(Math.abs(Number(numbers[i]) - Number(number)) <= 0.5001 * 10 ** -digits, `${got}, expected ${expected}`);
  });
}

const names = publicNames(new Set(Object.keys(lib)));
const folder = newFolder('examples');
const file = path.join(folder, 'examples.ts');
fs.writeFileSync(file, asModule(names));

describe('the examples of the lib', () => {
  it('exist for every public function and class', () => {
    const without = names.filter(({ examples }) => examples.length === 0);
    const unrun = names.filter(({ examples }) => examples.some(code => NEEDS.test(code)));
    console.log(
      `${names.length - without.length} of ${names.length} public names have an example; ${unrun.length} need files of the reader's own and are only compiled`,
    );
    assert.deepEqual(
      without.map(({ name, place }) => `${name} (${place})`),
      [],
    );
  });

  it('compile as a reader would write them', () => assert.deepEqual(typeErrors(file), []));

  describe('run, and give what they say', () => {
    const home = process.cwd();
    before(() => {
      process.chdir(folder); // files that they write
      Object.assign(globalThis, { check });
    });
    it('every one', async () => {
      const { examples } = (await import(file)) as { examples: [string, () => unknown][] };
      const failed: string[] = [];
      const needy = new Set(names.filter(({ examples: [code] }) => NEEDS.test(code)).map(({ name }) => name));
      for (const [name, run] of examples) {
        if (needy.has(name)) continue;
        try {
          await run();
        } catch (error) {
          failed.push(`${name}: ${(error as Error).message}`);
        }
      }
      process.chdir(home);
      assert.deepEqual(failed, []);
    });
  });
});
