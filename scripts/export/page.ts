/** What stands around the cells: head, top bar, contents, links to the neighbours, scripts from the local assets folder. */
import { html } from '../../lib/runtime/html';
import type { Language } from '../notebooks/notebook';
import type { Library } from './figures';

export interface PageLinks {
  /** Path from the page to the assets folder. */
  assets: string;
  /** The course's first page, where it is there. */
  home?: string;
  /** The same page in the other language, where there is one. */
  otherLanguage?: string;
  html?: string;
  pdf?: string;
  slides?: string;
  previous?: { href: string; title: string };
  next?: { href: string; title: string };
}

export interface PageInput {
  language: Language;
  title: string;
  /** The cells as HTML. */
  body: string;
  uses: ReadonlySet<Library>;
  links: PageLinks;
}

export const WORDS = {
  en: {
    lang: 'en',
    course: 'LatentLab',
    other: '中文',
    otherLang: 'zh-CN',
    theme: 'Light or dark',
    contents: 'On this page',
    slides: 'Slides',
    page: 'Page',
    previous: 'Previous',
    next: 'Next',
    code: 'Show the code',
    answer: 'Decide first, then open: what the cell shows',
  },
  zh: {
    lang: 'zh-CN',
    course: 'LatentLab',
    other: 'English',
    otherLang: 'en',
    theme: '浅色或深色',
    contents: '本页内容',
    slides: '幻灯片',
    page: '网页',
    previous: '上一课',
    next: '下一课',
    code: '展开代码',
    answer: '先选一个答案，再展开：单元格的输出',
  },
} as const;

/** The ¶ beside a heading is for the mouse: by keyboard and by ear it would be one more stop at each. */
const withQuietAnchors = (body: string): string =>
  body.replaceAll('<a class="anchor-link"', '<a class="anchor-link" tabindex="-1" aria-hidden="true"');

/** A lesson as a complete HTML page. */
export function lessonPage(input: PageInput): string {
  const { language, links, body } = input;
  return `${head(input, ['lesson.css'])}
<body>
${topBar(language, links)}
<div class="layout">
${contents(body, language)}
<main>
${withQuietAnchors(body)}
${neighbours(language, links)}
</main>
</div>
${scripts(input, ['lesson.js'])}
</body>
</html>
`;
}

/** A lesson as a reveal.js slide show. */
export function deckPage(input: PageInput): string {
  const { links, body } = input;
  return `${head(input, ['reveal/reveal.css', 'lesson.css', 'slides.css'])}
<body class="deck">
<div class="reveal"><div class="slides">
${body}
</div></div>
<script src="${links.assets}/reveal/reveal.js"></script>
<script src="${links.assets}/reveal/notes.js"></script>
${scripts(input, ['lesson.js', 'slides.js'])}
</body>
</html>
`;
}

/** A source file that lessons link to, as a page of either language; its comments are English. `up` leads to the site's top. */
export function sourcePage(name: string, body: string, language: Language, up: string): string {
  const [own, other] = language === 'en' ? ['', 'zh/'] : ['zh/', ''];
  const links = {
    assets: `${up}assets`,
    home: `${up}${own}index.html`,
    otherLanguage: `${up}${other}source/${name}.html`,
  };
  return `${head({ language, title: name, links }, ['lesson.css'])}
<body>
${topBar(language, links)}
<div class="layout"><main class="listing">
${html`<h1>${name}</h1>`}
<div lang="en">
${body}
</div>
</main></div>
<script src="${links.assets}/lesson.js"></script>
</body>
</html>
`;
}

/** The first thing in every page: its theme is known before anything is painted. */
const EARLY_THEME = `try { var t = localStorage.getItem('latentlab-theme'); if (t) document.documentElement.dataset.theme = t; } catch (e) {}`;

export function head(
  { language, title, links }: Pick<PageInput, 'language' | 'title' | 'links'>,
  styles: string[],
): string {
  const sheets = styles.map(file => `<link rel="stylesheet" href="${links.assets}/${file}">`).join('\n');
  return `<!DOCTYPE html>
<html lang="${WORDS[language].lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${html`<title>${title}</title>`}
<script>${EARLY_THEME}</script>
<link rel="icon" href="data:,">
${sheets}
</head>`;
}

export function topBar(language: Language, links: PageLinks): string {
  const words = WORDS[language];
  const formats = [
    links.slides && html`<a href="${links.slides}">${words.slides}</a>`,
    links.pdf && html`<a href="${links.pdf}">PDF</a>`,
    links.otherLanguage &&
      html`<a href="${links.otherLanguage}" lang="${words.otherLang}" hreflang="${words.otherLang}">${words.other}</a>`,
  ];
  const home = links.home
    ? html`<a class="home" href="${links.home}">${words.course}</a>`
    : html`<span class="home">${words.course}</span>`;
  return html`<header class="bar">${home}<nav>${formats}
<button type="button" class="theme" title="${words.theme}" aria-label="${words.theme}">◐</button></nav></header>`
    .source;
}

function contents(body: string, language: Language): string {
  const headings = [...body.matchAll(/<h2 id="([^"]+)">([\s\S]*?)<a class="anchor-link"/g)];
  if (headings.length < 2) return '<nav class="contents" hidden></nav>';
  const items = headings.map(([, id, text]) => `<li><a href="#${id}">${text}</a></li>`).join('\n');
  return `<nav class="contents" aria-label="${WORDS[language].contents}"><p>${WORDS[language].contents}</p><ol>\n${items}\n</ol></nav>`;
}

function neighbours(language: Language, { previous, next }: PageLinks): string {
  const words = WORDS[language];
  const link = (to: PageLinks['next'], word: string, rel: string) =>
    to ? html`<a rel="${rel}" href="${to.href}"><small>${word}</small>${to.title}</a>` : html`<span></span>`;
  return html`<nav class="neighbours">${link(previous, words.previous, 'prev')}${link(next, words.next, 'next')}</nav>`
    .source;
}

function scripts({ uses, links, body }: PageInput, own: string[]): string {
  const files: string[] = [];
  if (uses.has('vega')) files.push('vega.min.js', 'vega-lite.min.js');
  if (uses.has('plotly')) files.push('plotly.min.js');
  if (uses.has('widgets')) files.push('widgets.js');
  files.push(...own);
  if (/\$|\\\(|\\\[|\\begin\{/.test(body)) files.push('mathjax/MathJax.js?config=TeX-AMS_SVG');
  return files.map(file => `<script src="${links.assets}/${file}"></script>`).join('\n');
}
