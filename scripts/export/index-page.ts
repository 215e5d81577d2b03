/** The site's first page: every lesson with its formats, in one language, and the map of what needs what. */
import { courseMap } from '../../lib/course/map';
import { inChinese } from '../../lib/i18n/bundle';
import { dictionaryOf } from '../../lib/i18n/load';
import { changeMarkup } from '../../lib/i18n/markup';
import { html } from '../../lib/runtime/html';
import { type Language, type Notebook, ROOT } from '../notebooks/notebook';
import { head, topBar, WORDS } from './page';
import { ENDINGS, FORMATS, type Format, type Sheet } from './sheet';

export const INDEX_WORDS = {
  en: {
    title: 'LatentLab',
    intro: "Deep generative models, from Bayes' rule to text-to-image, as notebooks in TypeScript.",
    offline: 'These pages work without a network.',
    map: 'What needs what',
    reference: 'Reference of the library: every function, with an example',
    search: 'Search titles, questions and headings',
    none: 'No lesson has these words.',
  },
  zh: {
    title: 'LatentLab',
    intro: '深度生成模型：从贝叶斯公式到文本生成图像，用 TypeScript 笔记本讲述。',
    offline: '这些网页无需联网即可阅读。',
    map: '哪一课需要哪一课',
    reference: '函数库参考手册（英文）：每个函数都有例子',
    search: '搜索课程、问题和小节标题',
    none: '没有课程含有这些词。',
  },
};

/** The page as HTML. `has` tells which files exist; `reference`: whether that of the lib does. */
export function indexPage(
  sheets: Sheet[],
  language: Language,
  has: (sheet: Sheet, format: Format) => boolean,
  reference = false,
): string {
  const words = INDEX_WORDS[language];
  const up = language === 'en' ? '' : '../';
  const links = {
    assets: `${up}assets`,
    home: 'index.html',
    otherLanguage: language === 'en' ? 'zh/index.html' : '../index.html',
  };
  const items = sheets.filter(sheet => sheet.language === language).map(sheet => indexItem(sheet, has));
  return `${head({ language, title: words.title, links }, ['lesson.css'])}
<body>
${topBar(language, links)}
<div class="layout"><nav class="contents" hidden></nav>
<main>
<h1>${words.title}</h1>
<p>${words.intro} ${words.offline}</p>
${searchBox(words)}
<ol class="lessons">
${items.join('\n')}
</ol>
<h2>${words.map}</h2>
${mapIn(language)}
${reference ? html`<p><a href="${up}api/index.html">${words.reference}</a></p>` : ''}
</main>
</div>
<script src="${up}assets/lesson.js"></script>
<script src="${up}assets/search.js"></script>
</body>
</html>
`;
}

function indexItem(sheet: Sheet, has: (sheet: Sheet, format: Format) => boolean): string {
  const { name, language, notebook, title } = sheet;
  const words = { html: WORDS[language].page, slides: WORDS[language].slides, pdf: 'PDF' };
  const links = FORMATS.filter(f => has(sheet, f)).map(f => html`<a href="${name}${ENDINGS[f]}">${words[f]}</a>`);
  const main = has(sheet, 'html') ? `${name}.html` : `${name}.slides.html`;
  return html`<li data-words="${headingsOf(notebook)}"><h2><a href="${main}">${title}</a></h2>
<p>${leadOf(notebook)}</p>
<div class="formats">${links.length > 1 ? links : ''}</div></li>`.source;
}

const searchBox = ({ search, none }: { search: string; none: string }): string =>
  html`<p><input type="search" class="search" placeholder="${search}" aria-label="${search}"></p>
<p class="none" role="status" hidden>${none}</p>`.source;

/** What a lesson's headings say, to be searched. */
const headingsOf = (notebook: Notebook): string =>
  notebook.cells
    .filter(cell => cell.cell_type === 'markdown')
    .flatMap(cell => [...cell.source.matchAll(/^#{2,4} +(.*)$/gm)].map(([, words]) => words.replace(/[`*$\\]/g, '')))
    .join(' · ');

/** The first sentence or two of a lesson, as plain text, without the bold words that name the paragraph (**The question.**). */
function leadOf(notebook: Notebook): string {
  const text = notebook.cells.find(cell => cell.cell_type === 'markdown')?.source ?? '';
  const paragraphs = text.split(/\n\s*\n/).map(p => p.trim());
  const lead = paragraphs.find(p => p && !/^(#|\||<|!\[|[-*] )/.test(p)) ?? '';
  return lead
    .replace(/^\*\*(The question\.|问题。)\*\*\s*/, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]{1,2}(\S[^*_`]*)[*_`]{1,2}/g, '$1')
    .replace(/\s+/g, ' ');
}

/** The map of the course with its titles and its alternative text in one language. */
function mapIn(language: Language): string {
  const svg = courseMap(undefined, language).svg as string;
  return language === 'en' ? svg : changeMarkup(svg, inChinese(dictionaryOf(ROOT)).text);
}
