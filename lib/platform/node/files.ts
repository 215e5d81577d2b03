/** Files and folders. */
import fs from 'node:fs';
import path from 'node:path';

export { fs, path };

/** The project's folder. */
const ROOT = path.resolve(__dirname, '..', '..', '..');

/** A path inside the project. */
export const fromRoot = (...parts: string[]): string => path.join(ROOT, ...parts);

/** A path inside an installed package, whose package.json is looked up. @throws where it is not installed */
export const inPackage = (name: string, ...parts: string[]): string =>
  path.join(path.dirname(require.resolve(`${name}/package.json`)), ...parts);
