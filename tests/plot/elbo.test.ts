import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { elboChart } from '../../lib/plot';
import { klMultivariate, LinearGaussian, MultivariateNormal } from '../../lib/probability';

interface View {
  signal(name: string, value: number): View;
  runAsync(): Promise<View>;
  finalize(): void;
  _runtime: { data: Record<string, { values?: { value: unknown } }> };
}

/** Rows of the bars with both sliders moved, as the page computes them. */
async function barsAt(m: number, s: number): Promise<Record<string, unknown>[]> {
  const { bundle } = await elboChart({ weight: 1.5, std: 0.8, x: 2, mean: 0.3, width: 0.9, floor: -10 });
  const vega = require('vega') as { parse(spec: unknown): unknown; View: new (runtime: unknown, o: object) => View };
  const vegaLite = require('vega-lite') as { compile(spec: unknown): { spec: unknown } };
  const view = new vega.View(vega.parse(vegaLite.compile(bundle['application/vnd.vegalite.v5+json']).spec), {
    renderer: 'none',
  });
  await view.signal('m', m).signal('s', s).runAsync();
  const rows = Object.values(view._runtime.data)
    .map(d => d.values?.value)
    .filter((v): v is Record<string, unknown>[] => Array.isArray(v) && v.length > 0 && 'gap' in v[0]);
  view.finalize();
  return rows.flat();
}

describe('ELBO and gap as bars', () => {
  const model = new LinearGaussian([[1.5]], [0], [0.8]);

  for (const [m, s] of [
    [0.3, 0.9],
    [1.05, 0.45],
    [-0.5, 0.2],
    [2.4, 1.5],
  ]) {
    it(`stand for q = N(${m}, ${s}²) and reach log p(x)`, async () => {
      const q = MultivariateNormal.diagonal([m], [s]);
      const { elbo } = model.bound([2], q);
      const gap = klMultivariate(q, model.posterior([2]));
      const rows = await barsAt(m, s);
      assert.ok(rows.length >= 2);
      for (const row of rows) {
        assert.ok(Math.abs((row.elbo as number) - elbo) < 1e-9, `${row.elbo}, expected ${elbo}`);
        assert.ok(Math.abs((row.gap as number) - gap) < 1e-9, `${row.gap}, expected ${gap}`);
      }
    });
  }

  it('says in words what it shows', async () => {
    const { bundle } = await elboChart({ weight: 1.5, std: 0.8, x: 2, mean: 0.3, width: 0.9, floor: -10 });
    assert.match(
      bundle['text/plain'] as string,
      /ELBO −4\.05 and the gap KL\(q‖p\(z\|x\)\) 1\.91 .* log p\(x\) = −2\.14/,
    );
  });
});
