/**
 * Why a cell cannot run in a page, by the name of its error: the page then says so in its reader's language, and leaves the
 * saved output where it is.
 */
export const REFUSALS = {
  NotInAPage: 'program',
  NeedsTensorFlow: 'library',
  NeedsPackage: 'package',
  NeedsFile: 'file',
  NeedsConnection: 'connection',
} as const;

export type Refusal = (typeof REFUSALS)[keyof typeof REFUSALS];

/** An error that the page knows by its name. */
export function refusal(name: keyof typeof REFUSALS, message: string): Error {
  return Object.assign(new Error(`${message}: this cell runs in JupyterLab on a computer only`), { name });
}
