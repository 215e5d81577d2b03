/** How full the pages of a PDF are: drawn with pdfium, then looked at. */
import fs from 'node:fs';
import { PDFiumLibrary } from '@hyzyla/pdfium';

/** Margins above and below the text, as scripts/export/pdf.ts sets them, in parts of an A4 page's height. */
const MARGIN = 18 / 297;
/** Pixels a point: enough to see a line of text. */
const SCALE = 0.5;

/** Of each page, the share of its height between the margins down to the last thing on it. */
export async function pageFill(file: string): Promise<number[]> {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(fs.readFileSync(file));
  const shares: number[] = [];
  for (const page of document.pages()) {
    const { data, width, height } = await page.render({ scale: SCALE, render: 'bitmap' });
    shares.push(lowest(data, width, height));
  }
  document.destroy();
  library.destroy();
  return shares;
}

function lowest(data: Uint8Array, width: number, height: number): number {
  const [top, bottom] = [Math.round(MARGIN * height), Math.round((1 - MARGIN) * height)];
  const inked = (row: number): boolean => {
    for (let i = row * width * 4; i < (row + 1) * width * 4; i += 4) {
      if (data[i + 3] > 0 && Math.min(data[i], data[i + 1], data[i + 2]) < 200) return true;
    }
    return false;
  };
  let row = bottom - 1;
  while (row > top && !inked(row)) row--;
  return (row - top) / (bottom - top);
}
