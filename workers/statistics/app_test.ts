import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { ProvinceStatistics, StatisticsList } from "../../shared/http/schemas/statistics.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import type { ProvinceCount, Statistics } from "../../shared/ports/statistics_store.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { createStatisticsApp } from "./app.ts";

describe("createStatisticsApp", () => {
  const store = { read: () => Promise.resolve(SOME) };
  const shutdown = new AbortController().signal;
  const app = createStatisticsApp({ store, identity: fakeIdentity(), audit: new FakeAudit(), shutdown });
  const get = (path: string, token = "admin") =>
    app.request(path, { headers: { ...FROM_EDGE, authorization: `Bearer ${token}` } });
  const row = async (path: string) => ProvinceStatistics.parse(await (await get(path)).json());

  for (const path of ["/stats", "/stats/32", "/stats/00", "/stats/stream"]) {
    it(`refuses ${path} without a token and to everybody but admins`, async () => {
      assert.equal((await app.request(path, { headers: FROM_EDGE })).status, 401);
      assert.equal((await get(path, "nobody")).status, 401);
      for (const role of ["petugas", "warga", "auditor"]) assert.equal((await get(path, role)).status, 403);
    });

    it(`answers ${path} to an admin, for no cache to keep`, async () => {
      const answer = await get(path);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      await answer.body?.cancel();
    });

    it(`answers ${path} with 503 while the store or the identity provider is away`, async () => {
      const away = createStatisticsApp({
        store: { read: () => Promise.reject(new Error("Store is away")) },
        identity: fakeIdentity(),
        audit: new FakeAudit(),
        shutdown,
      });
      const unknown = createStatisticsApp({
        store,
        identity: fakeIdentity({ introspect: () => Promise.resolve({ kind: "unavailable" }) }),
        audit: new FakeAudit(),
        shutdown,
      });
      for (const [app, code] of [[away, "STORE_UNREADABLE"], [unknown, "IDENTITY_UNAVAILABLE"]] as const) {
        const answer = await app.request(path, { headers: { ...FROM_EDGE, authorization: "Bearer admin" } });
        assert.equal(answer.status, 503);
        assert.equal(answer.headers.get("cache-control"), "no-store");
        assert.equal(Problem.parse(await answer.json()).code, code);
      }
    });
  }

  it("lists all 38 provinces by rising code, those without residents too", async () => {
    const rows = StatisticsList.parse(await (await get("/stats")).json());
    assert.deepEqual(rows.map(({ kode }) => kode), PROVINSI.map(({ kode }) => kode));
    assert.equal(rows.length, 38);
    assert.deepEqual(rows.find(({ kode }) => kode === "51"), {
      provinsi: "Bali",
      kode: "51",
      jumlah: 0,
      jenisKelamin: { "laki-laki": 0, perempuan: 0 },
      kohort: {},
      asOf: AS_OF,
    });
  });

  it("answers one province by its official name", async () => {
    assert.deepEqual(await row("/stats/32"), {
      provinsi: "Jawa Barat",
      kode: "32",
      jumlah: 7,
      jenisKelamin: { "laki-laki": 3, perempuan: 4 },
      kohort: { "1980": 2, "1990": 5 },
      asOf: AS_OF,
    });
  });

  it("answers the whole country under 00, as the sum of the provinces", async () => {
    assert.deepEqual(await row("/stats/00"), {
      provinsi: "Indonesia",
      kode: "00",
      jumlah: 10,
      jenisKelamin: { "laki-laki": 6, perempuan: 4 },
      kohort: { "1980": 2, "1990": 7, "2000": 1 },
      asOf: AS_OF,
    });
  });

  it("adds up: sexes and cohorts to the count of each row, the rows to the country", async () => {
    const rows = StatisticsList.parse(await (await get("/stats")).json());
    for (const { jumlah, jenisKelamin, kohort } of rows) {
      assert.equal(sum(Object.values(jenisKelamin)), jumlah);
      assert.equal(sum(Object.values(kohort)), jumlah);
    }
    assert.equal(sum(rows.map(({ jumlah }) => jumlah)), (await row("/stats/00")).jumlah);
  });

  it("answers zeros and no instant before the first registration", async () => {
    const empty = createStatisticsApp({
      store: { read: () => Promise.resolve({ provinces: [], asOf: undefined }) },
      identity: fakeIdentity(),
      audit: new FakeAudit(),
      shutdown,
    });
    const answer = await empty.request("/stats", {
      headers: { ...FROM_EDGE, authorization: "Bearer admin" },
    });
    const rows = StatisticsList.parse(await answer.json());
    assert.ok(rows.length === 38 && rows.every(({ jumlah, asOf }) => jumlah === 0 && asOf === null));
  });

  for (const kode of ["99", "1", "320", "jawa-barat", "__proto__"]) {
    it(`answers 404 for ${kode}, which no province has, and does not repeat it`, async () => {
      const answer = await get(`/stats/${kode}`);
      const body = await answer.text();
      assert.equal(answer.status, 404);
      assert.equal(Problem.parse(JSON.parse(body)).code, "NOT_FOUND");
      assert.ok(!Problem.parse(JSON.parse(body)).detail.includes(kode));
    });
  }
});

const Problem = z.object({ code: z.string(), detail: z.string() });

const AS_OF = "2026-08-17T03:00:00.000Z";

const SOME: Statistics = {
  provinces: [
    count("32", { "laki-laki": 3, perempuan: 4 }, { "1980": 2, "1990": 5 }),
    count("11", { "laki-laki": 3, perempuan: 0 }, { "1990": 2, "2000": 1 }),
  ],
  asOf: new Date(AS_OF),
};

function count(
  code: string,
  jenisKelamin: ProvinceCount["jenisKelamin"],
  kohort: ProvinceCount["kohort"],
): ProvinceCount {
  const { kode } = PROVINSI.find(({ kode }) => kode === code) ?? assert.fail();
  return { kode, jumlah: sum(Object.values(jenisKelamin)), jenisKelamin, kohort };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
