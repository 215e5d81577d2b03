/** Compiles cells one after the other, each knowing the names of those before. Drives TypeScript's language service. */
import path from 'node:path';
import ts from 'typescript';
import type { CompileAnswer, CompiledCell, Diagnostic } from '../messages';
import { ROOT } from '../paths';
import { type PreparedCell, placeAt, prepareCell } from './cell';
import { CellHost } from './host';
import { ImportedFiles, RUNS } from './imported';
import { instrument } from './instrument';
import { CellSlots, SCOPE } from './slots';

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
  private usesLib = false;
  private newest: { cell: number; prepared: PreparedCell } | undefined;

  constructor(
    readonly folder: string,
    private readonly types: TypeMode = 'strict',
  ) {
    this.host = new CellHost(folder, [NEWEST, SCOPE]);
    this.slots = new CellSlots(this.host);
    this.writeScope();
    this.service = ts.createLanguageService(this.host, ts.createDocumentRegistry());
    this.imported = new ImportedFiles(this.host, this.service);
  }

  /** Checks and translates a cell. Its names count for later cells only after `commit`. */
  compile(cell: number, code: string): CompileAnswer {
    const prepared = prepareCell(code, this.owners);
    this.newest = { cell, prepared };
    const imports = /\b(?:import|export|require)\b/.test(code);
    if (imports)
      this.host.refresh(
        prepared.specifiers.some(name => !name.startsWith('.')) || /\b(?:import|require)\s*\(/.test(code),
      );
    this.host.set(NEWEST, prepared.text, imports);
    const syntax = this.service.getSyntacticDiagnostics(NEWEST);
    const unchecked = syntax.length > 0 || prepared.skipTypes || this.types === 'off';
    const found = unchecked ? syntax : this.service.getSemanticDiagnostics(NEWEST);
    const diagnostics = found
      .filter(d => d.category === ts.DiagnosticCategory.Error && d.start !== undefined && !this.isAllowed(d))
      .map(d => toReader(d, code, prepared));
    if (!unchecked && imports) diagnostics.unshift(...this.imported.faults(NEWEST));
    return diagnostics.length ? { diagnostics } : { diagnostics, compiled: this.emit(NEWEST, prepared) };
  }

  /** The cell ran: its names (those that got a value) are there for the cells that follow. */
  commit(cell: number, names: string[]): void {
    if (this.newest?.cell !== cell || names.length === 0) return;
    const { prepared } = this.newest;
    for (const name of names) this.owners.set(name, cell);
    this.usesLib ||= prepared.specifiers.includes('./lib');
    this.cells.set(cell, prepared);
    this.slots.add(cell, prepared.settled, prepared.declared);
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
    const name = diagnostic.file!.text.substr(diagnostic.start!, diagnostic.length!);
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
    for (const cell of this.owners.values()) visit(cell);
    for (const cell of [...this.cells.keys()]) if (!alive.has(cell)) this.drop(cell);
  }

  private drop(cell: number): void {
    this.slots.drop(cell);
    this.cells.delete(cell);
  }
}

function toReader(d: ts.Diagnostic, code: string, prepared: PreparedCell): Diagnostic {
  const start = originalOffset(d.start!, prepared);
  const end = originalOffset(d.start! + (d.length ?? 1), prepared);
  return {
    start: placeAt(code, Math.min(start, code.length)),
    end: placeAt(code, Math.min(Math.max(end, start + 1), code.length)),
    message: ts.flattenDiagnosticMessageText(d.messageText, '\n'),
    code: d.code,
  };
}

/** Offset in the module's text → offset in the reader's cell. */
function originalOffset(offset: number, { text, insertions }: PreparedCell): number {
  const prefix = text.indexOf('\n') + 1;
  const place = placeAt(text.slice(prefix), Math.max(0, offset - prefix));
  let shift = 0;
  let inserted = 0;
  for (const insertion of insertions) {
    const after =
      insertion.line < place.line || (insertion.line === place.line && insertion.column + inserted < place.column);
    inserted = insertion.line === place.line ? inserted + insertion.length : 0;
    if (after) shift += insertion.length;
  }
  return Math.max(0, offset - prefix - shift);
}
