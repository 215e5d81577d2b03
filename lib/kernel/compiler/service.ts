/** Compiles cells one after the other, each knowing the names of those before. Drives TypeScript's language service. */
import path from 'node:path';
import ts from 'typescript';
import type { CompileAnswer, CompiledCell, Diagnostic } from '../messages';
import { ROOT } from '../paths';
import { advise, NO_NAME } from './advice';
import { type PreparedCell, prepareCell } from './cell';
import { toReader } from './diagnostics';
import { exampleFor } from './examples';
import { GlobalDeclarations } from './globals';
import { CellHost } from './host';
import { ImportedFiles, RUNS } from './imported';
import { instrument } from './instrument';
import { CellSlots, SCOPE } from './slots';

const withHint = (diagnostic: Diagnostic, hint?: string): Diagnostic => (hint ? { ...diagnostic, hint } : diagnostic);

/** The code that a diagnostic is about. */
const textOf = ({ file, start = 0, length = 0 }: ts.Diagnostic): string =>
  file?.text.slice(start, start + length) ?? '';

const NOTHING: ReadonlySet<string> = new Set();

/** A module must not assign to what it imports; a cell may assign to an earlier cell's `let`. */
const ASSIGN_TO_IMPORT = 2632;

/** The newest cell, and whatever help is asked about. */
export const NEWEST = path.join(ROOT, '__newest.ts');

export type TypeMode = 'strict' | 'off';

export class CellCompiler {
  readonly host: CellHost;
  readonly service: ts.LanguageService;
  /** name → serial number of the cell that declared it last. */
  readonly owners = new Map<string, number>();
  private readonly cells = new Map<number, PreparedCell>();
  private readonly slots: CellSlots;
  private readonly imported: ImportedFiles;
  private readonly globals: GlobalDeclarations;
  private usesLib = false;
  private newest: { cell: number; prepared: PreparedCell } | undefined;

  constructor(
    readonly folder: string,
    private readonly types: TypeMode = 'strict',
    /** What cells can import has been checked: a page's lib, which was when the site was made. */
    private readonly importsChecked = false,
  ) {
    this.host = new CellHost(folder, [NEWEST, SCOPE]);
    this.slots = new CellSlots(this.host);
    this.globals = new GlobalDeclarations(this.slots);
    this.writeScope();
    this.service = ts.createLanguageService(this.host, ts.createDocumentRegistry());
    this.imported = new ImportedFiles(this.host, this.service);
  }

  /**
   * Checks and translates a cell. Its names count for later cells only after `commit`.
   * @param promised names that cells above will make: no fault while this one is being written
   */
  compile(cell: number, code: string, promised: ReadonlySet<string> = NOTHING): CompileAnswer {
    const prepared = prepareCell(code, this.owners);
    this.newest = { cell, prepared };
    this.globals.standIn(prepared);
    const imports = /\b(?:import|export|require)\b/.test(code);
    if (imports)
      this.host.refresh(
        prepared.specifiers.some(name => !name.startsWith('.')) || /\b(?:import|require)\s*\(/.test(code),
      );
    this.host.set(NEWEST, prepared.text, imports);
    const syntax = this.service.getSyntacticDiagnostics(NEWEST);
    const unchecked = syntax.length > 0 || prepared.skipTypes || this.types === 'off';
    const found = unchecked ? syntax : this.service.getSemanticDiagnostics(NEWEST);
    const shown = new Set<string>();
    const diagnostics = found
      .filter(d => d.category === ts.DiagnosticCategory.Error && d.start !== undefined && !this.isAllowed(d))
      .filter(d => !(NO_NAME.has(d.code) && promised.has(textOf(d))))
      .map(d =>
        withHint(
          toReader(d, code, prepared, file => this.host.isCell(file)),
          this.example(d, shown),
        ),
      );
    if (!unchecked && imports && !this.importsChecked) diagnostics.unshift(...this.imported.faults(NEWEST));
    if (diagnostics.length === 0) return { diagnostics, compiled: this.emit(NEWEST, prepared) };
    const noneYet = this.owners.size === 0;
    const circumstances = { syntax: syntax.length > 0, folder: this.folder, noneYet, inLib: () => this.namesInLib() };
    return { diagnostics: advise(code, diagnostics, circumstances) };
  }

  /** What is wrong with a cell that is being written; a cell that runs meanwhile stays the newest. */
  check(code: string, promised: ReadonlySet<string>): Diagnostic[] {
    const { newest } = this;
    try {
      return this.compile(0, code, promised).diagnostics;
    } finally {
      this.newest = newest;
    }
  }

  /** What the docstring of a function of the lib shows, where a call of it is at fault; each example once. */
  private example(diagnostic: ts.Diagnostic, shown: Set<string>): string | undefined {
    const program = this.service.getProgram();
    const code = program && exampleFor(diagnostic, program.getTypeChecker());
    if (!code || shown.has(code)) return undefined;
    shown.add(code);
    return `for example:${code.includes('\n') ? `\n${code}`.replaceAll('\n', '\n  ') : ` ${code}`}`;
  }

  /** The cell ran: its names (those that got a value) are there for the cells that follow. */
  commit(cell: number, names: string[]): void {
    if (this.newest?.cell !== cell) return;
    const { prepared } = this.newest;
    if (names.length === 0 && prepared.globals.length === 0) return;
    for (const name of names) this.owners.set(name, cell);
    this.usesLib ||= prepared.specifiers.includes('./lib');
    this.cells.set(cell, prepared);
    this.slots.add(cell, prepared.settled, prepared.declared);
    this.globals.add(cell, prepared);
    this.dropUnreachable();
    this.writeScope();
  }

  /** Reads what every cell needs (TypeScript's own declarations, Node's), or with `lib` all that the project's lib needs. */
  warmUp(lib: boolean): void {
    this.usesLib ||= lib;
    this.writeScope();
    this.service.getSemanticDiagnostics(SCOPE);
  }

  /** Checks what `warmUp` has read, a file at each step. */
  checkAhead(): Generator<void> {
    return this.imported.ahead(SCOPE);
  }

  reset(): void {
    this.owners.clear();
    for (const cell of [...this.cells.keys()]) this.drop(cell);
    this.writeScope();
  }

  /** The lib stays in sight even when no name refers to it any more: reading it again takes seconds. */
  private writeScope(): void {
    this.slots.writeScope(this.owners, this.usesLib ? ["import './lib';"] : []);
  }

  private namesInLib(): ReadonlySet<string> {
    const program = this.service.getProgram()!;
    const file = program.getSourceFile(path.join(ROOT, 'lib', 'index.ts'));
    const checker = program.getTypeChecker();
    const symbol = file && checker.getSymbolAtLocation(file);
    return new Set(symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : ['display']);
  }

  private emit(file: string, prepared: PreparedCell): CompiledCell {
    const program = this.service.getProgram()!;
    const output = { js: '', map: '' };
    program.emit(
      program.getSourceFile(file),
      (name, text) => {
        if (name.endsWith('.map')) output.map = text;
        else if (name.endsWith('.js')) output.js = text;
      },
      undefined,
      false,
      { before: [instrument] },
    );
    return {
      js: output.js
        .replace(/^\/\/# sourceMappingURL=.*$/m, '')
        .replaceAll('Object.defineProperty(exports, "', '__lab__.define(exports, "'),
      map: output.map,
      prefixLines: prepared.prefixLines,
      insertions: prepared.insertions,
      declared: prepared.declared,
      specifiers: prepared.specifiers,
    };
  }

  private isAllowed(diagnostic: ts.Diagnostic): boolean {
    if (diagnostic.code === ASSIGN_TO_IMPORT) return !this.assignsConst(diagnostic);
    return RUNS.has(diagnostic.code);
  }

  /** TypeScript forbids any assignment to an import; ours stand for earlier cells' variables, where only const is fixed. */
  private assignsConst(diagnostic: ts.Diagnostic): boolean {
    const name = textOf(diagnostic);
    const owner = this.owners.get(name);
    const ownFile = owner === undefined ? undefined : this.slots.fileOf(owner);
    const file = ownFile === undefined ? undefined : this.service.getProgram()!.getSourceFile(ownFile);
    const declaration = file?.statements.find(
      statement => ts.isVariableStatement(statement) && new RegExp(`\\b${name}\\b`).test(statement.getText()),
    );
    return (
      !declaration ||
      !ts.isVariableStatement(declaration) ||
      (declaration.declarationList.flags & ts.NodeFlags.Const) !== 0
    );
  }

  /** Forgets cells whose names have all been declared anew, unless a living cell's types still go through them. */
  private dropUnreachable(): void {
    const alive = new Set<number>();
    const visit = (cell: number): void => {
      if (alive.has(cell)) return;
      alive.add(cell);
      for (const used of this.cells.get(cell)?.uses ?? []) visit(used);
    };
    for (const cell of [...this.owners.values(), ...this.globals.cells()]) visit(cell);
    for (const cell of [...this.cells.keys()]) if (!alive.has(cell)) this.drop(cell);
  }

  private drop(cell: number): void {
    this.slots.drop(cell);
    this.globals.drop(cell);
    this.cells.delete(cell);
  }
}
