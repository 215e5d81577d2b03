/** What the kernel says about itself. */

import { HANDBOOK, kernelInfo, TFJS } from '../../lib/kernel/about';
import { version as typescript } from '../../node_modules/typescript/package.json';
import { version } from '../../package.json';

export const INFO = kernelInfo({ version, typescript, on: 'this page', help: [HANDBOOK, TFJS] });
