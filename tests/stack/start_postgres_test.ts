import { before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { checkDatabase } from "../../shared/adapters/postgres/start_check.ts";
import { Cut } from "./cut.ts";
import { closedPort, type Fault, FAULTS, faultServer } from "./fault_server.ts";
import {
  postgresAnswering,
  postgresHangingUp,
  postgresRefusing,
  postgresWithCertificate,
  selfSigned,
} from "./postgres_faults.ts";
import { variable } from "./variables.ts";

describe("The start against PostgreSQL", () => {
  let certificate: { key: string; cert: string };
  before(async () => certificate = await selfSigned());

  it("passes with the database of the stack", () => checkDatabase(variable("DATABASE_URL")));

  it("waits for a server that is not up yet", async () => {
    const { hostname, port } = new URL(variable("DATABASE_URL"));
    const cut = await Cut.before({ hostname, port: Number(port) });
    await cut.down();
    const check = checkDatabase(stackUrl({ port: cut.port }));
    await cut.up();
    await check;
    await cut.down();
  });

  for (
    const [what, fault, reason] of [
      ["never answers", FAULTS.hang, "no answer in time"],
      ["closes at once", FAULTS.close, "it closes the connection"],
      ["lets us in and hangs up", postgresHangingUp, "it closes the connection"],
      ["speaks something else", FAULTS.garbage, "no answer in time"],
      [
        "is starting",
        postgresRefusing("57P03", "the database system is starting up"),
        "it is starting or stopping",
      ],
      ["is full", postgresRefusing("53300", "sorry, too many clients already"), "it has no connection left"],
    ] as const
  ) {
    it(`gives up in time on a server that ${what}`, async () => {
      await using server = await faultServer(fault);
      await assertUnusable(
        checkDatabase(stackUrl({ port: server.port }), SHORT),
        `DATABASE_URL names a PostgreSQL that cannot be reached: ${reason}`,
      );
    });
  }

  it("gives up in time where nobody listens, and on a name that nobody has", async () => {
    await assertUnusable(
      checkDatabase(stackUrl({ port: await closedPort() }), SHORT),
      "DATABASE_URL names a PostgreSQL that cannot be reached: connection refused",
    );
    await assertUnusable(
      checkDatabase(stackUrl({ hostname: "tidak-ada.invalid" }), SHORT),
      "DATABASE_URL names a PostgreSQL that cannot be reached: its name is not known",
    );
  });

  for (
    const [what, change, sentence] of [
      ["a wrong password", { password: "salah" }, "holds a user and password that the server refuses"],
      ["no password", { password: "" }, "holds no password, and the server asks for one"],
      ["an unknown user", { username: "tidakada" }, "holds a user and password that the server refuses"],
      [
        "no such database",
        { pathname: "/tidak-ada" },
        'names the database "tidak-ada", which does not exist',
      ],
      [
        "TLS where there is none",
        { search: "?sslmode=verify-full" },
        "asks for TLS (sslmode), which the server does not speak",
      ],
    ] as const
  ) {
    it(`does not wait for ${what}`, async () => {
      await assertUnusable(checkDatabase(stackUrl(change)), `DATABASE_URL ${sentence}`);
    });
  }

  const old = postgresAnswering({ version: "140022", pgcrypto: true });
  const bare = postgresAnswering({ version: "180004", pgcrypto: false });
  const noEncryption = postgresRefusing(
    "28000",
    'no pg_hba.conf entry for host "127.0.0.1", user "u", database "d", no encryption',
  );
  const otherHost = postgresRefusing(
    "28000",
    'no pg_hba.conf entry for host "127.0.0.1", user "u", database "d", SSL encryption',
  );
  for (
    const [what, fault, sentence] of [
      ["is too old", old, "names a PostgreSQL 14, and 15 is the oldest that fits"],
      ["lacks pgcrypto", bare, "names a PostgreSQL without pgcrypto: install its contrib modules"],
      ["wants TLS", noEncryption, "names a server that wants TLS: add sslmode=verify-full"],
      ["lets nobody in from here", otherHost, "holds a user whom the server does not let in from here"],
    ] as const
  ) {
    it(`does not wait for a server that ${what}`, async () => {
      await using server = await faultServer(fault);
      await assertUnusable(checkDatabase(stackUrl({ port: server.port })), `DATABASE_URL ${sentence}`);
    });
  }

  it("does not wait for TLS with a stranger, or with something that does not speak it", async () => {
    const withTls = async (fault: Fault) => {
      await using server = await faultServer(fault);
      await checkDatabase(stackUrl({ port: server.port, search: "?sslmode=verify-full" }));
    };
    await assertUnusable(
      withTls(postgresWithCertificate(certificate)),
      "DATABASE_URL names a server whose certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)",
    );
    await assertUnusable(
      withTls(FAULTS.garbage),
      "DATABASE_URL names a server that does not answer as a PostgreSQL",
    );
  });

  it("ends with the process, however long it may still wait", async () => {
    const stop = new AbortController();
    await using server = await faultServer(() => stop.abort(new Error("stopping")));
    await assert.rejects(checkDatabase(stackUrl({ port: server.port }), { signal: stop.signal }), /stopping/);
  });
});

/** The stack's `DATABASE_URL` with parts replaced. */
function stackUrl(
  change: Partial<Pick<URL, "hostname" | "password" | "username" | "pathname" | "search">> & {
    port?: number;
  },
): string {
  const { port, ...rest } = change;
  const url = Object.assign(new URL(variable("DATABASE_URL")), rest);
  if (port !== undefined) url.port = String(port);
  return url.href;
}

async function assertUnusable(check: Promise<void>, message: string): Promise<void> {
  await assert.rejects(check, { name: "Unusable", message });
}

/** For faults that pass, which are waited for. */
const SHORT = { withinMs: 300, attemptMs: 100 };
