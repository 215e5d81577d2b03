/** The task of lesson 22: what is asked can be answered, what is demonstrated is what is judged right, and holes are looked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  judgePairs,
  numberToken,
  PAIR_MARKS,
  PAIR_PROMPT,
  PAIR_VOCAB,
  pairDemonstration,
  pairPrompt,
  pairQuestion,
  showPairs,
} from '../../lib/data';
import { HostRandom } from '../../lib/runtime';
import { checkSettings } from '../ranges';

const question = { numbers: [1, 2, 3, 4, 5], target: 9 };
/** "4 5 = 9 y e" → tokens */
const tokens = (text: string) =>
  text.split(' ').map(word => {
    const marks: Record<string, number> = {
      '=': PAIR_MARKS.equals,
      y: PAIR_MARKS.yes,
      n: PAIR_MARKS.no,
      e: PAIR_MARKS.end,
    };
    return marks[word] ?? numberToken(Number(word));
  });
const judged = (text: string) => judgePairs(question, tokens(text));

test('questions have five different numbers from 1 to 15 and a target that two of them make', () => {
  const random = new HostRandom(1);
  for (let i = 0; i < 500; i++) {
    const { numbers, target } = pairQuestion(random);
    assert.equal(new Set(numbers).size, 5);
    assert.ok(numbers.every(n => n >= 1 && n <= 15));
    assert.ok(numbers.some(a => numbers.some(b => a !== b && a + b === target)));
    assert.equal(pairPrompt({ numbers, target }).length, PAIR_PROMPT);
  }
});

test('demonstrations are well formed, fit, and are right exactly when their last mark is ✓', () => {
  const random = new HostRandom(2);
  for (let i = 0; i < 500; i++) {
    const asked = pairQuestion(random);
    const answer = pairDemonstration(asked, random, { quit: 0.1, characters: 0.5 });
    const verdict = judgePairs(asked, answer);
    assert.ok(answer.length <= 41 && answer.every(token => token >= 0 && token < PAIR_VOCAB));
    assert.ok(verdict.wellFormed);
    assert.equal(verdict.falseSums, 0);
    assert.equal(verdict.right, answer[answer.length - 2] === PAIR_MARKS.yes);
    assert.equal(verdict.retries, verdict.attempts - 1);
  }
  assert.equal(judgePairs(question, pairDemonstration(question, random, { direct: 1 })).attempts, 1);
});

test('what is right, and what only looks so', () => {
  assert.ok(judged('4 5 = 9 y e').right);
  assert.ok(judged('1 2 = 3 n 5 4 = 9 y e').right);
  for (const wrong of [
    '4 5 = 9 y', //              no end
    '4 5 = 9 n e', //            says no
    '4 4 = 9 y e', //            one number twice, false sum
    '2 7 = 9 y e', //            7 is not there
    '1 2 = 9 y e', //            false sum
    '4 5 = 8 y e', //            does not say the target
    '4 5 = 9 y y e', //          goes on
    '9 y e',
    'e',
  ])
    assert.equal(judged(wrong).right, false, wrong);
  assert.ok(judged('1 2 = 9 y e').ticked);
  assert.equal(judged('1 2 = 9 y e').falseSums, 1);
  assert.equal(judged('1 2 = 3 n 1 3 = 4 n 4 5 = 9 y e').retries, 2);
  assert.equal(judged('9 y e').wellFormed, false);
});

test('both ways of writing numbers count the same, and mixing is seen', () => {
  const characters = [numberToken(4, 'characters'), numberToken(5, 'characters'), PAIR_MARKS.equals];
  const pure = judgePairs(question, [...characters, numberToken(9, 'characters'), PAIR_MARKS.yes, PAIR_MARKS.end]);
  assert.deepEqual([pure.right, pure.mixed], [true, false]);
  const both = judgePairs(question, [...characters, numberToken(9), PAIR_MARKS.yes, PAIR_MARKS.end]);
  assert.deepEqual([both.right, both.mixed], [true, true]);
  assert.equal(showPairs([12, 20, 30].map(n => numberToken(n, 'characters'))), '十二 二十 三十');
  assert.equal(showPairs(tokens('12 3 = 15 n e')), '12 3 = 15 ✗ ∎');
});

test('numbers without a token and chances that are none are refused', async () => {
  const made = (options: object) => pairDemonstration(question, new HostRandom(1), options);
  await checkSettings([
    { name: 'a number', use: n => numberToken(n), wrong: [0, 31, 1.5], right: [1, 30] },
    ...['quit', 'characters', 'direct'].map(name => ({
      name,
      use: (chance: number) => made({ [name]: chance }),
      wrong: [-0.1, 1.1],
      right: [0, 1],
    })),
  ]);
});
