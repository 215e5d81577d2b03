import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gpt, loadPretrained, TANG_GPT, tangSplit, tangTokenizer } from '../../lib/models';
import { shapesOnly } from '../../lib/runtime';

test('the poems are split without overlap, and every character has its token', () => {
  const { train, heldOut } = tangSplit();
  assert.equal(new Set([...train, ...heldOut]).size, train.length + heldOut.length);
  assert.deepEqual([train.length, heldOut.length], [6817, 358]);
  const characters = tangTokenizer();
  assert.equal(characters.size, TANG_GPT.vocab);
  for (const poem of heldOut) assert.equal(characters.decode(characters.encode(poem)), poem);
});

test('the committed weights are of that net, made by its script', () => {
  const net = shapesOnly(() => new Gpt(TANG_GPT));
  assert.equal(net.parameterCount(), 548_544);
  assert.equal(loadPretrained('tang-gpt', net).made, 'scripts/train/tang-gpt.ts');
  net.dispose();
});
