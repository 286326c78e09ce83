import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { RequestObserver } from "../../shared/http/app.ts";
import { parseTelepon, smsId, type SmsIntent, type SmsLedger } from "../../shared/ports/sms.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { fakeIdentity, FROM_EDGE, TOKEN_ROLES } from "../../tests/fakes/identity.ts";
import { FakeLedgerStore, FakeOfficers } from "../../tests/fakes/sms.ts";
import { TELEPON } from "../../tests/fixtures.ts";
import { createNotificationApp } from "./app.ts";
import { SmsList } from "../../shared/http/schemas/sms.ts";

describe("GET /sms", () => {
  let ledger: SmsLedger;
  const officers = new FakeOfficers(parseTelepon(TELEPON[0]) ?? assert.fail());
  const get = (path: string, token = "admin", identity = fakeIdentity()) =>
    createNotificationApp({ ledger, officers, identity, audit: new FakeAudit() }).request(path, {
      headers: { ...FROM_EDGE, authorization: `Bearer ${token}` },
    });
  const claim = async (count: number) => {
    const messages = Array.from({ length: count }, intent);
    for (const message of messages) await ledger.claim(message, new AbortController().signal);
    return messages;
  };

  beforeEach(() => {
    ledger = new FakeLedgerStore().open();
  });

  it("is refused without a token and with one that the provider rejects", async () => {
    const app = createNotificationApp({ ledger, officers, identity: fakeIdentity(), audit: new FakeAudit() });
    assert.equal((await app.request("/sms", { headers: FROM_EDGE })).status, 401);
    assert.equal((await get("/sms", "nobody")).status, 401);
  });

  it("is refused to every role but admin", async () => {
    for (const role of TOKEN_ROLES) {
      assert.equal((await get("/sms", role)).status, role === "admin" ? 200 : 403);
    }
  });

  it("is refused to an admin who is bound to a province: it names people of all", async () => {
    assert.equal((await get("/sms", "admin~32")).status, 403);
  });

  it("answers 503 while the provider is away, whoever asks", async () => {
    const identity = fakeIdentity({ introspect: () => Promise.resolve({ kind: "unavailable" }) });
    assert.equal((await get("/sms", "admin", identity)).status, 503);
  });

  it("shows the newest first, in the shape of its schema, with the number masked", async () => {
    const [first, second] = await claim(2);
    assert.ok(first && second);
    await ledger.settle(first.id, { kind: "sent", providerId: "x" });
    const response = await get("/sms");
    const rows = SmsList.parse(await response.json());
    assert.deepEqual(rows.map(({ id, state }) => [id, state]), [[second.id, "claimed"], [first.id, "sent"]]);
    const { createdAt, ...row } = rows[1] ?? assert.fail();
    assert.deepEqual(row, {
      id: first.id,
      eventId: first.eventId,
      to: "+**********901",
      body: "Pendaftaran Baru: UJI dari Aceh",
      state: "sent",
    });
    assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);
  });

  it("may not be kept by anybody on the way", async () => {
    assert.equal((await get("/sms")).headers.get("cache-control"), "no-store");
  });

  it("shows 50 unless asked for another number, up to 1,000", async () => {
    await claim(1001);
    for (const [path, rows] of [["/sms", 50], ["/sms?limit=1", 1], ["/sms?limit=1000", 1000]] as const) {
      assert.equal(SmsList.parse(await (await get(path)).json()).length, rows);
    }
  });

  for (const query of ["0", "1001", "-1", "1.5", "abc", "", "٥", "1e2", "99999", "1&limit=2"]) {
    it(`answers 400 to limit=${query} and names the field`, async () => {
      const response = await get(`/sms?limit=${query}`);
      assert.equal(response.status, 400);
      const problem = await response.json();
      assert.equal(problem.code, "INVALID_INPUT");
      assert.deepEqual(problem.errors.map(({ field }: { field: string }) => field), ["limit"]);
    });
  }

  it("is observed by its pattern", async () => {
    const seen: Parameters<RequestObserver>[0][] = [];
    const app = createNotificationApp({
      officers,
      ledger,
      identity: fakeIdentity(),
      audit: new FakeAudit(),
      observe: (one) => void seen.push(one),
    });
    await app.request("/sms?limit=3", { headers: { ...FROM_EDGE, authorization: "Bearer admin" } });
    assert.deepEqual(seen.map(({ service, route, status }) => [service, route, status]), [[
      "notification",
      "/sms",
      200,
    ]]);
  });
});

function intent(): SmsIntent {
  const eventId = crypto.randomUUID();
  const to = parseTelepon(TELEPON[0]) ?? assert.fail();
  return { id: smsId(eventId, "default"), eventId, to, body: "Pendaftaran Baru: UJI dari Aceh" };
}
