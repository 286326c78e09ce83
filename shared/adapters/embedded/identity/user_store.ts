import { open, rename } from "node:fs/promises";
import { z } from "zod";

/** Where users outlive the process. */
export interface UserStore {
  load(): Promise<readonly StoredUser[]>;
  /** Resolves when what `users` answers is safe. Asked again while a write runs, it writes once more, for all. */
  save(users: () => readonly StoredUser[]): Promise<void>;
}

/** For tests: users end with the process. */
export const FORGETFUL: UserStore = { load: () => Promise.resolve([]), save: () => Promise.resolve() };

/** A JSON file for the owner's eyes alone; it holds names and password hashes. Replaced whole, so never half written. */
export function openUserFile(path: string): UserStore {
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    async load() {
      const text = await readIfThere(path);
      if (text === undefined) return [];
      const parsed = storedUsers.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      throw new Error(`Cannot read the users of "${path}": mend the file, or move it away to begin anew`);
    },
    save(users) {
      next ??= last.then(async () => {
        next = undefined;
        await replace(path, JSON.stringify(users()));
      });
      const written = next;
      // A write that failed tells those who waited for it; the next one tries again.
      last = written.catch(() => {});
      return written;
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const storedUsers = z.array(z.strictObject({
  id: z.string(),
  username: z.string(),
  enabled: z.boolean(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  email: z.string().optional(),
  provinsi: z.string().optional(),
  password: z.strictObject({ kind: z.literal("stored"), hash: z.string() }).optional(),
  mustChangePassword: z.boolean(),
  realmRoles: z.array(z.string()).readonly(),
}));

export type StoredUser = z.output<typeof storedUsers>[number];
