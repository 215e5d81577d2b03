/** What a server shows for an address without a page, in the language of that address. */
import { html } from '../../lib/runtime/html';
import type { Language } from '../notebooks/notebook';
import { WORDS } from './page';

const LOST = {
  en: { title: 'This page is not there', way: 'All lessons', home: 'index.html' },
  zh: { title: '找不到这个页面', way: '全部课程', home: 'zh/index.html' },
};

/** Finds the address's language and the site's top, which the page may stand at any depth below. */
const SCRIPT = String.raw`(() => {
  const [, top, zh] = /^(.*?)(?:(zh\/)(?:source\/.*|[^/]*)|source\/.*|[^/]*)$/.exec(location.pathname);
  document.documentElement.lang = zh ? 'zh-CN' : 'en';
  for (const section of document.querySelectorAll('section')) {
    section.hidden = (section.lang === 'zh-CN') !== Boolean(zh);
    const link = section.querySelector('a');
    if (location.protocol !== 'file:') link.href = top + link.getAttribute('href');
    if (!section.hidden) document.title = section.querySelector('h1').textContent + ' · LatentLab';
  }
})();`;

/** The page as HTML; without scripts it says it in both languages. */
export function lostPage(): string {
  const said = (['en', 'zh'] as Language[]).map(
    language => html`<section lang="${WORDS[language].lang}">
<h1>${LOST[language].title}</h1>
<p><a href="${LOST[language].home}">${LOST[language].way}</a></p>
</section>`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>404 · LatentLab</title>
<style>
body { max-width: 40rem; margin: 15vh auto; padding: 0 1rem; font: 17px / 1.7 system-ui, "Noto Sans CJK SC", sans-serif; }
</style>
</head>
<body>
${said.join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}
