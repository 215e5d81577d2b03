/** TypeScript's view of the notebook: the cells as files of the project's root, everything else from disk. */
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../paths';

const GLOBALS = path.join(ROOT, '__kernel__.d.ts');
const GLOBALS_TEXT = `declare const __lab__: { result: unknown };
/** Asks the reader for a line of text. */
declare function input(prompt?: string, password?: boolean): Promise<string>;
`;

export class CellHost implements ts.LanguageServiceHost {
  /** Absolute file name → text and version of the cells. */
  private readonly cells = new Map<string, { text: string; version: number }>();
  private readonly options: ts.CompilerOptions;
  private readonly resolutions: ts.ModuleResolutionCache;
  private readonly stamps = new Map<string, string>();
  private readonly snapshots = new Map<string, { version: string; snapshot: ts.IScriptSnapshot }>();
  private readonly typeReferences = new Map<string, ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations>();
  private version = 0;

  /** @param folder the notebook's folder: relative imports that the project's root does not have are looked up there. */
  constructor(
    private readonly folder: string,
    private readonly roots: string[],
  ) {
    this.options = { ...projectOptions(), ...CELL_OPTIONS };
    this.resolutions = ts.createModuleResolutionCache(ROOT, name => name, this.options);
  }

  set(file: string, text: string): void {
    if (this.cells.get(file)?.text !== text) this.cells.set(file, { text, version: ++this.version });
  }

  /** Looks at the project's own files again: a changed one gets a new version. */
  refresh(): void {
    for (const [file, stamp] of this.stamps) if (stampOf(file) !== stamp) this.version++;
    this.stamps.clear();
  }

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
    if (file === GLOBALS || file.includes('/node_modules/')) return '0';
    const stamp = this.stamps.get(file) ?? stampOf(file);
    this.stamps.set(file, stamp);
    return stamp;
  };

  getScriptSnapshot = (file: string): ts.IScriptSnapshot | undefined => {
    const version = this.getScriptVersion(file);
    const known = this.snapshots.get(file);
    if (known?.version === version) return known.snapshot;
    const text = this.readFile(file);
    if (text === undefined) return undefined;
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
  ): readonly ts.ResolvedModuleWithFailedLookupLocations[] => literals.map(literal => this.resolve(literal.text, from));

  private resolve(name: string, from: string): ts.ResolvedModuleWithFailedLookupLocations {
    const found = ts.resolveModuleName(name, from, this.options, this, this.resolutions);
    if (found.resolvedModule || !this.cells.has(from)) return found;
    if (name.startsWith('.'))
      return ts.resolveModuleName(name, path.join(this.folder, 'notebook.ts'), this.options, this);
    // Packages that only speak `exports`: the project's, then those beside the notebook.
    const modern = ts.resolveModuleName(name, from, BUNDLER_OPTIONS, this);
    if (modern.resolvedModule) return modern;
    return ts.resolveModuleName(name, path.join(this.folder, 'notebook.ts'), BUNDLER_OPTIONS, this);
  }
}

const CELL_OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
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

function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}-${stat.size}` : 'gone';
}
