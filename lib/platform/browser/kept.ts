/**
 * Files that outlive the tab: the browser's own database has a copy of each file that a lesson's cells have written, and
 * the lesson's next visit begins with them. Workers and pages reach it alike.
 */

const STORE = 'files';

/** Whose file it is, and its path from the project's folder. Lessons share none, nor do short and full trainings. */
type Key = [lesson: string, budgets: string, file: string];

/** A database that has not opened by then, in ms, will not. */
const PATIENCE = 3000;

const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @throws where the browser keeps nothing: a private window of some browsers, or a reader who has forbidden it */
export async function openKept(): Promise<IDBDatabase> {
  const request = indexedDB.open('latentlab', 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('the browser’s storage does not answer')), PATIENCE);
  });
  return Promise.race([answered(request), late]);
}

/** All keys that begin with `start`; a list is greater than every string. */
const below = (start: string[]): IDBKeyRange => IDBKeyRange.bound(start, [...start, []]);

const keysOf = async (database: IDBDatabase, start: string[]): Promise<Key[]> =>
  (await answered(database.transaction(STORE).objectStore(STORE).getAllKeys(below(start)))) as unknown as Key[];

/** The files of a lesson with these budgets. */
export async function readKept(database: IDBDatabase, owner: [string, string]): Promise<Map<string, Uint8Array>> {
  const found = await keysOf(database, owner);
  const store = database.transaction(STORE).objectStore(STORE);
  const bytes = await Promise.all(found.map(key => answered<Uint8Array>(store.get(key))));
  return new Map(found.map(([, , file], i) => [file, bytes[i]]));
}

/**
 * Writes files, and removes those without bytes. It is under way when this returns: a worker that is ended then, or turns
 * without waiting, loses nothing. Resolves when the browser has it. @throws where it has no room
 */
export function writeKept(
  database: IDBDatabase,
  owner: [string, string],
  files: ReadonlyMap<string, Uint8Array | undefined>,
): Promise<void> {
  const transaction = database.transaction(STORE, 'readwrite');
  const store = transaction.objectStore(STORE);
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the browser keeps nothing more'));
  });
  for (const [file, bytes] of files) {
    if (bytes) store.put(bytes, [...owner, file]);
    else store.delete([...owner, file]);
  }
  transaction.commit();
  return ended;
}

/** Names of all files that a lesson has written, whatever its budgets. */
export async function listKept(lesson: string): Promise<string[]> {
  const keys = await keysOf(await openKept(), [lesson]);
  return [...new Set(keys.map(([, , file]) => file))].sort();
}

/** Removes them. */
export async function clearKept(lesson: string): Promise<void> {
  const database = await openKept();
  await answered(
    database
      .transaction(STORE, 'readwrite')
      .objectStore(STORE)
      .delete(below([lesson])),
  );
}
