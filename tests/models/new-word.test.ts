/** A new word for a finished painter: what is trained, what stays, and the file. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { thingTokenizer } from '../../lib/data';
import { readSafetensors } from '../../lib/formats';
import { NewWord, ThingNet } from '../../lib/models';
import { Adam } from '../../lib/nn';
import { compile, random, tf } from '../../lib/runtime';
import { newFolder } from '../folder';

const folder = newFolder('new-word');
const numbers = (x: tf.Tensor) => Array.from(x.dataSync());

function fresh() {
  random.seed(5);
  const tokenizer = thingTokenizer();
  return { tokenizer, net: new ThingNet(tokenizer) };
}
const read = ({ tokenizer, net }: ReturnType<typeof fresh>, ...texts: string[]) =>
  numbers(net.text.forward(tokenizer.encode(texts)));

test('an unknown word is like any other unknown word; learnt, it is one of its own, and the others are not', () => {
  const painter = fresh();
  const before = read(painter, 'a fox, glaze');
  assert.deepEqual(read(painter, 'a fox, porcelain'), before);
  new NewWord(painter, 'Porcelain');
  assert.notDeepEqual(read(painter, 'a fox, porcelain'), before);
  assert.deepEqual(read(painter, 'a fox, glaze'), before);
  assert.deepEqual(painter.tokenizer.unknown('porcelain glaze'), ['glaze']);
  assert.deepEqual(painter.tokenizer.tokens('porcelain'), ['<start>', 'porcelain', '<end>']);
});

test('a known caption is read as before, to the last bit, compiled as well; several words live side by side', () => {
  const painter = fresh();
  const before = read(painter, 'a red fox, noto', '红色的狐狸');
  const words = ['porcelain', '瓷', 'sks'].map(word => new NewWord(painter, word));
  for (const word of words) word.row.assign(random.normal(word.row.shape));
  assert.deepEqual(read(painter, 'a red fox, noto', '红色的狐狸'), before);
  const ids = painter.tokenizer.encode(['a fox, porcelain', 'a 瓷 sks fox']);
  const compiled = compile((x: tf.Tensor) => painter.net.text.forward(x));
  const apart = tf.sub(compiled(ids), painter.net.text.forward(ids)).abs().max().dataSync()[0];
  assert.ok(apart < 1e-5);
  const [one, two] = words.map(({ number }) => number);
  assert.deepEqual([one, two], [painter.tokenizer.vocab, painter.tokenizer.vocab + 1]);
  compiled.dispose();
});

test('the start is the mean of the words that it is like; training moves the row and nothing else', () => {
  const painter = fresh();
  const table = painter.net.text.token_embedding.weight;
  const row = (word: string) => numbers(table.slice([painter.tokenizer.ids(word)[1], 0], [1, -1]));
  const word = new NewWord(painter, 'porcelain', ['noto', 'twemoji']);
  const mean = row('noto').map((v, i) => (v + row('twemoji')[i]) / 2);
  assert.ok(numbers(word.row).every((v, i) => Math.abs(v - mean[i]) < 1e-6));
  assert.equal(word.parameterCount(), 96);

  const held = painter.net.parameters().map(p => numbers(p));
  const adam = new Adam(word.parameters(), { learningRate: 0.1 });
  const ids = painter.tokenizer.encode(['a fox, porcelain']);
  const loss = () => painter.net.text.forward(ids).square().mean() as tf.Scalar;
  const start = loss().dataSync()[0];
  for (let i = 0; i < 5; i++) adam.minimize(loss);
  assert.notEqual(loss().dataSync()[0], start);
  assert.deepEqual(
    painter.net.parameters().map(p => numbers(p)),
    held,
  );
});

test('the file holds the row under the name of Stable Diffusion’s tools, and gives it back to a fresh painter', () => {
  const file = path.join(folder, 'word.safetensors');
  const [mine, theirs] = [fresh(), fresh()];
  const word = new NewWord(mine, 'porcelain');
  word.row.assign(random.normal(word.row.shape));
  word.save(file, { pictures: '16' });
  const { tensors, metadata } = readSafetensors(file);
  assert.deepEqual(Object.keys(tensors), ['emb_params']);
  assert.deepEqual(tensors.emb_params.shape, [1, 96]);
  assert.deepEqual({ ...metadata, format: 'pt' }, { format: 'pt', pictures: '16', word: 'porcelain' });
  new NewWord(theirs, 'porcelain').load(file);
  assert.deepEqual(read(theirs, 'a fox, porcelain'), read(mine, 'a fox, porcelain'));
  const other = new NewWord(theirs, 'glaze');
  const kept = numbers(other.row);
  assert.throws(() => other.load(file), /holds the word 'porcelain', not 'glaze'; make a NewWord of that name/);
  assert.deepEqual(numbers(other.row), kept);
});

test('says what is wrong', () => {
  const painter = fresh();
  assert.throws(() => new NewWord(painter, 'fox'), /'fox' is known already; take a word that means nothing so far/);
  for (const words of ['blue fox', '青花', '', 'a, b', '?'])
    assert.throws(
      () => new NewWord(painter, words),
      new RegExp(`expected one word.* got '${words.replace('?', '\\?')}'`),
    );
  assert.throws(() => new NewWord(painter, 'glaze', ['noto', 'clay']), /no caption had 'clay'; start from words/);
  assert.deepEqual(painter.tokenizer.unknown('glaze'), ['glaze'], 'what was refused is not half known');
});
