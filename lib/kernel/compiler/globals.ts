/** What cells have declared for all (`declare global`): it holds in later cells, until a later cell declares the same anew. */
import type { PreparedCell } from './cell';
import type { CellSlots } from './slots';

export class GlobalDeclarations {
  private readonly declared = new Map<number, PreparedCell>();
  /** Cells whose declarations the newest cell replaces, if it runs. */
  private replaced: number[] = [];

  constructor(private readonly slots: CellSlots) {}

  /** Cells to be kept for what they declare. */
  cells(): Iterable<number> {
    return this.declared.keys();
  }

  /** Before a cell is checked: what it declares anew must not meet the older declaration. */
  standIn({ globals }: PreparedCell): void {
    for (const cell of this.replaced) this.slots.replace(cell, this.declared.get(cell)!.settled);
    this.replaced = [...this.declared]
      .filter(([, older]) => older.globals.some(name => globals.includes(name)))
      .map(([cell]) => cell);
    for (const cell of this.replaced) this.slots.replace(cell, this.declared.get(cell)!.settledAlone);
  }

  /** The cell ran. */
  add(cell: number, prepared: PreparedCell): void {
    for (const older of this.replaced) this.declared.delete(older);
    this.replaced = [];
    if (prepared.globals.length) this.declared.set(cell, prepared);
  }

  drop(cell: number): void {
    this.declared.delete(cell);
    this.replaced = this.replaced.filter(one => one !== cell);
  }
}
