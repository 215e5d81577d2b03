/** What the kernel says about itself. */
import fs from 'node:fs';
import path from 'node:path';
import { HANDBOOK, kernelInfo, TFJS } from './about';
import { ROOT } from './paths';

function versionOf(file: string): string {
  try {
    return (JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8')) as { version: string }).version;
  } catch {
    return '0.0.0';
  }
}

export const KERNEL_INFO = kernelInfo({
  version: versionOf('package.json'),
  typescript: versionOf('node_modules/typescript/package.json'),
  on: `Node ${process.versions.node}`,
  help: [HANDBOOK, TFJS, { text: 'Node.js reference', url: 'https://nodejs.org/api/' }],
});
