/**
 * The files in which TypeScript sees the cells that have run. There is a fixed row of them, each importing the one scope
 * module, which exports from every one of them: a cell that comes or goes changes texts but not which file imports
 * which, so TypeScript keeps the structure of its program (1,000 files, 30 ms) and only checks the new cell.
 */
import path from 'node:path';
import { ROOT } from '../paths';
import { nameOfCell, SCOPE_MODULE } from './cell-names';
import type { CellHost } from './host';

export const SCOPE = path.join(ROOT, `${SCOPE_MODULE}.ts`);

/** Cells that fit before the row grows, which costs TypeScript one look at all files. */
const FIRST_ROW = 64;

export class CellSlots {
  /** Which cell stands in each file; undefined: none. */
  private readonly row: (number | undefined)[] = [];
  private readonly names = new Map<number, readonly string[]>();

  constructor(private readonly host: CellHost) {
    this.grow(FIRST_ROW);
  }

  /** @param settled the cell's module, with earlier names taken from the cells that declared them */
  add(cell: number, settled: string, names: readonly string[]): void {
    if (!this.row.includes(undefined)) this.grow(this.row.length);
    const slot = this.row.indexOf(undefined);
    this.row[slot] = cell;
    this.names.set(cell, names);
    this.host.set(slotFile(slot), settled);
  }

  /** Another text for a cell that has one. */
  replace(cell: number, settled: string): void {
    const slot = this.row.indexOf(cell);
    if (slot >= 0) this.host.set(slotFile(slot), settled);
  }

  drop(cell: number): void {
    const slot = this.row.indexOf(cell);
    if (slot < 0) return;
    this.row[slot] = undefined;
    this.names.delete(cell);
    this.host.set(slotFile(slot), EMPTY);
  }

  /** The file of a cell that has run; undefined where it is forgotten. */
  fileOf(cell: number): string | undefined {
    const slot = this.row.indexOf(cell);
    return slot < 0 ? undefined : slotFile(slot);
  }

  /**
   * Writes the scope module: each name as the newest cell sees it, and each cell's names under names of their own, by
   * which later cells stay tied to the declaration that they were checked with.
   */
  writeScope(owners: ReadonlyMap<string, number>, more: readonly string[]): void {
    const lines = this.row.map((cell, slot) => {
      const own = cell === undefined ? [] : (this.names.get(cell) ?? []);
      const exports = own.map(name => `${name} as ${nameOfCell(cell!, name)}`);
      for (const name of own) if (owners.get(name) === cell) exports.push(name);
      return `export { ${exports.join(', ')} } from './${slotModule(slot)}';`;
    });
    this.host.set(SCOPE, ['export {};', ...more, ...lines].join('\n'));
  }

  private grow(by: number): void {
    for (let i = 0; i < by; i++) this.host.set(slotFile(this.row.push(undefined) - 1), EMPTY);
  }
}

const EMPTY = `export {}; import {  } from './${SCOPE_MODULE}';`;
const slotModule = (slot: number): string => `__cell_${slot}`;
const slotFile = (slot: number): string => path.join(ROOT, `${slotModule(slot)}.ts`);
