/** What readers must be able to tell from its background, measured on every figure (WCAG 2.2: text 4.5 : 1, graphics 3 : 1). */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as plot from '../../lib/plot';
import { measureSvg } from './measure-contrast';
import { SAMPLES } from './samples';

test('every export of lib/plot that makes a figure is measured', () => {
  const names = new Set(Object.keys(SAMPLES).map(name => name.split(',')[0]));
  const figures = Object.entries(plot).filter(
    ([name, value]) =>
      typeof value === 'function' &&
      !/^(Figure|contrast|linePlan|maskLeak|sliderParam|playable|player|slide|spread|liveChart)$/.test(name),
  );
  assert.deepEqual([...names].sort(), figures.map(([name]) => name).sort());
});

for (const [name, make] of Object.entries(SAMPLES)) {
  test(`${name}: on a dark page, text has 4.5 : 1 and lines have 3 : 1`, async () => {
    const { svg } = await make();
    if (svg === undefined) return assert.match(name, /^(table|latentGrid|filmStrip)/); // HTML and bare pixels take the page's colours
    const { onPaper, texts, problems } = measureSvg(svg);
    assert.ok(onPaper, 'the figure has no paper');
    assert.ok(texts > 0);
    assert.deepEqual(problems, []);
  });
}
