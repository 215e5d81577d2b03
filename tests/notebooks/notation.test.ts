/** Every sign in the lessons' formulas stands on the page of notation, in both languages. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { allLessons, type Notebook, readNotebook } from '../../scripts/notebooks/notebook';

const GREEK =
  'alpha|beta|gamma|Gamma|delta|Delta|epsilon|varepsilon|zeta|eta|theta|Theta|kappa|lambda|Lambda|mu|nu|xi|Xi|pi|Pi|rho|' +
  'sigma|Sigma|tau|phi|varphi|Phi|chi|psi|Psi|omega|Omega';
/** Greek letters, letters of a special shape, accents, and the signs of operations that school does not teach. */
const SIGN = new RegExp(
  String.raw`\\(${GREEK}|ell|varnothing|nabla|partial|odot|otimes|oplus|propto|approx|hat|bar|tilde` +
    String.raw`|(?:mathcal|mathbb)\s*\{?\s*[A-Z]|(?:mathrm|operatorname)\{[A-Z]\w+\}|operatorname\{\w+\})(?![A-Za-z])`,
  'g',
);
/** Functions whose names are spelt out, and SNR, which the page writes in plain letters. */
const SPELT_OUT = /^(?:mathrm|operatorname)\{(?:ReLU|SNR)\}$/;

/** The signs of a notebook's formulas, each with the first formula in which it stands. */
function signsOf(notebook: Notebook): Map<string, string> {
  const found = new Map<string, string>();
  for (const { cell_type, source } of notebook.cells) {
    if (cell_type !== 'markdown') continue;
    for (const [formula] of source.replace(/```[\s\S]*?```/g, '').matchAll(/\$\$[\s\S]*?\$\$|\$[^$\n]+\$/g))
      for (const [, sign] of formula.matchAll(SIGN)) {
        const name = sign.replace(/\s/g, '').replace(/^(math\w+)\{?([A-Z])\}?$/, '$1{$2}');
        if (!SPELT_OUT.test(name) && !found.has(name)) found.set(name, formula);
      }
  }
  return found;
}

for (const language of ['en', 'zh'] as const) {
  const pages = allLessons().map(({ name, files }) => ({ name, notebook: readNotebook(files[language]) }));
  const known = signsOf(pages.find(({ name }) => name === 'notation')!.notebook);

  test(`the signs of all formulas are explained: ${language}`, () => {
    assert.ok(known.size > 30, `${known.size} signs`);
    const unknown = pages.flatMap(({ name, notebook }) =>
      [...signsOf(notebook)].flatMap(([sign, formula]) => (known.has(sign) ? [] : `${name}: ${sign} in ${formula}`)),
    );
    assert.deepEqual(unknown, [], path.join('notebooks', language === 'zh' ? 'zh' : '', 'notation.ipynb'));
  });
}
