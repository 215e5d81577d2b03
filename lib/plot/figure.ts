import { DISPLAY, type Displayable, type DisplayOptions, display, type MimeBundle } from '../runtime/display';
import { escapeXml } from './svg';

/**
 * A picture that is ready to show: a live form where there is one, a static picture, and words.
 * A cell that ends with a figure shows it; `figure.show()` shows it earlier, `figure.show({ id, update: true })` in place.
 */
export class Figure implements Displayable {
  constructor(
    readonly bundle: MimeBundle,
    /** What the picture says, for readers who cannot see it. */
    readonly alt: string,
  ) {
    if (!alt.trim()) throw new Error('a figure needs alt text: say in one sentence what the reader should see');
  }

  /** The static picture as SVG source, or undefined for a figure made of pixels. */
  get svg(): string | undefined {
    return this.bundle['image/svg+xml'] as string | undefined;
  }

  /** The static picture as PNG bytes, or undefined for a vector figure. */
  get png(): Buffer | undefined {
    const data = this.bundle['image/png'] as string | undefined;
    return data === undefined ? undefined : Buffer.from(data, 'base64');
  }

  show(options: DisplayOptions = {}): void {
    display(this, options);
  }

  [DISPLAY](): MimeBundle {
    return this.bundle;
  }
}

/**
 * A figure without a live form. The picture is wrapped in HTML as well, because only an <img> carries alt text in
 * JupyterLab and in exports, and because JupyterLab hides bare SVG in a notebook that has not been run yet.
 */
export function staticFigure(
  picture: { svg: string; png?: Buffer } | { svg?: undefined; png: Buffer },
  alt: string,
  text = alt,
): Figure {
  const { svg, png } = picture;
  const source = svg
    ? `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
    : `data:image/png;base64,${(png as Buffer).toString('base64')}`;
  const bundle: MimeBundle = { 'text/html': `<img alt="${escapeXml(alt)}" src="${source}">`, 'text/plain': text };
  if (svg) bundle['image/svg+xml'] = svg;
  if (png) bundle['image/png'] = png.toString('base64');
  return new Figure(bundle, alt);
}
