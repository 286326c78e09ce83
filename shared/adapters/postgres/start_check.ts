import { Socket } from "node:net";
// @ts-types="@types/pg"
import pg from "pg";
import { reach, type Target, Unusable } from "../../resilience/reach.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { classify } from "./errors.ts";

/**
 * Looks at the start of a process whether the database of `DATABASE_URL` is there and fit. Waits for a server that is
 * away or starting; rejects with `Unusable`, which begins with the variable, and at once for what no wait will mend: a
 * wrong password, TLS on one side only, no such database, a server that is too old or lacks pgcrypto.
 */
export async function checkDatabase(secret: Secret | string, wait: DatabaseWait = {}): Promise<void> {
  const target: Target = { ...wait, variable: "DATABASE_URL", server: "PostgreSQL", explain };
  await reach(target, async (signal) => {
    // A socket of our own, since pg has no other way to give up an answer that never comes.
    const socket = new Socket();
    const giveUp = () => socket.destroy(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    const url = toSecret(secret).value();
    try {
      await look(url, socket);
    } catch (error) {
      throw hopeless(error, url) ?? error;
    } finally {
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
    }
  });
}

export type DatabaseWait = Pick<Target, "withinMs" | "attemptMs" | "signal">;

async function look(url: string, socket: Socket): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: "start", stream: () => socket });
  // The call under way fails too; without a listener the loss would be an uncaught exception besides.
  client.on("error", () => {});
  await client.connect();
  const { rows: [found] } = await client.query<Fitness>(FITNESS);
  const version = Math.floor(Number(found?.version) / 10_000);
  if (!(version >= OLDEST)) {
    throw new Unusable(
      "DATABASE_URL",
      `names a PostgreSQL ${version}, and ${OLDEST} is the oldest that fits`,
    );
  }
  if (!found?.pgcrypto) {
    throw new Unusable("DATABASE_URL", "names a PostgreSQL without pgcrypto: install its contrib modules");
  }
  await client.end();
}

/** The sentence for what no wait will mend. Never the server's own words: they may repeat what the URL holds. */
function hopeless(error: unknown, url: string): Unusable | undefined {
  if (!(error instanceof Error) || error instanceof Unusable) return undefined;
  const { code } = classify(error);
  const sentence = BY_CODE[code] ?? BY_WORDS.find(([words]) => words.test(error.message))?.[1];
  if (sentence !== undefined) return new Unusable("DATABASE_URL", sentence, { cause: error });
  if (code === "3D000") {
    const name = decodeURIComponent(new URL(url).pathname.slice(1));
    return new Unusable("DATABASE_URL", `names the database "${name}", which does not exist`, {
      cause: error,
    });
  }
  if (CERTIFICATE.test(code)) {
    const sentence = `names a server whose certificate is not trusted (${code})`;
    return new Unusable("DATABASE_URL", sentence, { cause: error });
  }
  return undefined;
}

function explain(error: unknown): string {
  const { code } = classify(error);
  return PASSING[code] ?? code;
}

interface Fitness {
  readonly version: string;
  readonly pgcrypto: boolean;
}

const FITNESS = `select current_setting('server_version_num') as version,
  exists (select from pg_available_extensions where name = 'pgcrypto') as pgcrypto`;
const OLDEST = 15;

const BY_CODE: Readonly<Record<string, string>> = {
  "28P01": "holds a user and password that the server refuses",
};

/** pg and the server tell these by words alone; see also libpq's 28000, which has many reasons. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/no encryption$|SSL off$/, "names a server that wants TLS: add sslmode=verify-full"],
  [/no pg_hba\.conf entry/, "holds a user whom the server does not let in from here"],
  [/password must be a string$/, "holds no password, and the server asks for one"],
  [/^The server does not support SSL/, "asks for TLS (sslmode), which the server does not speak"],
  [/error establishing an SSL connection$/, "names a server that does not answer as a PostgreSQL"],
];

/** Codes of OpenSSL's verification as Node names them. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

const PASSING: Readonly<Record<string, string>> = {
  "ECONNREFUSED": "connection refused",
  "ECONNRESET": "it closes the connection",
  "connection-lost": "it closes the connection",
  "timeout": "no answer in time",
  "ENOTFOUND": "its name is not known",
  "EAI_AGAIN": "its name cannot be looked up",
  "57P03": "it is starting or stopping",
  "53300": "it has no connection left",
};
