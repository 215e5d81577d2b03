/** Builds the course's website: every chosen lesson in both languages as page, slides and PDF, and an index. */
import fs from 'node:fs';
import path from 'node:path';
import { LANGUAGES, type Lesson, type Notebook, ROOT } from '../notebooks/notebook';
import { copyAssets } from './assets';
import { Browsers, findBrowser, NO_BROWSER } from './browser';
import { toHtml } from './convert';
import { indexPage } from './index-page';
import { fitLinks, type SiteLinks, sourceFolder } from './links';
import { lostPage } from './lost-page';
import { deckPage, lessonPage, type PageLinks, sourcePage, WORDS } from './page';
import { printPdf } from './pdf';
import { HIDDEN_TAGS, prepare } from './prepare';
import { API } from './reference';
import { ENDINGS, FORMATS, type Format, pagePath, readSheets, type Sheet, sheetPath } from './sheet';
import { writeSingleFile } from './single';

export interface SiteOptions {
  lessons: Lesson[];
  /** All lessons of the course; those that already have a page in `folder` stay in the index. Default: `lessons`. */
  course?: Lesson[];
  /** Folder to write; made where missing, files of the same name are replaced. */
  folder: string;
  formats?: readonly Format[];
  /** Cells with one of these tags are left out. */
  hide?: readonly string[];
  /** Also writes each lesson as one HTML file, NN-name.single.html. */
  single?: boolean;
  log?: (line: string) => void;
}

/** Writes the site; returns the files it made. Throws NO_BROWSER where PDFs are wanted and no browser is found. */
export async function buildSite(options: SiteOptions): Promise<string[]> {
  const { lessons, course = lessons, folder } = options;
  const shown = readSheets(course);
  const { site, written } = await writeSheets(options, readSheets(lessons), shown);
  for (const language of LANGUAGES) {
    const file = path.join(folder, language === 'en' ? '' : 'zh', 'index.html');
    const listed = site.shown.filter(sheet => sheet.language === language);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(
      file,
      indexPage(
        listed,
        language,
        (sheet, format) => fs.existsSync(sheetPath(folder, sheet, format)),
        fs.existsSync(path.join(folder, API, 'index.html')),
      ),
    );
    written.push(file);
  }
  const lost = path.join(folder, '404.html');
  fs.writeFileSync(lost, lostPage());
  return [...written, lost];
}

/** Writes a reader's own notebooks in the lessons' look; what `folder` holds of the course stays, and is linked to. */
export async function buildOwn(options: Omit<SiteOptions, 'lessons'>, own: Sheet[]): Promise<string[]> {
  return (await writeSheets(options, own, readSheets(options.course ?? []))).written;
}

async function writeSheets(options: Omit<SiteOptions, 'lessons'>, sheets: Sheet[], course: Sheet[]) {
  const { folder, formats = FORMATS, hide = HIDDEN_TAGS, single = false, log = () => {} } = options;
  const print = formats.includes('pdf');
  if ((print || single) && !findBrowser()) throw new Error(NO_BROWSER);
  copyAssets(path.join(folder, 'assets'));
  const wanted = (print || single) && !formats.includes('html') ? [...formats, 'html' as const] : formats;
  const site = new Site(folder, course, sheets, wanted);
  const written = await writePages(site, hide);
  log(`${written.length} pages`);
  written.push(...(await writeSources(site)));
  if (print || single) written.push(...(await withBrowser(site, { print, single }, log)));
  return { site, written };
}

/** What is made now, and what is there to link to. */
class Site {
  /** The course's sheets that have a page once we are done: those made now, and those of earlier exports. */
  readonly shown: Sheet[];
  readonly links: SiteLinks;

  constructor(
    readonly folder: string,
    course: Sheet[],
    readonly sheets: Sheet[],
    readonly formats: readonly Format[],
  ) {
    const made = new Set(sheets.map(({ source }) => source));
    this.shown = course.filter(sheet => made.has(sheet.source) || fs.existsSync(sheetPath(folder, sheet, 'html')));
    const pages = [...this.shown, ...sheets].map(sheet => [sheet.source, pagePath(sheet, 'html')] as const);
    this.links = { pages: new Map(pages), sources: new Set() };
  }

  /** Links around a page or its slides. */
  around(sheet: Sheet, format: 'html' | 'slides'): PageLinks {
    const { name, language, place, source } = sheet;
    const siblings = this.shown.filter(other => other.language === language);
    const index = siblings.findIndex(other => other.source === source);
    const neighbour = (other?: Sheet) => other && { href: `${other.name}.html`, title: other.title };
    const file = `${name}${ENDINGS[format]}`;
    const inFormat = (f: Format) => (this.formats.includes(f) ? `${name}${ENDINGS[f]}` : undefined);
    const own = index < 0; // a reader's: in a folder of its own, in one language
    const home = path.posix.join(language === 'en' ? '' : 'zh', 'index.html');
    return {
      assets: path.posix.relative(place, 'assets'),
      home: !own || fs.existsSync(path.join(this.folder, home)) ? path.posix.relative(place, home) : undefined,
      otherLanguage: own ? undefined : language === 'en' ? `zh/${file}` : `../${file}`,
      html: inFormat('html'),
      slides: inFormat('slides'),
      pdf: inFormat('pdf'),
      previous: own ? undefined : neighbour(siblings[index - 1]),
      next: own ? undefined : neighbour(siblings[index + 1]),
    };
  }
}

const PAGES = ['html', 'slides'] as const;
const TEMPLATES = { html: 'lesson', slides: 'deck' } as const;

async function writePages(site: Site, hide: readonly string[]): Promise<string[]> {
  const formats = PAGES.filter(format => site.formats.includes(format));
  const pages = formats.flatMap(format => site.sheets.map(sheet => ({ format, sheet })));
  const prepared = pages.map(({ sheet }) => prepare(sheet.notebook, sheet.language, hide, sheet.name));
  const jobs = pages.map(({ format, sheet }, i) => {
    const { notebook } = prepared[i];
    const metadata = {
      ...notebook.metadata,
      code_word: WORDS[sheet.language].code,
      answer_word: WORDS[sheet.language].answer,
    };
    return { notebook: { ...notebook, metadata }, template: TEMPLATES[format] };
  });
  const bodies = await toHtml(jobs);
  return pages.map(({ format, sheet }, i) => {
    const { language, title } = sheet;
    const body = fitLinks(bodies[i], sheet, site.links);
    const page = { language, title, body, uses: prepared[i].uses, links: site.around(sheet, format) };
    const file = sheetPath(site.folder, sheet, format);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, format === 'html' ? lessonPage(page) : deckPage(page));
    return file;
  });
}

/** Listings of the source files that lessons link to. */
async function writeSources({ folder, links }: Site): Promise<string[]> {
  const sources = [...links.sources].sort();
  if (sources.length === 0) return [];
  const bodies = await toHtml(sources.map(source => ({ notebook: listing(source), template: 'lesson' })));
  return LANGUAGES.flatMap(language =>
    sources.map((source, i) => {
      const name = `${sourceFolder(language)}/${source}.html`;
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, sourcePage(source, bodies[i], language, '../'.repeat(name.split('/').length - 1)));
      return file;
    }),
  );
}

function listing(source: string): Notebook {
  const text = fs.readFileSync(path.join(ROOT, source), 'utf8');
  const cell = { id: 'source', metadata: {}, source: text };
  const language = { ts: 'typescript', js: 'javascript', cc: 'cpp', py: 'python' }[source.split('.').at(-1)!] ?? 'text';
  return {
    cells: [
      source.endsWith('.md')
        ? { ...cell, cell_type: 'markdown' }
        : { ...cell, cell_type: 'code', execution_count: null, outputs: [] },
    ],
    metadata: { language_info: { name: language, pygments_lexer: language } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** What needs a browser: PDFs, and pages in one file. */
async function withBrowser(
  { folder, sheets }: Site,
  { print, single }: { print: boolean; single: boolean },
  log: (line: string) => void,
): Promise<string[]> {
  const browsers = new Browsers();
  const make = (sheet: Sheet) =>
    browsers.use(async browser => {
      const html = sheetPath(folder, sheet, 'html');
      const [pdf, one] = [sheetPath(folder, sheet, 'pdf'), html.replace(/html$/, 'single.html')];
      if (print) await printPdf(browser, html, pdf, sheet.title).then(() => log(path.relative(folder, pdf)));
      if (single) await writeSingleFile(browser, html, one).then(() => log(path.relative(folder, one)));
      return [...(print ? [pdf] : []), ...(single ? [one] : [])];
    });
  try {
    return (await Promise.all(sheets.map(make))).flat();
  } finally {
    await browsers.close();
  }
}
