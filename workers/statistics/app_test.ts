import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { ProvinceStatistics, StatisticsList } from "../../shared/http/schemas/statistics.ts";
import { Trend } from "../../shared/http/schemas/trend.ts";
import { type KodeProvinsi, parseKodeProvinsi, PROVINSI } from "../../shared/penduduk/provinsi.ts";
import type { ProvinceCount, Statistics } from "../../shared/ports/statistics_store.ts";
import type { Per, TrendCount } from "../../shared/ports/trend.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { createStatisticsApp } from "./app.ts";

describe("createStatisticsApp", () => {
  const store = { read: () => Promise.resolve(SOME), readTrend };
  const eventLog = new FakeEventLog();
  const shutdown = new AbortController().signal;
  const app = createStatisticsApp({
    store,
    eventLog,
    identity: fakeIdentity(),
    audit: new FakeAudit(),
    now: () => new Date("2026-11-23T04:20:00Z"),
    shutdown,
  });
  const get = (path: string, token = "admin") =>
    app.request(path, { headers: { ...FROM_EDGE, authorization: `Bearer ${token}` } });
  const row = async (path: string) => ProvinceStatistics.parse(await (await get(path)).json());

  for (const path of ["/stats", "/stats/32", "/stats/00", "/stats/stream", "/stats/trend"]) {
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
      const fail = () => Promise.reject(new Error("Store is away"));
      const away = createStatisticsApp({
        store: { read: fail, readTrend: fail },
        eventLog,
        identity: fakeIdentity(),
        audit: new FakeAudit(),
        shutdown,
      });
      const unknown = createStatisticsApp({
        store,
        eventLog,
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
      store: { read: () => Promise.resolve({ provinces: [], asOf: undefined }), readTrend },
      eventLog,
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

  it("answers the last 48 hours of the country, those without registrations too", async () => {
    const { trend, ...answer } = Trend.parse(await (await get("/stats/trend")).json());
    assert.deepEqual(answer, { provinsi: "Indonesia", kode: "00", per: "hour" });
    assert.equal(trend.length, 48);
    assert.equal(trend[0]?.mulai, "2026-11-21T12:00:00+07:00");
    assert.deepEqual(trend.slice(-2), [
      { mulai: "2026-11-23T10:00:00+07:00", jumlah: 7 },
      { mulai: "2026-11-23T11:00:00+07:00", jumlah: 3 },
    ]);
    assert.equal(sum(trend.map(({ jumlah }) => jumlah)), 10);
  });

  it("answers the last 90 days of one province, by days of Asia/Jakarta", async () => {
    const { trend, ...answer } = Trend.parse(
      await (await get("/stats/trend?per=day&provinsi=32")).json(),
    );
    assert.deepEqual(answer, { provinsi: "Jawa Barat", kode: "32", per: "day" });
    assert.equal(trend.length, 90);
    assert.equal(trend[0]?.mulai, "2026-08-26T00:00:00+07:00");
    assert.deepEqual(trend.at(-1), { mulai: "2026-11-23T00:00:00+07:00", jumlah: 4 });
  });

  for (const query of ["per=week", "provinsi=99", "per=day&per=hour", "since=2026"]) {
    it(`refuses a trend for "${query}" and names the field`, async () => {
      const answer = await get(`/stats/trend?${query}`);
      assert.equal(answer.status, 400);
      const { code, errors } = Problem.parse(await answer.json());
      assert.deepEqual([code, errors?.map(({ field }) => field)], ["INVALID_INPUT", [query.split("=")[0]]]);
    });
  }

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

const Problem = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string() })).optional(),
});

/** Counts of the present bucket and the one before, and one of an hour that is still to come. */
function readTrend(per: Per, first: number): Promise<readonly TrendCount[]> {
  const now = first + (per === "hour" ? 47 : 89);
  return Promise.resolve([
    { kode: kodeOf("32"), per, bucket: now, jumlah: 4 },
    { kode: kodeOf("11"), per, bucket: now, jumlah: -1 },
    { kode: kodeOf("32"), per, bucket: now - 1, jumlah: 7 },
    { kode: kodeOf("32"), per, bucket: now + 1, jumlah: 9 },
  ]);
}

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
  return { kode: kodeOf(code), jumlah: sum(Object.values(jenisKelamin)), jenisKelamin, kohort };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function kodeOf(code: string): KodeProvinsi {
  return parseKodeProvinsi(code) ?? assert.fail();
}
