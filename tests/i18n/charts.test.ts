/** Translated charts draw as the English ones do: each compiles, parses and runs, and every step of its data has as many rows; tooltips name their fields in Chinese. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';
import { dictionaryOf } from '../../lib/i18n/load';
import {
  allLessons,
  type Json,
  type JsonObject,
  type Notebook,
  ROOT,
  readNotebook,
} from '../../scripts/notebooks/notebook';

const VEGA = /^application\/vnd\.vega(lite)?\.v\d\+json$/;

/** Every chart of a notebook: the cell's id and its specification. */
const chartsOf = ({ cells }: Notebook) =>
  cells.flatMap(({ id, outputs = [] }) =>
    outputs.flatMap(({ data = {} }) =>
      Object.entries(data)
        .filter(([mime]) => VEGA.test(mime))
        .map(([mime, spec]) => ({ id, lite: mime.includes('vegalite'), spec: spec as JsonObject })),
    ),
  );

/** Rows in each of the chart's data sets once it has run; what Vega complains of is an error here. */
async function rowsIn({ lite, spec }: { lite: boolean; spec: JsonObject }): Promise<Record<string, number>> {
  const complaints: unknown[] = [];
  const logger = vega.logger(vega.Warn, undefined, (_method, _level, input) => complaints.push(...input));
  const { spec: full } = lite ? vegaLite.compile(spec as never, { logger }) : { spec: spec as never };
  const view = new vega.View(vega.parse(full), { renderer: 'none', logger });
  await view.runAsync();
  const { data = {} } = view.getState({ data: () => true, signals: () => false }) as {
    data?: Record<string, unknown[]>;
  };
  view.finalize();
  assert.deepEqual(complaints, []);
  return Object.fromEntries(Object.entries(data).map(([name, rows]) => [name, rows?.length ?? 0]));
}

/** Titles of the fields that a tooltip shows. */
function tooltipsIn(spec: Json): string[] {
  if (Array.isArray(spec)) return spec.flatMap(tooltipsIn);
  if (!spec || typeof spec !== 'object') return [];
  const own = [spec.tooltip].flat().flatMap(shown => {
    const { field, title } = (shown && typeof shown === 'object' ? shown : {}) as JsonObject;
    return field === undefined ? [] : [String(title ?? field)];
  });
  const { data: _, datasets: __, ...rest } = spec;
  return [...own, ...Object.values(rest).flatMap(each => tooltipsIn(each as Json))];
}

describe('charts of Chinese pages', () => {
  for (const { name, files } of allLessons()) {
    const [english, chinese] = [files.en, files.zh].map(file => chartsOf(readNotebook(file)));
    if (chinese.length === 0) continue;
    it(`${name}: ${chinese.length} run, with the same rows as in English`, async () => {
      assert.equal(chinese.length, english.length);
      const { names } = dictionaryOf(ROOT, name);
      for (const [i, chart] of chinese.entries()) {
        const rows = await rowsIn(chart).catch(error => assert.fail(`${chart.id}: ${error}`));
        assert.deepEqual(rows, await rowsIn(english[i]), chart.id);
        assert.ok(Object.keys(rows).length > 0, chart.id);
        assert.deepEqual(
          tooltipsIn(chart.spec).filter(title => names.foreign(title).length > 0),
          [],
          chart.id,
        );
      }
    });
  }
});
