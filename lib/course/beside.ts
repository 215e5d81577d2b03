import { escapeXml } from '../plot/svg';
import { DISPLAY, type Displayable, type MimeBundle } from '../runtime/display';
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

/** Removes the indentation that all lines share, and empty lines around. */
function dedent(code: string): string {
  const lines = code.replace(/^\s*\n|\s+$/g, '').split('\n');
  const shared = Math.min(...lines.filter(l => l.trim()).map(l => l.length - l.trimStart().length));
  return lines.map(line => line.slice(shared)).join('\n');
}
