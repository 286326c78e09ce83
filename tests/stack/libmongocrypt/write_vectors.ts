import { Buffer } from "node:buffer";
import { Binary, BSON } from "mongodb";
import { openTestMongo } from "../mongodb.ts";
import { type Libmongocrypt, openLibmongocrypt } from "./libmongocrypt.ts";
import { VALUES } from "./values.ts";

/**
 * `. .stack/env && deno run -A tests/stack/libmongocrypt/write_vectors.ts` writes anew what the fast tests compare with:
 * what libmongocrypt makes of `VALUES` under keys that are known.
 */
async function writeVectors(): Promise<void> {
  const { mongo, drop } = await openTestMongo();
  const masterKey = bytesFrom(0);
  const dataKey = bytesFrom(100);
  const library = await openLibmongocrypt(mongo.keyVault.namespace, { local: masterKey });
  try {
    await library.createDataKey("local", NAME, dataKey);
    const vectors = {
      madeBy: `libmongocrypt ${await library.version()}, by tests/stack/libmongocrypt/write_vectors.ts`,
      masterKey: masterKey.toString("base64"),
      dataKey: dataKey.toString("base64"),
      document: await mongo.keyVault.findOne({ keyAltNames: NAME }),
      values: await encryptAll(library),
    };
    await Deno.writeTextFile(FILE, `${BSON.EJSON.stringify(vectors, undefined, 2, { relaxed: false })}\n`);
  } finally {
    await library.close();
    await drop();
  }
}

async function encryptAll(library: Libmongocrypt): Promise<readonly unknown[]> {
  const vectors = [];
  for (const [title, { value, deterministic }] of Object.entries(VALUES)) {
    vectors.push({
      title,
      value,
      random: hex(await library.encrypt(NAME, value, "random")),
      ...(deterministic && { deterministic: hex(await library.encrypt(NAME, value, "deterministic")) }),
    });
  }
  return vectors;
}

/** 96 bytes that rise: a key for tests, which nobody takes for a real one. */
function bytesFrom(first: number): Binary {
  return new Binary(Buffer.from(Array.from({ length: 96 }, (_, i) => first + i)));
}

function hex(field: Binary): string {
  return field.toString("hex");
}

const NAME = "kependudukan-sms";
const FILE = new URL("../../../shared/adapters/mongodb/encryption/vectors.json", import.meta.url);

if (import.meta.main) await writeVectors();
