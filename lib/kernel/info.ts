/** What the kernel says about itself. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths';
import { PROTOCOL_VERSION } from './protocol/wire';

function versionOf(file: string): string {
  try {
    return (JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8')) as { version: string }).version;
  } catch {
    return '0.0.0';
  }
}

const version = versionOf('package.json');
const typescript = versionOf('node_modules/typescript/package.json');

export const KERNEL_INFO = {
  status: 'ok',
  protocol_version: PROTOCOL_VERSION,
  implementation: 'latentlab',
  implementation_version: version,
  language_info: {
    name: 'typescript',
    version: typescript,
    mimetype: 'text/typescript',
    file_extension: '.ts',
    pygments_lexer: 'typescript',
    codemirror_mode: { name: 'javascript', typescript: true },
    nbconvert_exporter: 'script',
  },
  banner: `LatentLab ${version}: TypeScript ${typescript} on Node ${process.versions.node}`,
  debugger: false,
  supported_features: [], // no subshells: control and help are answered while a cell runs
  help_links: [
    { text: 'TypeScript handbook', url: 'https://www.typescriptlang.org/docs/handbook/' },
    { text: 'TensorFlow.js reference', url: 'https://js.tensorflow.org/api/latest/' },
    { text: 'Node.js reference', url: 'https://nodejs.org/api/' },
  ],
};
