/**
 * What the lib needs of the place where it runs, Node or a page: the one way to files, hashes, pictures, programs and
 * engines. Here it is Node's; the bundle for the page (scripts/site/bundle.ts) puts `./browser` in this file's place,
 * which has the same exports. Whatever both can do alike stands elsewhere.
 */
export * from './node';
