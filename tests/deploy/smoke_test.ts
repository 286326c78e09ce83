import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { smokeTest } from "../../ops/deploy/smoke.ts";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { eventually } from "../e2e/process.ts";
import { ID, problem, Rehearsal } from "./rehearsal.ts";
import { startSystem, type System } from "./run/system.ts";

describe("The smoke test", () => {
  it("tries without a user what needs none, and says so", async () => {
    const rehearsal = new Rehearsal();
    rehearsal.smokeUser = undefined;
    assert.equal(await rehearsal.deploy(), 0);
    assert.deepEqual(rehearsal.asked.map(({ what }) => what), [
      "GET /openapi.json",
      "GET /stats",
      "POST /login",
    ]);
    assert.match(rehearsal.text, /not tried +what needs a user: set SMOKE_USERNAME and SMOKE_PASSWORD/);
  });

  it("tries again while the load balancer still answers for the old pods", async () => {
    let tries = 0;
    const rehearsal = new Rehearsal().answer(({ what }) => {
      return what === "GET /openapi.json" && ++tries < 4 ? new Response(null, { status: 503 }) : undefined;
    });
    assert.equal(await rehearsal.deploy(), 0);
    assert.equal(tries, 4);
  });

  it("ends when the user is refused, and never says the password", async () => {
    const rehearsal = new Rehearsal().answer(({ what, body }) => {
      return what === "POST /login" && body !== "{}"
        ? Response.json({ code: "WRONG_CREDENTIALS" }, { status: 401 })
        : undefined;
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /login is refused, look at SMOKE_USERNAME and SMOKE_PASSWORD/);
    assert.ok(!rehearsal.text.includes("rahasia-uji"));
  });

  it("registers one person by a key of its own, and takes it back before it signs out", async () => {
    const rehearsal = new Rehearsal();
    assert.equal(await rehearsal.deploy(), 0, rehearsal.text);
    assert.match(
      rehearsal.text,
      /registration stores\n.*registry reads\n.*statistics moved\n.*statistics count\n.*registration taken back\n.*registry forgot\n.*statistics moved\n.*logout/,
    );
    assert.doesNotMatch(rehearsal.text, /\d{16}/);
  });

  it("takes the person back also when a later step fails, and says which", async () => {
    const rehearsal = new Rehearsal().answer(({ what }) => {
      return what === `GET /penduduk/${ID}` ? problem(503, "STORE_UNREADABLE") : undefined;
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(
      rehearsal.text,
      /Smoke test "registry reads" failed: GET [^ ]*\/penduduk\/\{id\} answered STORE_UNREADABLE/,
    );
    assert.ok(rehearsal.asked.some(({ what }) => what === `DELETE /penduduk/${ID}`));
  });

  it("takes the person back also after Ctrl-C", async () => {
    const rehearsal = new Rehearsal().answer(({ what }) => {
      if (what === `GET /penduduk/${ID}`) rehearsal.stop.abort();
      return undefined;
    });
    assert.equal(await rehearsal.deploy(), 130);
    assert.ok(rehearsal.asked.some(({ what }) => what === `DELETE /penduduk/${ID}`));
  });

  it("sets back when the person cannot be taken back, for then the release cannot cancel", async () => {
    const rehearsal = new Rehearsal().answer(({ what }) => {
      return what === `DELETE /penduduk/${ID}` ? problem(500, "INTERNAL") : undefined;
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, /Smoke test "registration taken back" failed: DELETE .* answered INTERNAL/);
  });

  it("names the person that it leaves when both fail, and keeps to the first failure", async () => {
    const rehearsal = new Rehearsal().answer(({ what }) => {
      return what.endsWith(` /penduduk/${ID}`) ? problem(503, "STORE_UNREADABLE") : undefined;
    });
    assert.equal(await rehearsal.deploy(), 1);
    assert.match(rehearsal.text, new RegExp(`LEFT +synthetic person ${ID}: `));
    assert.match(rehearsal.text, /\nSmoke test "registry reads" failed/);
  });

  it("goes on when a deployment that was killed left the person, and says so", async () => {
    const rehearsal = new Rehearsal().answer(({ what, body }) => {
      return what === "POST /penduduk" && body !== "{}" ? problem(409, "NIK_REGISTERED") : undefined;
    });
    assert.equal(await rehearsal.deploy(), 0, rehearsal.text);
    assert.match(rehearsal.text, /LEFT +a deployment that was killed left its synthetic person/);
  });
});

describe("The smoke test on the system itself", () => {
  let folder = "";
  let system: System;
  const said: string[] = [];
  const world = {
    fetch,
    sleep,
    now: () => performance.now(),
    say: (line: string) => void said.push(line),
    smokeUser: { username: "admin", password: DEVELOPMENT_SECRETS["GOV_ADMIN_PASSWORD"] ?? "" },
    stop: new AbortController().signal,
    abandon: new AbortController().signal,
  };

  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "kependudukan-smoke-" });
    system = await startSystem(folder);
  });
  after(async () => {
    await system?.[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  it("passes again and again, leaves the statistics as they were, and tells no officer", async () => {
    for (let i = 0; i < 2; i++) await smokeTest(system.url, world);
    assert.equal(said.filter((line) => line.includes("registration taken back")).length, 2);
    assert.ok(!said.some((line) => line.includes("LEFT")));
    await isAsBefore();
  });

  it("leaves nothing behind when a later step fails", async () => {
    let clock = 0;
    let registered = false;
    const broken: typeof fetch = (input, init) => {
      registered ||= String(init?.body).includes("nama");
      const fails = registered && String(input).endsWith("/stats/00");
      return fails ? Promise.resolve(problem(503, "STORE_UNREADABLE")) : fetch(input, init);
    };
    const hurried = {
      ...world,
      fetch: broken,
      now: () => clock,
      sleep: (ms: number) => Promise.resolve(void (clock += ms)),
    };
    await assert.rejects(smokeTest(system.url, hurried), /Smoke test "statistics moved" failed/);
    await smokeTest(system.url, world);
    await isAsBefore();
  });

  async function isAsBefore(): Promise<void> {
    const { body } = await ask("POST", "/login", world.smokeUser);
    const { access_token } = z.object({ access_token: z.string() }).parse(body);
    await eventually("nobody is counted", async () => {
      return z.object({ jumlah: z.number() }).parse((await ask("GET", "/stats/00", access_token)).body)
        .jumlah === 0;
    });
    assert.deepEqual((await ask("GET", "/sms", access_token)).body, []);
  }

  async function ask(
    method: string,
    path: string,
    with_: object | string,
  ): Promise<{ readonly body: unknown }> {
    const headers = typeof with_ === "string"
      ? { authorization: `Bearer ${with_}` }
      : { "content-type": "application/json" };
    const body = typeof with_ === "string" ? null : JSON.stringify(with_);
    return { body: await (await fetch(system.url + path, { method, headers, body })).json() };
  }
});
