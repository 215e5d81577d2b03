import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { glossary, glossaryTable, term } from '../../lib/course';
import { isListed, mentions } from '../../lib/course/glossary';

/** Names of people, tools and models may stand in brackets without being terms. */
const NAMES =
  /^(PyTorch|TensorFlow|NumPy|SciPy|Keras|Jupyter|JupyterLab|TypeScript|JavaScript|Python|Node|Mermaid|Adam|MNIST|[A-Z][a-zé]+ et al)$/;

test('every term has both languages, and no word is listed twice', () => {
  assert.ok(glossary.length >= 100);
  const seen = new Set<string>();
  for (const { en, zh, says } of glossary) {
    assert.ok(
      en[0] && /[\u4e00-\u9fff]/.test(zh[0]) && says.en.endsWith('.') && says.zh.endsWith('。'),
      `${en[0]} is incomplete`,
    );
    for (const form of en) {
      assert.ok(!seen.has(form.toLowerCase()), `${form} is listed twice`);
      seen.add(form.toLowerCase());
    }
  }
});

test('terms are found by any form, plural and symbol', () => {
  assert.equal(term('Latents')?.zh[0], '潜变量');
  assert.equal(term('ELBO')?.zh[0], '证据下界');
  assert.equal(term('reparameterisation')?.zh[0], '重参数化');
  assert.equal(term('banana'), undefined);
  assert.throws(() => glossaryTable('cooking'), /no glossary topic 'cooking'; there are tensors/);
  assert.match(glossaryTable('vae').bundle['text/html'] as string, />latent variable</);
});

test('mentions are read from running text', () => {
  const found = mentions(
    '我们用重参数化（reparameterization）和 KL 散度（KL divergence）；形状 (10, 20)，贝叶斯（Bayes 1763）。',
  );
  assert.deepEqual(found, [
    { zh: '我们用重参数化', en: 'reparameterization' },
    { zh: '和 KL 散度', en: 'KL divergence' },
  ]);
  assert.ok(isListed(found[0]));
  assert.ok(!isListed({ zh: '池化', en: 'pooling' }), 'the course says 汇聚');
});

const folder = path.join(__dirname, '../../notebooks/zh');
const lessons = readdirSync(folder, { withFileTypes: true })
  .filter(f => f.name.endsWith('.ipynb') && f.name !== 'closing.ipynb') // which repeats what quizzes ask
  .map(f => f.name);

for (const name of lessons) {
  test(`${name}: the Chinese text uses the glossary's words`, () => {
    const { cells } = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as {
      cells: { cell_type: string; source: string | string[] }[];
    };
    const text = cells
      .filter(c => c.cell_type === 'markdown')
      .map(c => [c.source].flat().join(''))
      .join('\n');
    const missing = mentions(text).filter(m => !NAMES.test(m.en) && !isListed(m));
    const said = missing.map(m => `${m.zh}（${m.en}）${term(m.en) ? `, glossary: ${term(m.en)?.zh.join('、')}` : ''}`);
    assert.deepEqual(said, [], 'not in lib/course/terms.ts, or with another Chinese word');
  });
}
