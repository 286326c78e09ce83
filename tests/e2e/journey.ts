import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PENDUDUK } from "../fixtures.ts";
import { type Client, signIn } from "./client.ts";
import { eventually } from "./process.ts";

/** One registration the whole way: the same for one process and for a fleet of many. */
export function registrationJourney(edge: () => string): void {
  const [ujang] = PENDUDUK;

  it("takes one registration through edge, registry, event log, statistics and SMS", async () => {
    const petugas = await signIn(edge(), "petugas");
    const admin = await signIn(edge(), "admin");
    const before = await jumlah(admin, "32");
    const answer = await petugas.post("/penduduk", ujang, { "idempotency-key": "perjalanan" });
    assert.equal(answer.status, 201);
    const person = await answer.json();
    assert.equal(answer.headers.get("location"), `/penduduk/${person.id}`);
    await eventually("the statistics count it", async () => await jumlah(admin, "32") === before + 1);
    await eventually("the SMS is sent", async () => {
      const [sms] = await (await admin.get("/sms?limit=1")).json();
      return sms?.state === "sent" &&
        sms.body === `Pendaftaran Baru: ${ujang.nama} (320***********91) dari Jawa Barat`;
    });
    const read = await (await petugas.get(`/penduduk/${person.id}`)).json();
    assert.ok(read.nik === ujang.nik && read.nama === ujang.nama);
  });

  it("answers the retry of the same request with the first answer, and counts and sends once", async () => {
    const petugas = await signIn(edge(), "petugas");
    const again = await petugas.post("/penduduk", ujang, { "idempotency-key": "perjalanan" });
    assert.equal(again.status, 201);
    const known = await petugas.post("/penduduk", ujang);
    assert.equal(known.status, 409);
    assert.equal((await known.json()).code, "NIK_REGISTERED");
  });
}

export async function jumlah(admin: Client, kode: string): Promise<number> {
  return (await (await admin.get(`/stats/${kode}`)).json()).jumlah;
}
