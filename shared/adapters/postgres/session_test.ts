import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { keepSession, listen, type Session, withSession } from "./session.ts";

describe("A session", () => {
  let database: TestDatabase;
  const never = new AbortController().signal;
  const options = (stop = never) => ({ url: database.url, name: "session under test", stop });

  before(async () => {
    database = await openTestDatabase();
  });
  after(async () => await database.drop());

  const kill = () =>
    database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'session under test'`,
    );

  it("answers what the work answers, and has ended by then", async () => {
    const pid = await withSession(options(), async ({ client }) => {
      const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
      return rows[0]?.pid;
    });
    const deadline = AbortSignal.timeout(30_000);
    const alive = () => database.pool.query("select from pg_stat_activity where pid = $1", [pid]);
    while ((await alive()).rowCount) deadline.throwIfAborted();
  });

  it("tells the work when the connection is lost, and rejects with the reason", async () => {
    let session: Session | undefined;
    const lost = withSession(options(), async (opened) => {
      session = opened;
      await kill();
      await aborted(opened.signal);
      return "as if all were well";
    });
    await assert.rejects(lost, { code: "57P01" });
    assert.ok(session?.lost.aborted);
  });

  it("ends the work by the signal of whoever stops it, with the connection still there", async () => {
    const stop = new AbortController();
    await withSession(options(stop.signal), async ({ client, signal, lost }) => {
      stop.abort();
      assert.ok(signal.aborted && !lost.aborted);
      await client.query("select 1");
    });
  });

  it("rejects what cannot be reached", async () => {
    const nowhere = { ...options(), url: "postgres://nobody@127.0.0.1:1/none" };
    await assert.rejects(withSession(nowhere, () => Promise.resolve()), { code: "ECONNREFUSED" });
  });

  it("hears its channel and no other", async () => {
    const heard: string[] = [];
    await withSession(options(), async (session) => {
      await listen(session, "odd Name", (payload) => heard.push(payload));
      await listen(session, "other", () => {});
      await session.client.query(
        `select pg_notify('other', 'x'), pg_notify('odd Name', 'a'), pg_notify('odd Name', 'b')`,
      );
    });
    assert.deepEqual(heard, ["a", "b"]);
  });

  it("is begun anew after each loss and failure, until the work resolves", async () => {
    const ends: (() => unknown)[] = [
      kill,
      () => {
        throw new Error("Failed for the test");
      },
      () => session?.fail(new Error("Given up for the test")),
      () => {},
    ];
    let session: Session | undefined;
    let begun = 0;
    await keepSession(options(), async (opened) => {
      session = opened;
      await ends[begun++]?.();
      if (begun < ends.length) await aborted(opened.signal);
    });
    assert.equal(begun, ends.length);
  });

  it("is not begun anew once stopped", async () => {
    const stop = new AbortController();
    let begun = 0;
    await keepSession(options(stop.signal), () => {
      begun++;
      stop.abort();
      return Promise.reject(new Error("Failed for the test"));
    });
    assert.equal(begun, 1);
  });

  it("stops while it cannot be reached", async () => {
    const stop = new AbortController();
    const kept = keepSession({ ...options(stop.signal), url: "postgres://nobody@127.0.0.1:1/none" }, () => {
      return Promise.reject(new Error("Never reached"));
    });
    stop.abort();
    await kept;
  });
});

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
