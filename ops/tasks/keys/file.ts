import { open } from "node:fs/promises";
import { formatDocument, type KeysDocument, parseDocument } from "../../../shared/security/keys_document.ts";

/**
 * Changes the keys file as a whole, so that whoever reads it sees the one or the other. The new file, which nobody else
 * may read, is a lock too: of two commands at once one is refused.
 */
export async function changeKeysFile(
  path: string,
  change: (document: KeysDocument) => KeysDocument,
): Promise<KeysDocument> {
  const next = `${path}.new`;
  const file = await open(next, "wx", 0o600).catch((error) => {
    if (error.code !== "EEXIST") throw error;
    throw new Error(`Another command changes the keys, or was killed then: if none runs, remove "${next}"`);
  });
  try {
    const changed = change(await readDocument(path));
    const text = formatDocument(changed);
    // Nobody could read what a broken file encrypts.
    parseDocument(text);
    await file.writeFile(text);
    await file.sync();
    await Deno.rename(next, path);
    return changed;
  } catch (error) {
    await Deno.remove(next);
    throw error;
  } finally {
    await file.close();
  }
}

export async function readDocument(path: string): Promise<KeysDocument> {
  return parseDocument(await Deno.readTextFile(path));
}

/** Keeps a key that was taken out: backups from its time cannot be read without it. */
export async function keepRetired(path: string, ring: string, id: string, key: string): Promise<string> {
  const file = `${path}.retired`;
  const line = `${JSON.stringify({ ring, id, key })}\n`;
  await Deno.writeTextFile(file, line, { append: true, create: true, mode: 0o600 });
  return file;
}
