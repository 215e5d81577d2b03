/** Every figure that the course's notebooks hold: its contrast on a light and on a dark page, and that none of its texts is cut. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { allLessons, readNotebook } from '../../scripts/notebooks/notebook';
import { measureSvg } from './measure-contrast';

/** Pages of JupyterLab and of the export, light and dark. */
const PAGES = ['#ffffff', '#111111', '#14171c'];

/** Every SVG of an output: the figure's own, and those inside its HTML. */
function svgsOf(data: Record<string, unknown>): string[] {
  const html = String(data['text/html'] ?? '');
  const inside = [...html.matchAll(/src="data:image\/svg\+xml[^,]*,([^"]+)"/g)].map(([, svg]) =>
    decodeURIComponent(svg.replaceAll('&amp;', '&')),
  );
  const own = data['image/svg+xml'];
  return [
    ...(typeof own === 'string' ? [own] : []),
    ...inside,
    ...(html.replace(/<img[^>]*>/g, '').match(/<svg[\s\S]*?<\/svg>/g) ?? []),
  ];
}

for (const { name, files } of allLessons()) {
  test(`${name}: texts have 4.5 : 1 and lines 3 : 1 in every figure, on light and dark pages`, () => {
    const problems = new Set<string>();
    for (const file of Object.values(files)) {
      for (const { id, outputs = [] } of readNotebook(file).cells) {
        for (const svg of outputs.flatMap(({ data }) => svgsOf(data ?? {}))) {
          for (const page of PAGES)
            for (const problem of measureSvg(svg, page).problems) problems.add(`${id}: ${problem}`);
        }
      }
    }
    assert.deepEqual([...problems], []);
  });
}

for (const { name, files } of allLessons()) {
  test(`${name}: no text in a figure was cut to fit`, () => {
    const cut = readNotebook(files.en).cells.flatMap(
      ({ id, source, outputs = [] }) =>
        outputs
          .flatMap(({ data }) => svgsOf(data ?? {}))
          .flatMap(svg => [...svg.matchAll(/>([^<>]+…)<\/(?:text|tspan)>/g)])
          .flatMap(([, text]) => (source.includes(text) ? [] : [`${id}: ${text}`])), // the author's own dots are no cut
    );
    assert.deepEqual(cut, []);
  });
}
