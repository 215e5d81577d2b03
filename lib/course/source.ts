import { fromRoot, fs } from '../platform';

/**
 * Where a piece of the library's code stands, found in its file when asked: `codeLine('models/vae.ts', 'encode(x')` is
 * 'lib/models/vae.ts:77'.
 * @throws where the file has no such line, so that a lesson does not point to code that moved away
 * @see notebooks/09-elbo.ipynb
 * @example codeLine('nn/layers.ts', 'export class Linear')
 */
export function codeLine(file: string, code: string): string {
  const lines = fs.readFileSync(fromRoot('lib', file), 'utf8').split('\n');
  const at = lines.findIndex(line => line.includes(code));
  if (at < 0) throw new Error(`lib/${file} has no line with "${code}"; look for its new form there`);
  return `lib/${file}:${at + 1}`;
}
