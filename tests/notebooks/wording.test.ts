/** Chinese texts use one word for each thing, and none of the phrases that are English in Chinese words. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { allLessons, ROOT, readNotebook } from '../../scripts/notebooks/notebook';
import { misworded, WORDING } from '../../scripts/notebooks/wording';

/** What is no Chinese prose: code, formulas' letters stay, links' targets, papers' titles. */
const prose = (text: string) => text.replace(/```[\s\S]*?```|`[^`\n]*`|\]\([^)\n]*\)/g, ' ');

/** Chinese strings of a code cell: questions, hints, claims. */
const chineseIn = (code: string) =>
  [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)]
    .map(([text]) => text)
    .filter(text => /\p{Script=Han}/u.test(text));

/** Files with Chinese words beside the lessons: dictionaries, wherever they lie. */
function dictionaries(): string[] {
  const folders = ['lib/i18n', 'notebooks/zh/words', 'lib/course'].map(folder => path.join(ROOT, folder));
  return folders
    .filter(folder => fs.existsSync(folder))
    .flatMap(folder =>
      fs
        .readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(file => /\.(ts|json|po)$/.test(file))
        .map(file => path.join(folder, file)),
    );
}

/** All texts in the values of a dictionary. */
const sayings = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values((value ?? {}) as Record<string, unknown>).flatMap(sayings);

describe('the words of Chinese texts', () => {
  it('name what is wanted and never ban it', () => {
    for (const { want, not } of WORDING) assert.doesNotMatch(want.replace(/[（；].*$/, ''), not, want);
  });

  it('are found where they are not the course’s', () => {
    const wrong = ['每个批次 128 张', '低于下限', '网络回答噪声', '余弦日程', '在 20 眼中', '真相 p', '15 % 的图片'];
    for (const text of wrong) assert.equal(misworded(text).length > 0, true, text);
    for (const text of ['批量大小 128', '汇聚也常译作“池化”', '下界', '15% 的图片'])
      assert.deepEqual(misworded(text), []);
  });

  for (const { name, files } of allLessons()) {
    it(`of ${name} are the course's`, () => {
      const { cells } = readNotebook(files.zh);
      const said = cells.map(({ id, cell_type, source }) => ({
        id,
        texts: cell_type === 'markdown' ? [prose(source)] : chineseIn(source),
      }));
      assert.deepEqual(
        said.flatMap(({ id, texts }) => texts.flatMap(misworded).map(found => `${id}: ${found}`)),
        [],
      );
    });
  }

  for (const file of [...dictionaries(), path.join(ROOT, 'README.zh-CN.md')]) {
    it(`of ${path.relative(ROOT, file)} are the course's`, () => {
      const text = fs.readFileSync(file, 'utf8');
      // of a dictionary what is said; its keys are the English that stands in the lessons
      const said = file.endsWith('.json') ? sayings(JSON.parse(text)) : [text];
      assert.deepEqual(said.flatMap(misworded), []);
    });
  }
});
