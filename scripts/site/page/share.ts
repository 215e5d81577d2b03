/** Addresses that carry changed code: what stands behind `#` never leaves the browser that opens it. */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';

export interface Shared {
  /** The cell to look at. */
  cell: string;
  /** Changed code by the cell's id. */
  edits: ReadonlyMap<string, string>;
}

/** Longer code than this, in bytes, is no cell: a link that unpacks to more is refused. */
const LONGEST = 1_000_000;
const CODE = 'code.';

/**
 * The address of a page with changed cells.
 * @param page its address; what stands behind `#` is replaced
 */
export function linkTo(page: string, { cell, edits }: Shared): string {
  const parts = new URLSearchParams({ cell });
  for (const [id, code] of edits) parts.set(CODE + id, pack(code));
  const url = new URL(page);
  url.hash = parts.toString();
  return url.href;
}

/** The same address without the changed code of one cell. */
export function withoutCode(page: string, cell: string): string {
  const url = new URL(page);
  const parts = new URLSearchParams(url.hash.slice(1));
  if (!parts.has(CODE + cell)) return page;
  parts.delete(CODE + cell);
  url.hash = parts.toString();
  return url.href;
}

/** Puts it into the address line and on the clipboard; false where the browser does not let it onto the clipboard. */
export async function putInAddress(shared: Shared): Promise<boolean> {
  const address = linkTo(location.href, shared);
  history.replaceState(null, '', address);
  const copied = await navigator.clipboard?.writeText(address).then(
    () => true,
    () => false,
  );
  return copied ?? false;
}

/** What an address carries; undefined where it carries no code. @throws where the code is damaged or too long */
export function readLink(page: string): Shared | undefined {
  const parts = new URLSearchParams(new URL(page).hash.slice(1));
  const cell = parts.get('cell');
  if (cell === null) return undefined;
  const edits = [...parts].filter(([name]) => name.startsWith(CODE));
  return { cell, edits: new Map(edits.map(([name, code]) => [name.slice(CODE.length), unpack(code)])) };
}

function pack(text: string): string {
  const binary = Array.from(deflateSync(strToU8(text), { level: 9 }), byte => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function unpack(text: string): string {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, letter => letter.charCodeAt(0));
    const code = inflateSync(bytes, { out: new Uint8Array(LONGEST) }); // cut where it is longer
    if (code.length < LONGEST) return strFromU8(code);
  } catch {
    // said below
  }
  throw new Error('the code in this address is damaged or too long');
}
