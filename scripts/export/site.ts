/** Builds the course's website: every chosen lesson in both languages as page, slides and PDF, and an index. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pythonInVenv } from '../notebooks/command';
import {
  LANGUAGES,
  type Language,
  type Lesson,
  type Notebook,
  ROOT,
  readNotebook,
  titleOf,
  writeNotebook,
} from '../notebooks/notebook';
import { copyAssets } from './assets';
import { findBrowser, NO_BROWSER, startBrowser } from './browser';
import { escapeHtml } from './figures';
import { deckPage, head, lessonPage, type PageLinks, topBar, WORDS } from './page';
import { printPdf } from './pdf';
import { HIDDEN_TAGS, prepare } from './prepare';

export type Format = 'html' | 'slides' | 'pdf';
export const FORMATS: readonly Format[] = ['html', 'slides', 'pdf'];

export interface SiteOptions {
  lessons: Lesson[];
  /** Folder to write; made where missing, files of the same name are replaced. */
  folder: string;
  formats?: readonly Format[];
  /** Cells with one of these tags are left out. */
  hide?: readonly string[];
  log?: (line: string) => void;
}

interface Sheet {
  lesson: Lesson;
  language: Language;
  notebook: Notebook;
  title: string;
}

/** Path of a lesson's file in the site. */
export function sitePath(folder: string, language: Language, file: string): string {
  return language === 'en' ? path.join(folder, file) : path.join(folder, 'zh', file);
}

/** Writes the site; returns the files it made. Throws NO_BROWSER where PDFs are wanted and no browser is found. */
export async function buildSite(options: SiteOptions): Promise<string[]> {
  const { lessons, folder, formats = FORMATS, hide = HIDDEN_TAGS, log = () => {} } = options;
  if (formats.includes('pdf') && !findBrowser()) throw new Error(NO_BROWSER);
  copyAssets(path.join(folder, 'assets'));
  fs.mkdirSync(path.join(folder, 'zh'), { recursive: true });
  const sheets = readSheets(lessons);
  const wanted = formats.includes('pdf') && !formats.includes('html') ? [...formats, 'html' as const] : formats;
  const written = await writePages(sheets, folder, wanted, hide);
  log(`${written.length} pages`);
  for (const language of LANGUAGES) written.push(writeIndex(sheets, language, folder, wanted));
  if (formats.includes('pdf')) written.push(...(await writePdfs(sheets, folder, log)));
  return written;
}

function readSheets(lessons: Lesson[]): Sheet[] {
  return lessons.flatMap(lesson =>
    LANGUAGES.filter(language => fs.existsSync(lesson.files[language])).map(language => {
      const notebook = readNotebook(lesson.files[language]);
      return { lesson, language, notebook, title: titleOf(notebook) };
    }),
  );
}

const PAGES = ['html', 'slides'] as const;
const TEMPLATES = { html: 'lesson', slides: 'deck' } as const;
const ENDINGS = { html: '.html', slides: '.slides.html', pdf: '.pdf' } as const;

async function writePages(sheets: Sheet[], folder: string, formats: readonly Format[], hide: readonly string[]) {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'latentlab-export-'));
  try {
    const pages = PAGES.filter(format => formats.includes(format)).flatMap(format =>
      sheets.map(sheet => ({ format, sheet })),
    );
    const jobs = pages.map(({ format, sheet }, i) => {
      const { notebook, uses } = prepare(sheet.notebook, sheet.language, hide);
      notebook.metadata = { ...notebook.metadata, code_word: WORDS[sheet.language].code };
      const input = path.join(temporary, `${i}.ipynb`);
      writeNotebook(input, notebook);
      return { input, output: path.join(temporary, `${i}.html`), template: TEMPLATES[format], uses };
    });
    await convert(jobs);
    return pages.map(({ format, sheet }, i) => {
      const { language, title } = sheet;
      const body = embedPictures(fs.readFileSync(jobs[i].output, 'utf8'), path.dirname(sheet.lesson.files[language]));
      const page = { language, title, body, uses: jobs[i].uses, links: linksOf(sheet, sheets, formats, format) };
      const file = sitePath(folder, language, `${sheet.lesson.name}${ENDINGS[format]}`);
      fs.writeFileSync(file, format === 'html' ? lessonPage(page) : deckPage(page));
      return file;
    });
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** Runs nbconvert over all pages in one process: importing it takes seconds, a page a fraction of one. */
function convert(jobs: { input: string; output: string; template: string }[]): Promise<void> {
  const script = path.join(ROOT, 'scripts', 'python', 'convert.py');
  return new Promise((resolve, reject) => {
    const child = spawn(pythonInVenv(), [script], { stdio: ['pipe', 'inherit', 'pipe'] });
    let errors = '';
    child.stderr.on('data', chunk => (errors += chunk));
    child.on('error', reject);
    child.on('close', code =>
      code === 0 ? resolve() : reject(new Error(`nbconvert failed (exit ${code}):\n${errors}`)),
    );
    child.stdin.end(JSON.stringify(jobs.map(({ input, output, template }) => ({ input, output, template }))));
  });
}

/** Pictures that a text links to beside the notebook become part of the page. */
function embedPictures(html: string, folder: string): string {
  return html.replace(/(<img\b[^>]*\bsrc=")(?!data:|https?:)([^"]+)"/g, (whole, before: string, source: string) => {
    const file = path.resolve(folder, decodeURIComponent(source));
    if (!fs.existsSync(file)) return whole;
    const kind = path.extname(file).slice(1).replace('svg', 'svg+xml').replace('jpg', 'jpeg');
    return `${before}data:image/${kind};base64,${fs.readFileSync(file).toString('base64')}"`;
  });
}

function linksOf(sheet: Sheet, sheets: Sheet[], formats: readonly Format[], format: Format): PageLinks {
  const { lesson, language } = sheet;
  const up = language === 'en' ? '' : '../';
  const siblings = sheets.filter(s => s.language === language);
  const index = siblings.indexOf(sheet);
  const neighbour = (s?: Sheet) => s && { href: `${s.lesson.name}.html`, title: s.title };
  const other = `${lesson.name}${ENDINGS[format]}`;
  return {
    assets: `${up}assets`,
    home: 'index.html',
    otherLanguage: language === 'en' ? `zh/${other}` : `../${other}`,
    html: formats.includes('html') ? `${lesson.name}.html` : undefined,
    slides: formats.includes('slides') ? `${lesson.name}.slides.html` : undefined,
    pdf: formats.includes('pdf') ? `${lesson.name}.pdf` : undefined,
    previous: neighbour(siblings[index - 1]),
    next: neighbour(siblings[index + 1]),
  };
}

const INDEX_WORDS = {
  en: {
    title: 'LatentLab',
    intro:
      "Deep generative models, from Bayes' rule to text-to-image, as notebooks in TypeScript. These pages work without a network.",
  },
  zh: {
    title: 'LatentLab',
    intro: '深度生成模型：从贝叶斯公式到文本生成图像，用 TypeScript 笔记本讲述。这些网页无需联网即可阅读。',
  },
};

function writeIndex(sheets: Sheet[], language: Language, folder: string, formats: readonly Format[]): string {
  const words = INDEX_WORDS[language];
  const up = language === 'en' ? '' : '../';
  const links = {
    assets: `${up}assets`,
    home: 'index.html',
    otherLanguage: language === 'en' ? 'zh/index.html' : '../index.html',
  };
  const items = sheets.filter(sheet => sheet.language === language).map(sheet => indexItem(sheet, formats));
  const file = sitePath(folder, language, 'index.html');
  fs.writeFileSync(
    file,
    `${head({ language, title: words.title, links }, ['lesson.css'])}
<body>
${topBar(language, links)}
<div class="layout"><nav class="contents" hidden></nav>
<main>
<h1>${words.title}</h1>
<p>${words.intro}</p>
<ol class="lessons">
${items.join('\n')}
</ol>
</main>
</div>
<script src="${up}assets/lesson.js"></script>
</body>
</html>
`,
  );
  return file;
}

function indexItem({ lesson, language, notebook, title }: Sheet, formats: readonly Format[]): string {
  const words = { html: WORDS[language].page, slides: WORDS[language].slides, pdf: 'PDF' };
  const links = FORMATS.filter(f => formats.includes(f)).map(
    f => `<a href="${lesson.name}${ENDINGS[f]}">${words[f]}</a>`,
  );
  const main = formats.includes('html') ? `${lesson.name}.html` : `${lesson.name}.slides.html`;
  return `<li><h2><a href="${main}">${escapeHtml(title)}</a></h2>
<p>${escapeHtml(leadOf(notebook))}</p>
<div class="formats">${links.join('')}</div></li>`;
}

/** The first sentence or two of a lesson, as plain text. */
function leadOf(notebook: Notebook): string {
  const text = notebook.cells.find(cell => cell.cell_type === 'markdown')?.source ?? '';
  const paragraphs = text.split(/\n\s*\n/).map(p => p.trim());
  const lead = paragraphs.find(p => p && !/^(#|\||<|!\[|[-*] )/.test(p)) ?? '';
  return lead
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]{1,2}(\S[^*_`]*)[*_`]{1,2}/g, '$1')
    .replace(/\s+/g, ' ');
}

async function writePdfs(sheets: Sheet[], folder: string, log: (line: string) => void): Promise<string[]> {
  const browser = await startBrowser();
  const written: string[] = [];
  try {
    for (const { lesson, language, title } of sheets) {
      const html = sitePath(folder, language, `${lesson.name}.html`);
      const pdf = sitePath(folder, language, `${lesson.name}.pdf`);
      await printPdf(browser, html, pdf, title);
      written.push(pdf);
      log(path.relative(folder, pdf));
    }
  } finally {
    await browser.close();
  }
  return written;
}
