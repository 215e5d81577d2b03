import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
import { escapeXml } from '../runtime/html';
import { html, plain, type Text } from './text';

/** The same lines in TypeScript and in Python (PyTorch, NumPy), side by side where they fit; `note` says where they differ. */
export function pythonBeside(typescript: string, python: string, note?: Text): Displayable {
  const [ts, py] = [typescript, python].map(dedent);
  const block = (name: string, code: string) =>
    `<td style="text-align: left; vertical-align: top"><strong>${name}</strong><pre style="white-space: pre"><code>${escapeXml(code)}</code></pre></td>`;
  const longest = Math.max(...`${ts}\n${py}`.split('\n').map(line => line.length));
  const between = longest > 46 ? '</tr><tr>' : ''; // long lines stand below each other
  const bundle: MimeBundle = {
    'text/html': `<table><tbody><tr>${block('TypeScript', ts)}${between}${block('Python', py)}</tr></tbody></table>${note ? `<p>${html(note)}</p>` : ''}`,
    'text/plain': `TypeScript\n${indent(ts)}\n\nPython\n${indent(py)}${note ? `\n\n${plain(note)}` : ''}`,
  };
  return { [DISPLAY]: () => bundle };
}

const indent = (code: string): string => code.replace(/^(?=.)/gm, '    ');

/** Removes the indentation that lines share, and empty lines around; the first line may stand right after the quote. */
function dedent(code: string): string {
  const [first, ...rest] = code.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indentation = (line: string) => line.length - line.trimStart().length;
  const least = (lines: string[]) => Math.min(...lines.filter(l => l.trim()).map(indentation));
  const hangs = indentation(first) === 0 && !/[:{([,]$/.test(first.trim()); // opens no block, so the rest belongs beside it
  const shared = least(hangs && rest.length ? rest : [first, ...rest]);
  return [first.slice(Math.min(shared, indentation(first))), ...rest.map(line => line.slice(shared))].join('\n');
}
