/** Texts that a lesson's code gives in both languages, `{ en: '…', zh: '…' }`: they are entries of its dictionary. */
import ts from 'typescript';
import type { Words } from '../../lib/i18n/dictionary';
import type { Notebook } from './notebook';

/**
 * English → Chinese of every such object in the code cells; `${…}` in both becomes a placeholder.
 * @throws where the same English stands in two cells with different Chinese
 */
export function pairsOf(notebook: Notebook): Words {
  const words: Words = {};
  for (const { cell_type, source } of notebook.cells) {
    if (cell_type !== 'code' || !source.includes('zh:')) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node)) {
        const [en, zh] = ['en', 'zh'].map(name => property(node, name));
        if (en && zh) addPair(words, en, zh);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true));
  }
  return words;
}

function property(node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = node.properties.find(p => ts.isPropertyAssignment(p) && p.name.getText() === name);
  return found && ts.isPropertyAssignment(found) ? found.initializer : undefined;
}

function addPair(words: Words, en: ts.Expression, zh: ts.Expression): void {
  const expressions = new Map<string, string>();
  const [english, chinese] = [message(en, expressions, true), message(zh, expressions, false)];
  if (!english || !chinese) return;
  const before = Object.hasOwn(words, english) ? words[english] : chinese;
  if (before !== chinese)
    throw new Error(`'${english}' is '${before}' in one cell and '${chinese}' in another: saved outputs can have one`);
  words[english] = chinese;
}

/** The text of a literal; equal expressions inside templates get the same placeholder, and Chinese has none of its own. */
function message(node: ts.Expression, expressions: Map<string, string>, isEnglish: boolean): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  const parts = node.templateSpans.map(({ expression, literal }) => {
    const source = expression.getText();
    if (!expressions.has(source)) {
      if (!isEnglish)
        throw new Error(
          `\${${source}} stands in the Chinese '${node.getText()}' and not in its English: write what it shows into the lesson's words`,
        );
      expressions.set(source, `{value${expressions.size}}`);
    }
    return `${expressions.get(source)}${literal.text}`;
  });
  return node.head.text + parts.join('');
}
