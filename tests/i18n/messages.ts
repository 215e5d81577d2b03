/** What the lib may say when something is wrong: every message's template in its source, with `{}` where a value stands. */
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../scripts/notebooks/notebook';

/** A template, and where it is said. */
export interface Message {
  template: string;
  place: string;
}

const files = (folder: string): string[] =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true })
    .map(file => path.join(folder, String(file)))
    .filter(file => file.endsWith('.ts'))
    .sort();

/** Every `new …Error(message)` below a folder; a condition inside a message makes two of it. */
export const errorsIn = (folder: string): Message[] =>
  find(folder, (node, report) => {
    const isError = ts.isNewExpression(node) && /(^|\.)\w*Error$/.test(node.expression.getText());
    if (isError && node.arguments?.length) report(node.arguments[0]);
  });

const ASKS = /^(expect\w+|check\w+|numbersOf|atLeast|finite|count\w*)$/;

/** Names of values and ways out, handed to those who ask for a range or a shape. */
export const askedIn = (folder: string): Message[] =>
  find(folder, (node, report) => {
    if (ts.isCallExpression(node) && ASKS.test(node.expression.getText())) node.arguments.forEach(report);
  });

/** Sentences that are said by other ways: remedies, notes, warnings. */
export const sentencesIn = (folder: string): Message[] =>
  find(folder, (node, report) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) report(node);
  });

function find(folder: string, look: (node: ts.Node, report: (said: ts.Expression) => void) => void): Message[] {
  const found: Message[] = [];
  for (const file of files(folder)) {
    const source = ts.createSourceFile(
      file,
      fs.readFileSync(path.join(ROOT, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const report = (said: ts.Expression): void => {
      const place = `${file}:${source.getLineAndCharacterOfPosition(said.getStart()).line + 1}`;
      for (const template of templates(said)) found.push({ template, place });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
      look(node, report);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

/** What an expression may say; what only the run knows is `{}`. */
function templates(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return templates(node.expression);
  if (ts.isConditionalExpression(node)) return [...templates(node.whenTrue), ...templates(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return product(templates(node.left), templates(node.right));
  if (ts.isTemplateExpression(node))
    return node.templateSpans.reduce(
      (heads, { expression, literal }) => product(product(heads, templates(expression)), [literal.text]),
      [node.head.text],
    );
  const named = ts.isIdentifier(node) ? constantOf(node) : undefined;
  return named ? templates(named) : ['{}'];
}

const product = (heads: string[], tails: string[]): string[] =>
  heads.flatMap(head => tails.map(tail => (head + tail).replace(/\{\}(\{\})+/g, '{}')));

/** A name of the same file that stands for texts. */
function constantOf(name: ts.Identifier): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    const here = ts.isVariableDeclaration(node) && node.name.getText() === name.text ? node.initializer : undefined;
    if (here && templates(here).every(said => said !== '{}')) found = here;
    ts.forEachChild(node, visit);
  };
  visit(name.getSourceFile());
  return found;
}
