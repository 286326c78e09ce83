import { once } from "node:events";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Binary, BSON, type Document, UUID } from "mongodb";
import type { Algorithm } from "../../../shared/adapters/mongodb/encryption/ciphertext.ts";
import { variable } from "../variables.ts";
import { ensurePython } from "./venv.ts";

/** MongoDB's own library, by Python: with the master keys of `providers`, on the key vault `vault`. */
export async function openLibmongocrypt(vault: string, providers: Providers): Promise<Libmongocrypt> {
  const script = fileURLToPath(new URL("libmongocrypt.py", import.meta.url));
  const python = spawn(await ensurePython(), [script], {
    env: { MONGODB_URI: variable("MONGODB_URI") },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  // One after the other: the answers come in the order of the commands.
  let last: Promise<unknown> = Promise.resolve();
  const ask = (command: Record<string, unknown>): Promise<unknown> => {
    const asked = last.then(async () => {
      python.stdin.write(`${BSON.EJSON.stringify({ vault, providers, ...command }, { relaxed: false })}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`Python ended at "${command["do"]}"`);
      const { answer, refused } = BSON.EJSON.parse(line.value, { relaxed: false });
      if (refused !== undefined) throw new Error(`libmongocrypt refused: ${refused}`);
      return answer;
    });
    last = asked.catch(() => {});
    return asked;
  };
  return {
    version: async () => String(await ask({ do: "version" })),
    createDataKey: async (provider, name, material) =>
      toUuid(await ask({ do: "createDataKey", provider, name, ...(material && { material }) })),
    encrypt: async (name, value, algorithm) => toBinary(await ask({ do: "encrypt", name, value, algorithm })),
    decrypt: (field) => ask({ do: "decrypt", field }),
    getKey: async (name) => Object(await ask({ do: "getKey", name })),
    rewrap: async (provider) => Number(String(await ask({ do: "rewrap", provider }))),
    async close() {
      const ended = once(python, "exit");
      python.stdin.end();
      await ended;
    },
  };
}

export interface Libmongocrypt {
  version(): Promise<string>;
  /** Answers its id; the material is random unless told. */
  createDataKey(provider: string, name: string, material?: Binary): Promise<UUID>;
  encrypt(name: string, value: unknown, algorithm: Algorithm): Promise<Binary>;
  /** Rejects with what the library says. */
  decrypt(field: Binary): Promise<unknown>;
  getKey(name: string): Promise<Document>;
  /** Puts every data key under the master key of this provider; answers how many it changed. */
  rewrap(provider: string): Promise<number>;
  close(): Promise<void>;
}

/** Master keys by the name of the provider: "local", or "local:" and a name of one's own. */
export type Providers = Readonly<Record<string, Binary>>;

function toUuid(answer: unknown): UUID {
  if (answer instanceof UUID) return answer;
  return toBinary(answer).toUUID();
}

function toBinary(answer: unknown): Binary {
  if (answer instanceof Binary) return answer;
  throw new Error("Expect libmongocrypt to answer with a binary");
}
