/** The closing page and the cards hold every lesson's promise and every question of its quiz, in both languages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Papa from 'papaparse';
import { allCards, ankiFile, cardsOf } from '../../scripts/notebooks/cards';
import { CLOSING } from '../../scripts/notebooks/closing';
import { allLessons, LANGUAGES, lessonNamed, type Notebook, readNotebook } from '../../scripts/notebooks/notebook';

const lessons = allLessons().filter(({ name }) => /^\d/.test(name));
const plain = (text: string) =>
  text
    .replace(/\[([^\]\n]*)\]\([^)\n]*\)/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('**', '');

for (const language of LANGUAGES) {
  describe(`in '${language}'`, () => {
    const page = plain(
      readNotebook(lessonNamed(CLOSING).files[language])
        .cells.map(cell => cell.source)
        .join('\n\n'),
    );
    const rows = Papa.parse<string[]>(
      ankiFile(allCards(language), language)
        .split('\n')
        .filter(line => !line.startsWith('#'))
        .join('\n')
        .trim(),
    ).data;

    for (const { name, files } of lessons) {
      it(`${name}: its promises and all questions of its quiz are there`, () => {
        const promised = language === 'en' ? '**After this lesson you can**\n\n' : '**学完本课，你能够**\n\n';
        const list = plain(readNotebook(files[language]).cells[0].source.split(promised)[1] ?? '');
        const lines = list
          .split('\n\n')[0]
          .replace(/<!--.*?-->/g, '')
          .split('\n'); // numbers without their marks
        assert.ok(lines.length >= 2);
        for (const line of lines) assert.ok(page.includes(line.trim()), line);
        const own = cardsOf(name, readNotebook(files.en), language);
        const quizzes = readNotebook(files.en).cells.filter(cell => /\bquiz\(\[/.test(cell.source));
        const asked = quizzes.reduce(
          (sum, cell) => sum + (cell.source.match(/^\s*question:|\{ question:/gm)?.length ?? 0),
          0,
        );
        assert.ok(own.length >= 3);
        assert.equal(own.length, asked, 'as many as the quiz has');
        for (const { question, choices, answer, why } of own)
          for (const text of [question, ...choices, choices[answer], why]) assert.ok(page.includes(plain(text)), text);
        const cards = rows.filter(row => row[3] === `lesson-${name}`);
        assert.equal(cards.length, own.length);
      });
    }

    it('each card has a name of its own, a front and a back', () => {
      assert.equal(new Set(rows.map(([id]) => id)).size, rows.length);
      for (const row of rows) assert.ok(row.length === 4 && row.every(cell => cell.trim()), row.join(' | '));
    });
  });
}

describe('a card', () => {
  const asking = (source: string): Notebook => ({
    cells: [{ cell_type: 'code', id: 'a', metadata: {}, source }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  });
  const question = `quiz([{ question: { en: 'Is "a, b" < \`c\`, $x_1$?', zh: '对吗？' }, choices: ['yes', '1 %'], answer: 1, why: 'so' }])`;

  it('survives quotes, commas, signs of HTML, code and formulas', () => {
    const [card] = cardsOf('99-none', asking(question), 'en');
    const [, front, back] = Papa.parse<string[]>(ankiFile([card], 'en').trim().split('\n').pop()!).data[0];
    assert.equal(
      front,
      'Is &quot;a, b&quot; &lt; <code>c</code>, \\(x_1\\)?<ol type="A"><li>yes</li><li>1 %</li></ol>',
    );
    assert.equal(back, '<b>B. 1 %</b><br>so');
  });

  it('is said in the language of its file', () => {
    const [card] = cardsOf('99-none', asking(question), 'zh');
    assert.deepEqual([card.question, card.choices[1]], ['对吗？', '1%']);
  });

  it('tells Anki how to read the file', () => {
    const head = ankiFile([], 'en').split('\n');
    assert.deepEqual(head.slice(0, 3), ['#separator:Comma', '#html:true', '#guid column:1']);
  });
});
