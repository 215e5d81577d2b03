/** TypeScript's view of the notebook: the cells as files of the project's root, everything else from disk. */
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../paths';
import { stampOf } from '../stamp';
import { librariesOfNode, withoutBrowserValues } from './node-globals';

const GLOBALS = path.join(ROOT, '__kernel__.d.ts');
const GLOBALS_TEXT = `declare const __lab__: { result: unknown };
/** Asks the reader for a line of text. */
declare function input(prompt?: string, password?: boolean): Promise<string>;
`;

const PROJECT_PACKAGES = path.join(ROOT, 'node_modules') + path.sep;
/** What never changes while a kernel runs. */
const FIXED = ['typescript', '@types'].map(name => path.join(PROJECT_PACKAGES, name) + path.sep);

export class CellHost implements ts.LanguageServiceHost {
  /** Absolute file name → text and version of the cells. */
  private readonly cells = new Map<string, { text: string; version: number }>();
  private readonly options: ts.CompilerOptions;
  private readonly resolutions: ts.ModuleResolutionCache;
  private readonly stamps = new Map<string, string>();
  private readonly snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>();
  private readonly typeReferences = new Map<string, ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations>();
  /** Of each file: what it imports, as found on disk, and the folders that decide what its imports mean. */
  private readonly imports = new Map<string, { files: string[]; places: string[] }>();
  private readonly places = new Map<string, string>();
  /** Files whose imports may mean something else by now. */
  private invalidated = new Set<string>();
  private version = 0;
  /** Grows whenever a file on disk turns out to have changed. */
  filesVersion = 0;

  /** @param folder the notebook's folder: relative imports that the project's root does not have are looked up there. */
  constructor(
    private readonly folder: string,
    private readonly roots: string[],
  ) {
    this.options = { ...projectOptions(), ...CELL_OPTIONS };
    this.resolutions = ts.createModuleResolutionCache(ROOT, name => name, this.options);
  }

  /** @param again a new version even of the same text: its imports may find other files. */
  set(file: string, text: string, again = false): void {
    if (again || this.cells.get(file)?.text !== text) this.cells.set(file, { text, version: ++this.version });
  }

  isCell(file: string): boolean {
    return file === GLOBALS || this.cells.has(file);
  }

  /** The files that a file imports. */
  importsOf(file: string): readonly string[] {
    return this.imports.get(file)?.files ?? [];
  }

  /** Looks at the disk again, because a cell imports: a changed file gets a new version. @param packages also at the project's packages. */
  refresh(packages: boolean): void {
    const before = this.filesVersion;
    for (const [file, stamp] of this.stamps) {
      if (!packages && file.startsWith(PROJECT_PACKAGES)) continue;
      const now = stampOf(file);
      if (now === stamp) continue;
      this.stamps.set(file, now);
      this.filesVersion++;
    }
    const moved = new Set<string>();
    for (const [place, stamp] of this.places) {
      const now = stampOf(place);
      if (now === stamp) continue;
      this.places.set(place, now);
      moved.add(place);
    }
    const files = [...this.imports].filter(([, { places }]) => places.some(place => moved.has(place)));
    this.invalidated = new Set(files.map(([file]) => file));
    if (files.length) this.filesVersion++;
    this.resolutions.clear();
    if (this.filesVersion !== before) this.version++;
  }

  hasInvalidatedResolutions = (file: string): boolean => this.invalidated.has(file);
  getProjectVersion = (): string => String(this.version);
  getCompilationSettings = (): ts.CompilerOptions => this.options;
  getScriptFileNames = (): string[] => [GLOBALS, ...this.roots.filter(file => this.cells.has(file))];
  getCurrentDirectory = (): string => ROOT;
  getDefaultLibFileName = (options: ts.CompilerOptions): string => ts.getDefaultLibFilePath(options);
  useCaseSensitiveFileNames = (): boolean => ts.sys.useCaseSensitiveFileNames;
  directoryExists = ts.sys.directoryExists;
  getDirectories = ts.sys.getDirectories;
  readDirectory = ts.sys.readDirectory;
  realpath = ts.sys.realpath;

  getScriptVersion = (file: string): string => {
    const cell = this.cells.get(file);
    if (cell) return String(cell.version);
    if (file === GLOBALS || FIXED.some(folder => file.startsWith(folder))) return '0';
    const stamp = this.stamps.get(file) ?? stampOf(file);
    this.stamps.set(file, stamp);
    return stamp;
  };

  getScriptSnapshot = (file: string): ts.IScriptSnapshot | undefined => {
    const version = this.getScriptVersion(file);
    const known = this.snapshots.get(file);
    if (known?.version === version) return known.snapshot;
    const read = this.readFile(file);
    if (read === undefined) return undefined;
    const text = withoutBrowserValues(file, read);
    const snapshot = ts.ScriptSnapshot.fromString(text);
    this.snapshots.set(file, { version, snapshot });
    return snapshot;
  };

  /** Lets TypeScript keep what it found in package.json files. */
  getModuleResolutionCache = (): ts.ModuleResolutionCache => this.resolutions;

  resolveTypeReferenceDirectiveReferences = <T extends ts.FileReference | string>(
    references: readonly T[],
    from: string,
  ): readonly ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations[] =>
    references.map(reference => {
      const name = typeof reference === 'string' ? reference : reference.fileName;
      const key = `${path.dirname(from)} ${name}`;
      const found = this.typeReferences.get(key) ?? ts.resolveTypeReferenceDirective(name, from, this.options, this);
      this.typeReferences.set(key, found);
      return found;
    });

  readFile = (file: string): string | undefined => {
    if (file === GLOBALS) return GLOBALS_TEXT;
    return this.cells.get(file)?.text ?? ts.sys.readFile(file);
  };

  fileExists = (file: string): boolean => file === GLOBALS || this.cells.has(file) || ts.sys.fileExists(file);

  resolveModuleNameLiterals = (
    literals: readonly ts.StringLiteralLike[],
    from: string,
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] => {
    const found = literals.map(literal => this.resolve(literal.text, from));
    if (!from.startsWith(PROJECT_PACKAGES)) {
      const files = found.flatMap(({ resolvedModule }) => resolvedModule?.resolvedFileName ?? []);
      const places = this.cells.has(from) ? [] : literals.flatMap(({ text }) => placesOf(text, from));
      for (const place of places) if (!this.places.has(place)) this.places.set(place, stampOf(place));
      this.imports.set(from, { files: [...new Set(files)], places: [...new Set(places)] });
    }
    return found;
  };

  /** Names of a cell are looked up in the project, then beside the notebook; packages of the reader's other files likewise. */
  private resolve(name: string, from: string): ts.ResolvedModuleWithFailedLookupLocations {
    const found = ts.resolveModuleName(name, from, this.options, this, this.resolutions);
    const isCell = this.cells.has(from);
    if (found.resolvedModule || from.includes('/node_modules/')) return found;
    const beside = path.join(this.folder, 'notebook.ts');
    if (name.startsWith('.')) return isCell ? ts.resolveModuleName(name, beside, this.options, this) : found;
    // Packages that only speak `exports`: the project's, then those beside the notebook.
    for (const folder of [from, NEXT_TO_LIB, beside]) {
      const modern = ts.resolveModuleName(name, folder, BUNDLER_OPTIONS, this);
      if (modern.resolvedModule) return modern;
    }
    return found;
  }
}

const NEXT_TO_LIB = path.join(ROOT, 'notebook.ts');

/** Folders (and package.json files) in which something may appear that an import then means. */
function placesOf(name: string, from: string): string[] {
  const folder = path.dirname(from);
  if (!name.startsWith('.')) {
    const home = path.join(folder, 'node_modules');
    return [home, path.join(home, name, 'package.json')];
  }
  const target = path.resolve(folder, name);
  return [path.dirname(target), target];
}

const CELL_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024, // as much as Node 20 runs, `v` of regular expressions included
  lib: librariesOfNode(),
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.React,
  downlevelIteration: true, // else `const [first] = iterable` at the top level, once exported, would read index 0 of it
  noEmit: false,
  sourceMap: true,
  inlineSources: false,
  removeComments: false,
  declaration: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  isolatedModules: false,
  rootDir: undefined,
  outDir: undefined,
  incremental: false,
};

const BUNDLER_OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

function projectOptions(): ts.CompilerOptions {
  const read = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(read.config?.compilerOptions ?? { strict: true }, ROOT).options;
}
