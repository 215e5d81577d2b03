/**
 * Outputs that were saved when cards and labels showed both languages, as the lib and the lessons write them now: in English.
 * `npx tsx scripts/notebooks/one-language.ts`; of no use once every lesson has been run again.
 */
import { changeBundle } from '../../lib/i18n/bundle';
import { allLessons, type Bundle, type Notebook, notebookText, readNotebook, writeNotebook } from './notebook';
import { changed } from './translate';

const LABELS: [both: string, one: string][] = [
  ['metric / 指标', 'metric'],
  ['value / 值', 'value'],
  ['unit / 单位', 'unit'],
  ['band / 范围', 'band'],
  ['published reference / 已发表的参考值', 'published reference'],
  ['Right / 对', 'Right'],
  ['✗ No, try another. / 不对，再试试。', '✗ No, try another.'],
  ['Hint / 提示', 'Hint'],
  ['Answers / 答案', 'Answers'],
  ['Predict first / 先预测', 'Predict first'],
  ['to be written · 待写', 'to be written'],
];
const PAIR = /<span lang="en">((?:(?!<\/span>).)*)<\/span>(?:<br>| \/ )<span lang="zh">((?:(?!<\/span>).)*)<\/span>/gs;

/** The map of the course had the Chinese title below the English one: in the picture, and in its Mermaid source. */
const SECOND_LINE =
  /(?<=<\/text>)<text [^>]*>[^<]*[\u3400-\u9fff][^<]*<\/text>(?=<rect|<path|<\/svg)|<br>[^<"]*[\u3400-\u9fff][^<"]*(?="\])/g;

/** Cards: HTML marks both halves, and the text form repeats them on lines of their own. */
function english(bundle: Bundle): Bundle {
  const { 'text/html': markup, 'text/plain': text } = bundle;
  const result = { ...bundle };
  const once = (said: string) =>
    LABELS.reduce((all, [both, one]) => all.replaceAll(both, one), said).replace(SECOND_LINE, '');
  if (typeof text === 'string') result['text/plain'] = once(text);
  if (typeof markup !== 'string') return result;
  result['text/html'] = once(markup.replace(PAIR, '$1'));
  if (typeof text !== 'string') return result;
  for (const [, en, zh] of markup.matchAll(PAIR)) {
    const both = new RegExp(`${escaped(plain(en))}\\n *${escaped(plain(zh))}`, 'g');
    result['text/plain'] = (result['text/plain'] as string).replace(both, () => plain(en));
  }
  return result;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const plain = (html: string): string =>
  html
    .replace(/<\/?code>/g, '`')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');

/** The Chinese halves of labels, ' · 损失', in code: from the point to the end of the literal. */
const halvesOf = (code: string): string[] => code.match(/ · [^'"`\n]*[\u3400-\u9fff][^'"`\n]*(?=['"`])/g) ?? [];

/** The same in the saved states of widgets, whose labels are no longer in the code. */
const HALF = / · [^:,·]*?[\u3400-\u9fff]+(?: x)?(?=$|[:.,;…]| \d| and )/g;

export function oneLanguage(notebook: Notebook): Notebook {
  const codeCells = notebook.cells.filter(cell => cell.cell_type === 'code');
  const halves = codeCells.flatMap(cell => halvesOf(cell.source)).sort((a, b) => b.length - a.length);
  const without = (text: string) => halves.reduce((said, half) => said.replaceAll(half, ''), text);
  const label = (text: string) => without(text).replace(HALF, '').replace('rigged · 做手脚 B =…', 'rigged');
  const once = { text: label, line: label };
  const cells = notebook.cells.map(cell => {
    if (cell.cell_type !== 'code') return cell;
    const outputs = cell.outputs?.map(output =>
      output.data
        ? { ...output, data: changeBundle(english(output.data), { text: once.text, line: once.text }) as Bundle }
        : output,
    );
    return { ...cell, source: without(cell.source), outputs };
  });
  return { ...changed({ ...notebook, cells: [] }, once), cells };
}

if (require.main === module) {
  for (const { files } of allLessons()) {
    const notebook = readNotebook(files.en);
    const once = oneLanguage(notebook);
    if (notebookText(once) !== notebookText(notebook)) {
      writeNotebook(files.en, once);
      console.log(files.en);
    }
  }
}
