import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
import { html } from '../runtime/html';
import { plain, prose, type Text } from './text';

/**
 * The same lines in TypeScript and in Python (PyTorch, NumPy), side by side where they fit; `note` says where they differ.
 * @example pythonBeside('tf.relu(x)', 'torch.relu(x)', 'the same name in both')
 */
export function pythonBeside(typescript: string, python: string, note?: Text): Displayable {
  const [ts, py] = [typescript, python].map(dedent);
  const block = (name: string, code: string) =>
    html`<td style="text-align: left; vertical-align: top"><strong>${name}</strong><pre style="white-space: pre"><code>${code}</code></pre></td>`;
  const long = `${ts}\n${py}`.split('\n').some(line => line.length > 46);
  const between = long ? html`</tr><tr>` : ''; // long lines stand below each other
  const rows = html`<tr>${block('TypeScript', ts)}${between}${block('Python', py)}</tr>`;
  const bundle: MimeBundle = {
    'text/html': html`<table><tbody>${rows}</tbody></table>${note ? html`<p>${prose(note)}</p>` : ''}`.source,
    'text/plain': `TypeScript\n${indent(ts)}\n\nPython\n${indent(py)}${note ? `\n\n${plain(note)}` : ''}`,
  };
  return { [DISPLAY]: () => bundle };
}

const indent = (code: string): string => code.replace(/^(?=.)/gm, '    ');

/** Removes the indentation that lines share, and empty lines around; the first line may stand right after the quote. */
function dedent(code: string): string {
  const [first, ...rest] = code.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indentation = (line: string) => line.length - line.trimStart().length;
  const least = (lines: string[]) =>
    lines.filter(l => l.trim()).reduce((n, l) => Math.min(n, indentation(l)), Infinity);
  const hangs = indentation(first) === 0 && !/[:{([,]$/.test(first.trim()); // opens no block, so the rest belongs beside it
  const shared = least(hangs && rest.length ? rest : [first, ...rest]);
  return [first.slice(Math.min(shared, indentation(first))), ...rest.map(line => line.slice(shared))].join('\n');
}
