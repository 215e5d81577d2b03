import { DISPLAY, type Displayable, type DisplayOptions, display, type MimeBundle } from '../runtime/display';
import { html, legal, Markup } from '../runtime/html';
import { minusInText } from '../runtime/numbers';
import { oneLine } from './svg';

/**
 * A picture that is ready to show: a live form where there is one, a static picture, and words.
 * A cell that ends with a figure shows it; `figure.show()` shows it earlier, `figure.show({ id, update: true })` in place.
 * @example new Figure({ 'text/plain': 'a dot' }, 'One dot.').alt // → One dot.
 */
export class Figure implements Displayable {
  /** What the picture says, for readers who cannot see it. */
  readonly alt: string;

  constructor(
    readonly bundle: MimeBundle,
    alt: string,
    /** The static picture where the bundle has it inside its HTML only. */
    private readonly picture: Picture = {},
  ) {
    this.alt = checkAlt(alt);
  }

  /** The static picture as SVG source, or undefined for a figure made of pixels. */
  get svg(): string | undefined {
    return this.picture.svg ?? (this.bundle['image/svg+xml'] as string | undefined);
  }

  /** The static picture as PNG bytes, or undefined for a vector figure. */
  get png(): Buffer | undefined {
    const data = this.bundle['image/png'] as string | undefined;
    return this.picture.png ?? (data === undefined ? undefined : Buffer.from(data, 'base64'));
  }

  show(options: DisplayOptions = {}): void {
    display(this, options);
  }

  [DISPLAY](): MimeBundle {
    return this.bundle;
  }
}

/** Alt text on one line, its amounts with the minus sign of pages. @throws where there is none */
export function checkAlt(alt: string | undefined): string {
  const line = minusInText(oneLine(alt ?? ''));
  if (!line) throw new Error('a figure needs alt text: say in one sentence what the reader should see');
  return line;
}

/**
 * A figure without a live form. The picture stands in an <img>, because only that carries alt text in JupyterLab and in
 * exports, and because JupyterLab hides bare SVG in a notebook that has not been run yet. It stands nowhere else: a
 * second copy as image/svg+xml or image/png would double the notebook, and no front end would show it.
 */
export function staticFigure(picture: Picture, alt: string, text?: string): Figure {
  const line = checkAlt(alt);
  const url = pictureUrl(picture);
  const words = [line, sizeNote(url), text].filter(Boolean).join('\n\n');
  return new Figure(
    { 'text/html': html`<img alt="${line}" src="${new Markup(url)}">`.source, 'text/plain': legal(words) },
    line,
    picture,
  );
}

/** A still picture: SVG source, or PNG bytes. */
export interface Picture {
  svg?: string;
  png?: Buffer;
}

/** The picture as an address for an HTML attribute in double quotes. SVG stays text: base64 would add a third. */
export function pictureUrl({ svg, png }: Picture): string {
  if (svg !== undefined) return `data:image/svg+xml;charset=utf-8,${svg.replace(UNSAFE_IN_URL, encodeURIComponent)}`;
  if (png) return `data:image/png;base64,${png.toString('base64')}`;
  throw new Error('expected a picture as SVG source or PNG bytes, got neither');
}

/** What ends an address or an attribute, or is dropped from an address: percent, hash, quote, ampersand, controls. */
const UNSAFE_IN_URL = /[%#"&\p{Cc}]/gu;

/** More than this in one output makes a notebook slow to open. */
const HEAVY = 2_000_000;

/** A sentence about a figure that is heavy, also on the console; empty for all others. */
export function sizeNote(...parts: unknown[]): string {
  const bytes = parts.reduce<number>((sum, p) => sum + (typeof p === 'string' ? p : JSON.stringify(p)).length, 0);
  if (bytes <= HEAVY) return '';
  const note = `This figure takes ${(bytes / 1e6).toFixed(1)} MB in the notebook; draw fewer or smaller marks to keep it light.`;
  console.warn(note);
  return note;
}
