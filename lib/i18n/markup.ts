/** The visible strings of HTML and SVG: text between tags, and the attributes that are read or shown. */

/** `head`: the text heads a column of a table. */
export type Change = (text: string, head?: boolean) => string;

const TOKEN = /<!--[\s\S]*?-->|<\/?[A-Za-z](?:[^>"']|"[^"]*"|'[^']*')*>|[^<]+|</g;
const READ = /\s(alt|title|aria-label|aria-description|placeholder|label)=("[^"]*"|'[^']*')/g;
const PICTURE = /\ssrc="data:image\/svg\+xml;(base64|charset=utf-8),([^"]+)"/;
/** What ends an address or an attribute: the same characters as in lib/plot/figure.ts. */
const UNSAFE_IN_URL = /[%#"&\p{Cc}]/gu;
/** What is inside stays: it is code or a formula, or not shown. */
const KEPT = /^<(pre|style|script|math|mjx-container|textarea|kbd|samp)\b/i;
const INLINE = /^<\/?code\b/i;

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': '\u00a0',
};
const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, entity => ENTITIES[entity]);
const encode = (text: string): string =>
  text.replace(
    /[&<>"\u00a0]/g,
    c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\u00a0': '&nbsp;' })[c] as string,
  );

/** The same markup with every visible string passed through `change`; elements marked `lang` in another language stay. */
export function changeMarkup(markup: string, change: Change): string {
  const tokens = markup.match(TOKEN) ?? [];
  // A value that answers with one line of code, as a training does, is a message all the same.
  if (tokens.length === 3 && INLINE.test(tokens[0]) && INLINE.test(tokens[2]) && !isTag(tokens[1]))
    return tokens[0] + changeText(tokens[1], change) + tokens[2];
  let out = '';
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i];
    if (isTag(token) && !INLINE.test(token)) {
      const end = keptUntil(tokens, i);
      out += end > i ? tokens.slice(i, end).join('') : changeTag(token, change);
      i = Math.max(end, i + 1);
      continue;
    }
    let end = i;
    while (end < tokens.length && (!isTag(tokens[end]) || INLINE.test(tokens[end]))) end++;
    const head = /^<th\b/i.test(tokens[i - 1] ?? '');
    out += changeRun(tokens.slice(i, end), text => change(text, head));
    i = end;
  }
  return out;
}

const isTag = (token: string): boolean => token.length > 1 && token.startsWith('<');

/** Index behind the closing tag of an element that stays as it is; `at` where the tag opens none. */
function keptUntil(tokens: readonly string[], at: number): number {
  const name =
    KEPT.exec(tokens[at])?.[1] ?? (/\stranslate="no"/.test(tokens[at]) ? /^<(\w+)/.exec(tokens[at])?.[1] : undefined);
  if (!name || tokens[at].endsWith('/>')) return at;
  const end = tokens.findIndex((token, i) => i > at && token.toLowerCase().startsWith(`</${name.toLowerCase()}`));
  return end < 0 ? tokens.length : end + 1;
}

function changeTag(tag: string, change: Change): string {
  return tag
    .replace(READ, (_, name: string, quoted: string) => ` ${name}="${changeText(quoted.slice(1, -1), change)}"`)
    .replace(PICTURE, (whole, form: string, data: string) => {
      const svg = form === 'base64' ? Buffer.from(data, 'base64').toString('utf8') : decodeURIComponent(data);
      const said = changeMarkup(svg, change);
      if (said === svg) return whole;
      const source =
        form === 'base64' ? Buffer.from(said).toString('base64') : said.replace(UNSAFE_IN_URL, encodeURIComponent);
      return ` src="data:image/svg+xml;${form},${source}"`;
    });
}

/** Words with code between are one message, in which the code stands in backticks. */
function changeRun(run: readonly string[], change: Change): string {
  const whole = run.join('');
  if (run.length === 1) return changeText(whole, change);
  const text = decode(whole.replace(/<\/?code[^>]*>/g, '`'));
  const said = change(text);
  return said === text ? whole : encode(said).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function changeText(source: string, change: Change): string {
  const text = decode(source);
  const said = change(text);
  return said === text ? source : encode(said);
}
