/**
 * What a person typed and must outlive a reload or a lost connection: values in IndexedDB, encrypted with AES-256-GCM.
 * The key is made in the browser and cannot be read out by any script, nor is it in any copy of the stored data but a
 * whole browser profile. (localStorage would hold names and NIKs in clear, for every script and every backup.)
 */
export interface SealedStore {
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}

export async function openSealedStore(database = "portal"): Promise<SealedStore> {
  const opened = await open(database);
  const key = await ensureKey(opened);
  return {
    async read(name) {
      const sealed: Sealed | undefined = await done(opened.transaction(VALUES).objectStore(VALUES).get(name));
      if (sealed === undefined) return undefined;
      const algorithm = { name: "AES-GCM", iv: sealed.iv, additionalData: bytes(name) };
      const text = new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, sealed.data));
      const value: unknown = JSON.parse(text);
      return value;
    },
    async write(name, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      // Bound to its name: nobody can put one value in another's place.
      const algorithm = { name: "AES-GCM", iv, additionalData: bytes(name) };
      const data = await crypto.subtle.encrypt(algorithm, key, bytes(JSON.stringify(value)));
      await committed(opened, VALUES, (values) => values.put({ iv, data } satisfies Sealed, name));
    },
    async remove(name) {
      await committed(opened, VALUES, (values) => values.delete(name));
    },
  };
}

const KEYS = "keys";
const VALUES = "values";

interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(KEYS);
    request.result.createObjectStore(VALUES);
  };
  return done(request);
}

/** Two tabs may come first at once: `add` refuses the second, which takes the key of the first. */
async function ensureKey(database: IDBDatabase): Promise<CryptoKey> {
  const known = await findKey(database);
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  try {
    await committed(database, KEYS, (keys) => keys.add(fresh, "own"));
    return fresh;
  } catch (error) {
    const winner = await findKey(database);
    if (winner) return winner;
    throw error;
  }
}

function findKey(database: IDBDatabase): Promise<CryptoKey | undefined> {
  return done(database.transaction(KEYS).objectStore(KEYS).get("own"));
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when it is on the disk and not only in a transaction. */
function committed(
  database: IDBDatabase,
  store: string,
  change: (store: IDBObjectStore) => IDBRequest,
): Promise<void> {
  const transaction = database.transaction(store, "readwrite", { durability: "strict" });
  change(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
