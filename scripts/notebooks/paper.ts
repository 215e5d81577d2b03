/**
 * `node --import tsx scripts/notebooks/paper.ts [10 …]`: gives the saved figures of lessons the paper that figures are drawn on
 * today (lib/plot/palette.ts), where they were drawn without: their greys have too little contrast on a dark page. Nothing
 * else in them changes; figures that have paper stay byte for byte. `npm run sync` then brings it into the Chinese notebooks.
 */
import { pictureUrl } from '../../lib/plot/figure';
import { paper } from '../../lib/plot/palette';
import { runCommand } from './command';
import {
  type Bundle,
  type JsonObject,
  type Notebook,
  notebookText,
  readNotebook,
  selectLessons,
  writeNotebook,
} from './notebook';

/** The notebook with paper below every figure. */
export function onPaper(notebook: Notebook): Notebook {
  const cells = notebook.cells.map(cell => ({
    ...cell,
    ...(cell.outputs && {
      outputs: cell.outputs.map(output => (output.data ? { ...output, data: bundleOnPaper(output.data) } : output)),
    }),
  }));
  return { ...notebook, cells };
}

function bundleOnPaper(data: Bundle): Bundle {
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => {
      if (mime === 'image/svg+xml') return [mime, svgOnPaper(String(value))];
      if (mime === 'text/html') return [mime, htmlOnPaper(String(value))];
      if (/^application\/vnd\.vega(?:lite)?\./.test(mime)) return [mime, specOnPaper(value as JsonObject)];
      return [mime, value];
    }),
  );
}

/** A rectangle over the whole picture, before everything that is drawn; as it is where the picture begins with one. */
export function svgOnPaper(svg: string): string {
  const [, width, height] = /^<svg\b[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  if (!width) return svg;
  const [x, y, w, h] = /^<svg\b[^>]*? viewBox="([^"]+)"/.exec(svg)?.[1].split(' ') ?? ['0', '0', width, height];
  const head = /^<svg\b[^>]*>(?:<title>[^<]*<\/title>)?(?:<desc>[^<]*<\/desc>)?/.exec(svg)?.[0] ?? '';
  const rest = svg.slice(head.length);
  const first = /^(?:<style[\s\S]*?<\/style>|<defs[\s\S]*?<\/defs>|<g[^>]*>)*<rect\b[^>]*>/.exec(rest)?.[0] ?? '';
  if (first.includes(`"${w}"`) && first.includes(`"${h}"`) && /fill[:=]"?(?:#fff\b|#ffffff|white)/.test(first))
    return svg;
  const place = [x !== '0' && `x="${x}"`, y !== '0' && `y="${y}"`].filter(Boolean).join(' ');
  return `${head}<rect ${place && `${place} `}width="${w}" height="${h}" fill="${paper}"/>${rest}`;
}

const SVG_URL = /data:image\/svg\+xml;charset=utf-8,([^"]+)/g;

const htmlOnPaper = (html: string): string =>
  html.replace(SVG_URL, (_, text: string) => pictureUrl({ svg: svgOnPaper(decodeURIComponent(text)) }));

function specOnPaper(spec: JsonObject): JsonObject {
  const config = (spec.config ?? {}) as JsonObject;
  return config.background === null ? { ...spec, config: { ...config, background: paper } } : spec;
}

function main(words: string[]): number {
  for (const { name, files } of selectLessons(words)) {
    const notebook = readNotebook(files.en);
    const before = notebookText(notebook);
    const after = onPaper(notebook);
    if (notebookText(after) === before) continue;
    writeNotebook(files.en, after);
    console.log(`${name}: its figures have paper now`);
  }
  return 0;
}

if (require.main === module) runCommand(main);
