/**
 * Colours and type sizes shared by every figure. The hues are those of Okabe and Ito (2008, "Color Universal Design"),
 * which stay apart for all common kinds of colour blindness; the light ones are darkened until a line stands out 3 : 1.
 * Figures stand on paper of their own: no grey has 4.5 : 1 on white and on a dark page at once, and a picture in an <img>
 * cannot know which of them it is on.
 */

/** Behind every chart, in light and dark themes alike. */
export const paper = '#ffffff';

/** Line and mark colours in the order in which series take them; each has 3 : 1 or more on paper. */
export const palette = [
  '#0072B2',
  '#D55E00',
  '#009E73',
  '#CC79A7',
  '#BF8000',
  '#2E96D3',
  '#767676',
  '#A08600',
] as const;

/** Axes, tick labels and captions: contrast 6.2 : 1 on paper. */
export const ink = '#616161';

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

/**
 * Contrast ratio of two colours, 1 to 21 (WCAG 2.2).
 * @example contrast('#000000', '#ffffff') // → 21
 */
export function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

/** Black or white, whichever reads better on the given fill. */
export const textOn = (fill: string): string => (contrast(fill, '#ffffff') >= 4.5 ? '#ffffff' : '#000000');

/** From low to high; readable in grey and by colour-blind readers. */
export const sequential = ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'];

/** From below zero through white to above. */
export const diverging = [
  '#8c0d25',
  '#c74643',
  '#ea9178',
  '#f9d0bb',
  '#f2efee',
  '#c5deec',
  '#7db6d6',
  '#3b83b9',
  '#134b85',
];

/** Vega-Lite configuration that every chart starts from. */
export const vegaConfig = {
  background: paper,
  font: fontFamily,
  view: { stroke: null },
  title: { color: ink, fontSize: 16, fontWeight: 600, anchor: 'start', offset: 10, limit: 900 },
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
    titleLimit: 800, // by Vega's guess of 0.8 em a letter, where it has no canvas; they take 0.5
    labelFlush: false,
    labelSeparation: 6,
  },
  legend: {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 13,
    titleFontSize: 13,
    orient: 'top',
    labelLimit: 640, // by the same guess
    symbolStrokeWidth: 3,
  },
  header: { labelColor: ink, titleColor: ink, labelFontSize: 13, titleFontSize: 14 },
  mark: { color: palette[0] },
  axisXDiscrete: { labelAngle: 0, labelLimit: 180 },
  line: { strokeWidth: 2.5 },
  rule: { color: ink },
  text: { color: ink, fontSize: 13 },
  range: { category: [...palette], ramp: { scheme: 'viridis' }, heatmap: { scheme: 'viridis' } },
};

/** The colour of a share between 0 and 1 along a scale, as `#rrggbb`; viridis by default. */
export function viridis(share: number, scale: readonly string[] = sequential): string {
  const at = Math.max(0, Math.min(1, share)) * (scale.length - 1);
  const i = Math.min(scale.length - 2, Math.floor(at));
  const mix = (from: number) => {
    const [a, b] = [scale[i], scale[i + 1]].map(hex => Number.parseInt(hex.slice(from, from + 2), 16));
    return Math.round(a + (b - a) * (at - i))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${mix(1)}${mix(3)}${mix(5)}`;
}
