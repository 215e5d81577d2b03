/** Links and pictures of a lesson's text, which point to files beside the notebook, made to fit the site. */
import fs from 'node:fs';
import path from 'node:path';
import { type Language, ROOT } from '../notebooks/notebook';
import type { Sheet } from './sheet';

export interface SiteLinks {
  /** Notebook file → path of its page in the site. */
  pages: ReadonlyMap<string, string>;
  /** Source files that pages link to, relative to the project; links that are met are added. */
  sources: Set<string>;
}

/** Files of the project that are worth a page of their own when a lesson links to them. */
const SOURCE = /^(lib|scripts|tests|datasets)\/.*\.(ts|js|cc|py|md|json|txt)$/;

/**
 * Rewrites one page's links: to other notebooks → their pages, to the project's sources → their listings in the site.
 * What is not in the site becomes plain text. Pictures become part of the page.
 */
export function fitLinks(
  html: string,
  { source, place, language }: Pick<Sheet, 'source' | 'place' | 'language'>,
  site: SiteLinks,
): string {
  const folder = path.dirname(source);
  const linked = html.replace(
    /<a\b([^>]*?)\shref="([^"]*)"([^>]*)>([\s\S]*?)<\/a>/g,
    (whole, before, href, after, text) => {
      if (/^(#|[a-z]+:)/i.test(href)) return whole;
      const [file, fragment] = href.split('#');
      const to = target(path.resolve(folder, decodeURI(file)), language, site);
      if (to === undefined) return `<span class="no-link">${text}</span>`;
      const anchor = fragment && file.endsWith('.ipynb') ? `#${fragment}` : '';
      return `<a${before} href="${encodeURI(path.posix.relative(place, to))}${anchor}"${after}>${text}</a>`;
    },
  );
  return embedPictures(linked, folder);
}

/** Listings of source files stand in a page of either language. */
export const sourceFolder = (language: Language): string => (language === 'en' ? 'source' : 'zh/source');

/** Path in the site of what stands for a file; undefined where nothing does. */
function target(file: string, language: Language, site: SiteLinks): string | undefined {
  if (file.endsWith('.ipynb')) return site.pages.get(file);
  const relative = path.relative(ROOT, file).split(path.sep).join('/');
  if (!SOURCE.test(relative) || !fs.existsSync(file)) return undefined;
  site.sources.add(relative);
  return `${sourceFolder(language)}/${relative}.html`;
}

function embedPictures(html: string, folder: string): string {
  return html.replace(/(<img\b[^>]*\bsrc=")(?!data:|https?:)([^"]+)"/g, (whole, before: string, source: string) => {
    const file = path.resolve(folder, decodeURIComponent(source));
    if (!fs.existsSync(file)) return whole;
    const kind = path.extname(file).slice(1).replace('svg', 'svg+xml').replace('jpg', 'jpeg');
    return `${before}data:image/${kind};base64,${fs.readFileSync(file).toString('base64')}"`;
  });
}
