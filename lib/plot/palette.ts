/**
 * Colours and type sizes shared by every figure. The hues are those of Okabe and Ito (2008, "Color Universal Design"),
 * which stay apart for all common kinds of colour blindness; figures have no background of their own, and axes and text
 * are a mid grey that reads on white as well as on JupyterLab's dark #111.
 */

/** Line and mark colours in the order in which series take them; the strongest on both backgrounds come first. */
export const palette = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#E69F00',
  '#56B4E9',
  '#767676',
  '#B89B00',
] as const;

/** Axes, tick labels and captions: contrast 4.5 : 1 on white, 4.2 : 1 on #111. */
export const ink = '#767676';

/** Grid lines: the same grey, mostly transparent. */
export const faint = 'rgba(128,128,128,0.25)';

export const fontFamily = 'system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif';

/** Dash patterns that go with the colours, so that series differ in a grey print too. */
export const dashes = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [4, 4],
  [1, 3],
  [12, 3],
  [5, 2, 1, 2],
];

const channel = (value: number): number => {
  const c = value / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

/** Relative luminance of `#rrggbb`, 0 for black to 1 for white (WCAG 2.2). */
export function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(i => channel(Number.parseInt(hex.slice(i, i + 2), 16)));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2). */
export function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

/** Black or white, whichever reads better on the given fill. */
export const textOn = (fill: string): string => (contrast(fill, '#ffffff') >= 4.5 ? '#ffffff' : '#000000');

/** Vega's colour scheme for magnitudes; readable in grey and by colour-blind readers. */
export const sequential = 'viridis';

/** Vega-Lite configuration that every chart starts from. */
export const vegaConfig = {
  background: null,
  font: fontFamily,
  view: { stroke: null },
  title: { color: ink, fontSize: 16, fontWeight: 600, anchor: 'start', offset: 10 },
  axis: {
    labelColor: ink,
    titleColor: ink,
    domainColor: ink,
    tickColor: ink,
    gridColor: faint,
    labelFontSize: 13,
    titleFontSize: 14,
    titleFontWeight: 500,
    titlePadding: 8,
    labelFlush: false,
    labelSeparation: 6,
  },
  legend: {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 13,
    titleFontSize: 13,
    orient: 'top',
    labelLimit: 260,
    symbolStrokeWidth: 3,
  },
  header: { labelColor: ink, titleColor: ink, labelFontSize: 13, titleFontSize: 14 },
  mark: { color: palette[0] },
  axisXDiscrete: { labelAngle: 0, labelLimit: 180 },
  line: { strokeWidth: 2.5 },
  rule: { color: ink },
  text: { color: ink, fontSize: 13 },
  range: { category: [...palette], ramp: { scheme: sequential }, heatmap: { scheme: sequential } },
};

const VIRIDIS = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];

/** The viridis colour of a share between 0 and 1, as `#rrggbb`. */
export function viridis(share: number): string {
  const at = Math.max(0, Math.min(1, share)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const mix = (from: number) => {
    const [a, b] = [VIRIDIS[i], VIRIDIS[i + 1]].map(hex => Number.parseInt(hex.slice(from, from + 2), 16));
    return Math.round(a + (b - a) * (at - i))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${mix(1)}${mix(3)}${mix(5)}`;
}
