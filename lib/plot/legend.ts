import { largest } from './thinning';
import type { VegaSpec } from './vega';

/** A legend above the chart in as many columns as fit its width; none for a single series. */
export function seriesLegend(names: readonly string[], width = 560): VegaSpec | null {
  if (names.length < 2) return null;
  const column = 40 + 8 * Math.min(32, largest(names.map(name => name.length)));
  const columns = Math.max(1, Math.min(names.length, Math.floor((width + 40) / column)));
  return { title: null, symbolType: 'stroke', symbolSize: 300, symbolOpacity: 1, columns };
}
