/** The reference of the lib: TypeDoc's pages, from the docstrings, in the folder `api` of the site. */
import path from 'node:path';
import { ROOT } from '../notebooks/notebook';

/** Folder of the site. */
export const API = 'api';

/** The part of TypeDoc that is used here; its own types ask for a newer way of finding modules than the lib can have. */
interface TypeDoc {
  Application: { bootstrap(options: Record<string, unknown>): Promise<Application> };
  LogLevel: { Error: number };
}
interface Application {
  convert(): Promise<object | undefined>;
  generateDocs(project: object, out: string): Promise<void>;
  logger: { errorCount: number };
}

/** Writes the pages; returns the first. @throws Error with TypeDoc's own words where a docstring cannot be read */
export async function writeReference(site: string): Promise<string> {
  const name = 'typedoc';
  const { Application, LogLevel } = (await import(name)) as TypeDoc; // only who asks for it waits for it
  const out = path.join(site, API);
  const app = await Application.bootstrap({
    entryPoints: [path.join(ROOT, 'lib', 'index.ts')],
    tsconfig: path.join(ROOT, 'tsconfig.json'),
    name: 'LatentLab',
    readme: 'none',
    out,
    cleanOutputDir: true,
    skipErrorChecking: true, // `npm test` has checked the types
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true, // lines of a repository that the reader may not have
    githubPages: false,
    hideGenerator: true,
    groupReferencesByType: true,
    navigationLinks: { Lessons: '../index.html' },
    validation: { notExported: false, invalidLink: false, notDocumented: false },
    blockTags: ['@param', '@returns', '@throws', '@see', '@example', '@deprecated', '@template', '@typeParam'],
    logLevel: LogLevel.Error,
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read lib/index.ts; `npm test -- --only types` says why');
  const before = app.logger.errorCount;
  await app.generateDocs(project, out);
  if (app.logger.errorCount > before) throw new Error('TypeDoc could not write the reference; see above');
  return path.join(out, 'index.html');
}
