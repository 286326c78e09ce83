// @ts-types="@types/pg"
import pg from "pg";
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeDatabaseFolder } from "../../../tests/run/memory.ts";
import { DataDirLocked, type EmbeddedPostgres, startPostgres } from "./postgres_server.ts";

describe("embedded PostgreSQL", () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  let givenUp: unknown;
  before(async () => {
    dataDir = await makeDatabaseFolder();
    const giveUp = new AbortController();
    const log = (sentence: string) => sentence.startsWith("Creating") && giveUp.abort(new Error("cukup"));
    givenUp = await startPostgres({ dataDir, signal: giveUp.signal, log }).catch((error: unknown) => error);
    server = await startPostgres({ dataDir });
    await query(server.url, "create table catatan (isi text)");
  });
  after(async () => {
    await server.stop();
    await Deno.remove(dataDir, { recursive: true });
  });

  it("gives up a first start when told to, and starts afresh the next time", () => {
    assert(givenUp instanceof Error);
    assert.equal(givenUp.message, "cukup");
  });

  it("runs PostgreSQL 18 durably, on the loopback address only, with pgcrypto", async () => {
    const [row] = await query(
      server.url,
      `select current_setting('server_version_num')::int / 10000 as major, current_setting('fsync') as fsync,
         current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
         current_setting('log_parameter_max_length') as logged, pgp_sym_decrypt(pgp_sym_encrypt('x', 'k'), 'k') as x`,
    );
    assert.deepEqual(row, {
      major: 18,
      fsync: "on",
      addresses: "127.0.0.1",
      sockets: "",
      logged: "0",
      x: "x",
    });
  });

  it("asks for the password that only this account can read", async () => {
    const { mode } = await Deno.stat(join(dataDir, "password"));
    assert.equal((mode ?? 0) & 0o777, 0o600);
    const wrong = new URL(server.url);
    wrong.password = "salah";
    await assert.rejects(query(wrong.href, "select 1"), { code: "28P01" });
  });

  it("creates further databases, once each", async () => {
    const url = await server.createDatabase("kedua");
    assert.equal(await server.createDatabase("kedua"), url);
    assert.deepEqual(await query(url, "select gen_random_bytes(1) is not null as ok"), [{ ok: true }]);
  });

  it("listens on the port that it is told, and says at once when that is taken", async () => {
    await server.stop();
    const port = freePort();
    server = await startPostgres({ dataDir, port });
    assert.equal(new URL(server.url).port, String(port));
    assert.equal((await query(server.url, "select from catatan")).length, 0);
    await server.stop();
    using _other = Deno.listen({ hostname: "127.0.0.1", port });
    await assert.rejects(startPostgres({ dataDir, port }), /could not create any TCP\/IP sockets/);
    server = await startPostgres({ dataDir });
  });

  it("refuses a folder that a running process uses, in one sentence", async () => {
    await assert.rejects(startPostgres({ dataDir }), (error) => {
      assert(error instanceof DataDirLocked);
      assert.match(error.message, /^Data folder "[^"]+" is in use by another running process: [^.]+$/);
      return true;
    });
  });

  it("keeps what was committed when the server is killed", async () => {
    await query(server.url, "insert into catatan values ('sebelum kill')");
    Deno.kill(await serverPid(dataDir), "SIGKILL");
    await server.exited;
    await server.stop();
    server = await startPostgres({ dataDir });
    assert.deepEqual(await query(server.url, "select isi from catatan"), [{ isi: "sebelum kill" }]);
  });

  it("leaves nothing running after a stop, open sessions or not", async () => {
    const pid = await serverPid(dataDir);
    const open = new pg.Client({ connectionString: server.url });
    const ended = Promise.withResolvers<void>();
    open.on("error", () => ended.resolve());
    await open.connect();
    await server.stop();
    await ended.promise;
    assert.deepEqual(await processesOf(pid), []);
    server = await startPostgres({ dataDir });
  });

  it("starts although another process has got the number of a server that was killed", async () => {
    await server.stop();
    await Deno.writeTextFile(join(dataDir, "cluster", "postmaster.pid"), `${Deno.pid}\n`);
    server = await startPostgres({ dataDir });
    assert.equal((await query(server.url, "select from catatan")).length, 1);
  });

  it("is stopped by its guard when the process that started it is killed", async () => {
    await server.stop();
    const holder = await startHolder(dataDir);
    const pid = await serverPid(dataDir);
    holder.kill("SIGKILL");
    await until(async () => (await processesOf(pid)).length === 0);
  });

  it("is stopped by the next start when the guard was killed too", async () => {
    await server.stop();
    const holder = await startHolder(dataDir);
    const pid = await serverPid(dataDir);
    const guard = (await processesOf(pid)).find(({ args }) => args.includes("guard"));
    assert(guard);
    Deno.kill(guard.pid, "SIGKILL");
    holder.kill("SIGKILL");
    await holder.status;
    assert(
      (await processesOf(pid)).some((one) => one.pid === pid),
      "The server ended before it was looked for",
    );
    server = await startPostgres({ dataDir });
    assert.deepEqual(await processesOf(pid), []);
    assert.equal((await query(server.url, "select from catatan")).length, 1);
  });
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A process of its own that starts the server and then waits; resolves when it has started. */
async function startHolder(dataDir: string): Promise<Deno.ChildProcess> {
  const code = `import { startPostgres } from "${import.meta.resolve("./postgres_server.ts")}";
    await startPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log("started");`;
  const holder = new Deno.Command(Deno.execPath(), { args: ["eval", code], stdout: "piped" }).spawn();
  const reader = holder.stdout.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /started/);
  await reader.cancel();
  return holder;
}

async function serverPid(dataDir: string): Promise<number> {
  return Number.parseInt(await Deno.readTextFile(join(dataDir, "cluster", "postmaster.pid")));
}

/** The server, its sessions, and the guard that watches it. */
async function processesOf(pid: number): Promise<readonly Process[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid=,stat=,args="] }).output();
  const all = new TextDecoder().decode(stdout).split("\n").map((line) => {
    const [, own = "", parent = "", state = "", args = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ??
      [];
    return { pid: Number(own), parent: Number(parent), zombie: state.startsWith("Z"), args };
  });
  return all.filter((one) =>
    !one.zombie && (one.pid === pid || one.parent === pid || one.args.includes(`guard ${pid}`))
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!await holds()) assert(performance.now() < deadline, "It did not happen within 10 s");
}

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly zombie: boolean;
  readonly args: string;
}
