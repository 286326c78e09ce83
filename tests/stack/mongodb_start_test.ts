import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { openMongo } from "../../shared/adapters/mongodb/connect.ts";
import { Cut } from "./cut.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";
import { variable } from "./variables.ts";

const real = new URL(variable("MONGODB_URI"));

// What needs no real server is in shared/adapters/mongodb/connect_test.ts.
describe("A MongoDB that answers", () => {
  let test: TestMongo;

  before(async () => {
    test = await openTestMongo();
  });
  after(async () => await test.drop());

  it("is told by MONGODB_URI when it refuses the user or the password, at once", async () => {
    const asked = performance.now();
    for (const change of [{ password: "another" }, { username: "stranger" }]) {
      await refused(change, "MONGODB_URI holds a user or a password that MongoDB refuses");
    }
    assert.ok(performance.now() - asked < 5_000);
  });

  it("is told by MONGODB_URI when it wants a user, or one who may write", async () => {
    const sentence = `MONGODB_URI must name a user who may read and write the database "${test.name}"`;
    await refused({ username: "", password: "" }, sentence);
    const reader = { username: test.name, password: "rahasia" };
    const admin = test.mongo.db.admin();
    const roles = [{ role: "read", db: test.name }];
    await admin.command({ createUser: reader.username, pwd: reader.password, roles });
    try {
      await refused(reader, sentence);
    } finally {
      await admin.command({ dropUser: reader.username });
    }
  });

  it("is waited for while it does not answer yet", async () => {
    const cut = await Cut.before({ hostname: real.hostname, port: Number(real.port) });
    cut.stall();
    await refused(throughCut(cut), `${UNREACHED}: no answer`, 2_000);
    await cut.down();
    const opening = openMongo(urlWith(throughCut(cut)), { withinMs: 20_000 });
    await cut.up();
    const mongo = await opening;
    await mongo.close();
    await cut.down();
  });

  it("fails a check while it is away, in the time that the check has, and is found again by itself", async () => {
    const cut = await Cut.before({ hostname: real.hostname, port: Number(real.port) });
    const mongo = await openMongo(urlWith(throughCut(cut)));
    await cut.down();
    const asked = performance.now();
    await assert.rejects(mongo.check(AbortSignal.timeout(300)));
    assert.ok(performance.now() - asked < 2_000);
    await cut.up();
    await mongo.check(AbortSignal.timeout(5_000));
    cut.stall();
    await assert.rejects(mongo.check(AbortSignal.timeout(300)));
    await cut.down();
    await mongo.close();
  });

  it("takes every write by majority and on disk, and reads what a majority has, whatever the URI says", async () => {
    const mongo = await openMongo(
      `${real}&w=1&journal=false&readConcernLevel=local&readPreference=secondary`,
    );
    const { writeConcern, readConcern, readPreference } = mongo.db;
    await mongo.close();
    assert.deepEqual([writeConcern?.w, writeConcern?.journal], ["majority", true]);
    assert.equal(readConcern?.level, "majority");
    assert.equal(readPreference?.mode, "primary");
  });

  function refused(change: Change, message: string, withinMs = 10_000): Promise<void> {
    const opening = openMongo(urlWith(change), { database: test.name, withinMs });
    return assert.rejects(opening, { name: "Unusable", message });
  }
});

function urlWith(change: Change): string {
  const url = new URL(real);
  return Object.assign(url, change).href;
}

/** Without asking the server for its address, which leads past the cut. */
function throughCut({ port }: Cut): Change {
  return { port: `${port}`, search: `${real.search}&directConnection=true` };
}

type Change = Partial<Pick<URL, "username" | "password" | "port" | "search">>;

const UNREACHED = "MONGODB_URI names a MongoDB that cannot be reached";
