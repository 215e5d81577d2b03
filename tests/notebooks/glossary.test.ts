/** Lessons link the first use of each term to the glossary; glossary and map are made from the lessons as they are now. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { glossary } from '../../lib/course';
import { courseLessons } from '../../lib/course/map';
import { directNeeds } from '../../lib/course/needs';
import { notebookProblems } from '../../scripts/notebooks/check';
import { glossaryNotebook, introductions, linkFirstMentions } from '../../scripts/notebooks/glossary';
import { brokenLinks } from '../../scripts/notebooks/links';
import {
  allLessons,
  LANGUAGES,
  type Language,
  type Notebook,
  notebookFolder,
  notebookText,
  ROOT,
  readNotebook,
} from '../../scripts/notebooks/notebook';
import { usesIn } from '../../scripts/notebooks/uses';
import { madeFromAll } from '../../scripts/sync';

const text = (...sources: string[]): Notebook => ({
  cells: sources.map((source, i) => ({ cell_type: 'markdown', id: `c${i}`, metadata: {}, source })),
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const sources = (notebook: Notebook) =>
  notebook.cells.filter(cell => cell.cell_type === 'markdown').map(cell => cell.source);
const withoutLinks = (source: string) => source.replace(/\[([^\]\n]*)\]\(glossary[^)\n]*\)/g, '$1');
const lessons = allLessons().filter(lesson => /^\d/.test(lesson.name));

describe('first uses', () => {
  const chinese = text(
    '**先验**（prior）与先验（prior），`先验（prior）`，$似然$',
    '# 温度（temperature）\n**某似然（likelihood）**',
    '叫**熵（entropy）**，**交叉熵好**；潜变量先验不是先验',
    '平均值不是均值，阶段不是三阶张量；VAE',
  );
  const english = text(
    'A **prior**, a **prior**, and $likelihood$. [posterior](x.ipynb)',
    '## Likelihoods\nThe **mere** likelihoods overfitted; probabilities of matrices.',
    'We mean the mean of it, write code, take steps, and denoised images by VAEs and a latent prior.',
    '## References\n- *Entropy and logits*',
  );

  it('are linked once, in any inflection, outside of code, formulas, headings, other links and references', () => {
    assert.deepEqual(sources(linkFirstMentions(chinese, 'zh')), [
      '[**先验**](glossary.ipynb#prior)（prior）与先验（prior），`先验（prior）`，$似然$',
      '# 温度（temperature）\n**某[似然](glossary.ipynb#likelihood)（likelihood）**',
      '叫[**熵（entropy）**](glossary.ipynb#entropy)，' +
        '[**交叉熵好**](glossary.ipynb#cross-entropy)；[潜变量先验](glossary.ipynb#latent-prior)不是先验',
      '平均值不是[均值](glossary.ipynb#mean)，阶段不是三[阶](glossary.ipynb#rank)[张量](glossary.ipynb#tensor)；' +
        '[VAE](glossary.ipynb#variational-autoencoder)',
    ]);
    const to = (name: string) => `(glossary.ipynb#${name})`;
    assert.deepEqual(sources(linkFirstMentions(english, 'en')), [
      `A [**prior**]${to('prior')}, a **prior**, and $likelihood$. [posterior](x.ipynb)`,
      `## Likelihoods\nThe **mere** [likelihoods]${to('likelihood')} [overfitted]${to('overfitting')}; [probabilities]${to('probability')} of [matrices]${to('matrix')}.`,
      `We mean the [mean]${to('mean')} of it, write code, take steps, and [denoised]${to('denoising')} images by [VAEs]${to('variational-autoencoder')} and a [latent prior]${to('latent-prior')}.`,
      '## References\n- *Entropy and logits*',
    ]);
  });

  it('of any text: links take nothing away, stand once for a term, stay when linked again, and stars still close', () => {
    const piece = fc.constantFrom(
      ...[
        'prior',
        'latent prior',
        'Logits',
        '**entropy**',
        '*means* the mean',
        '`layer`',
        '$\\text{layer}$',
        '[layer](x.ipynb)',
      ],
      ...[
        '先验',
        '**某先验**好',
        '看**熵**呢',
        '其*先验的事*也',
        '*熵*',
        '交叉熵（cross-entropy）',
        '`熵`',
        '$熵$',
        '\n## 熵\n',
        '\n\n',
        ' ',
        '。',
        'and',
        '(layers)',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(...LANGUAGES), (pieces, language) => {
        const before = pieces.join(' ');
        const [after] = sources(linkFirstMentions(text(before), language));
        assert.equal(after.replace(/\[([^\]\n]*)\]\(glossary\.ipynb#[^)\n]*\)/g, '$1'), before);
        const targets = [...after.matchAll(/\]\((glossary\.ipynb#[^)]*)\)/g)].map(match => match[1]);
        assert.equal(new Set(targets).size, targets.length);
        assert.deepEqual(sources(linkFirstMentions(text(after), language)), [after]);
        const kept = (t: string) => [...t.matchAll(/`[^`\n]*`|\$[^$\n]*\$|^#.*$/gm)].map(match => match[0]);
        assert.deepEqual(kept(after), kept(before));
        const open = (t: string) => notebookProblems(text(t), 'en').filter(problem => problem.includes('asterisks'));
        assert.ok(open(after).length <= open(before).length, after);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('stay as they are when they are linked again', () => {
    for (const [notebook, language] of [
      [chinese, 'zh'],
      [english, 'en'],
    ] as const) {
      const once = linkFirstMentions(notebook, language);
      assert.deepEqual(linkFirstMentions(once, language), once);
    }
  });

  for (const { name, files } of lessons) {
    for (const language of LANGUAGES) {
      it(`of ${name} are linked in '${language}'`, () => {
        const notebook = readNotebook(files[language]);
        assert.deepEqual(sources(linkFirstMentions(notebook, language)), sources(notebook), 'run `npm run sync`');
      });
    }
  }

  /** Terms that stood unlinked, or behind their first use, in lessons that speak of them. */
  const SPOT: [lesson: string, en: string, zh: string][] = [
    ['04-entropy-kl', 'logit', '对数几率'],
    ['04-entropy-kl', 'gradient descent', '梯度下降'],
    ['05-how-a-network-learns', 'back-propagation', '反向传播'],
    ['06-convolution', 'layer', '全连接层'],
    ['07-depth', 'overfitting', '过拟合'],
    ['08-latent-spaces', 'retriev', '检索'],
    ['12-diffusion', 'batches', '批量'],
    ['15-lora', 'prompt', '触发词'],
  ];
  for (const [name, ...words] of SPOT) {
    it(`in ${name}: '${words.join("', '")}' is not there before its link`, () => {
      for (const [i, language] of LANGUAGES.entries()) {
        const prose = sources(readNotebook(lessons.find(l => l.name === name)!.files[language]))
          .join('\n\n')
          .replace(/```[\s\S]*?```|`[^`\n]*`|\$\$[\s\S]*?\$\$|\$[^$\n]*\$|^#.*$|\]\((?!glossary)[^)]*\)/gm, '');
        const first = prose.toLowerCase().indexOf(words[i]);
        const link = /\[[^\]]*\]\(glossary\.ipynb#/g;
        const inside = [...prose.matchAll(link)].some(m => m.index <= first && first < m.index + m[0].length);
        if (first >= 0) assert.ok(inside, `${language}: …${prose.slice(Math.max(0, first - 40), first + 40)}…`);
      }
    });
  }
});

describe('the glossary', () => {
  const byName = (language: Language) => new Map(lessons.map(l => [l.name, readNotebook(l.files[language])]));
  const introduced = introductions(byName('en'), byName('zh'));

  it('says of every term which lesson introduces it, and that lesson uses it in both languages', () => {
    const uses = LANGUAGES.map(language => {
      const lessonsOf = [...byName(language)].map(([name, { cells }]) => {
        const texts = cells.filter(cell => cell.cell_type === 'markdown').map(cell => withoutLinks(cell.source));
        return [name, new Set(texts.flatMap(text => usesIn(text, language).map(use => use.term)))] as const;
      });
      return new Map(lessonsOf);
    });
    const lost = glossary.filter(term => !uses.every(used => used.get(introduced.get(term) ?? '')?.has(term)));
    assert.deepEqual(
      lost.map(term => term.en[0]),
      [],
    );
  });

  it('is headed in its language, with anchors and ways back that resolve, and Chinese separators', () => {
    for (const language of LANGUAGES) {
      const notebook = glossaryNotebook(language, byName(language), introduced, {});
      const prose = sources(notebook).join('\n\n');
      const entries = [...prose.matchAll(/^### (?:<a id="([ -~]+)"><\/a>)?(.+)\n\n(.+)$/gm)];
      assert.equal(entries.length, glossary.length);
      for (const [, , heading, line] of entries) {
        assert.match(line, /\[\d\d [^\]]+\]\(\d\d-[\w-]+\.ipynb\)$/, heading);
        if (language === 'zh') assert.match(heading, /^.*\p{Script=Han}.*$/u);
        else assert.doesNotMatch(heading, /\p{Script=Han}/u);
        if (language === 'zh') assert.doesNotMatch(/\*\*(.*?)\*\*/.exec(line)?.[1] ?? '', /, |,/);
      }
      const file = path.join(notebookFolder(language), 'glossary.ipynb');
      assert.deepEqual(brokenLinks(notebook, file), []);
    }
  });
});

describe('what is made from all lessons', () => {
  it('is up to date', () => {
    for (const [file, wanted] of madeFromAll()) {
      const name = path.relative(ROOT, file);
      assert.ok(fs.existsSync(file), `${name} is missing; run \`npm run sync\``);
      const found = file.endsWith('.ipynb') ? notebookText(readNotebook(file)) : fs.readFileSync(file, 'utf8');
      assert.equal(found, wanted, `${name}: run \`npm run sync\``);
    }
  });

  it('the map names what a lesson names, without what follows from the rest', () => {
    const nodes = courseLessons();
    assert.ok(nodes.length >= 9 && nodes.every(({ title }) => title.en && title.zh));
    const lesson = (name: string, ...needs: string[]) => ({ name, number: '00', title: { en: '', zh: '' }, needs });
    const needs = directNeeds([lesson('a'), lesson('b', 'a'), lesson('c', 'a', 'b')]);
    assert.deepEqual(needs, [
      ['a', 'b'],
      ['b', 'c'],
    ]);
  });
});
