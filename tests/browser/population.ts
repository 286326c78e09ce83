import assert from "node:assert/strict";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import { signIn } from "../e2e/client.ts";
import { eventually } from "../e2e/process.ts";
import { PENDUDUK } from "../fixtures.ts";
import type { TestSystem } from "./system.ts";

/** Events that nobody can read, each buried by both groups; resolves when an admin finds them. */
export async function bury(system: TestSystem, count: number): Promise<void> {
  const eventLog = await system.eventLog();
  const poison = Array.from({ length: count }, () => ({
    key: new TextEncoder().encode("k"),
    value: new TextEncoder().encode("{"),
    headers: [],
  }));
  await eventLog.publish("pendaftaran-events", poison, AbortSignal.timeout(5_000));
  await eventLog.close();
  const admin = await signIn(system.edge, "admin");
  await eventually("both groups have buried them", async () => {
    const { open } = await (await admin.get("/surat-gagal")).json();
    return open === 2 * count;
  });
}

/** Some people in every third province, many in one, so that map and table have something to tell apart. */
export async function populate(edge: string): Promise<void> {
  const petugas = await signIn(edge, "petugas");
  const provinces = PROVINSI.flatMap(({ kode, nama }, index) =>
    Array.from({ length: index === 11 ? 16 : index % 3 }, (_, person) => ({ kode, nama, person }))
  );
  for (const { kode, nama, person } of provinces) {
    const day = person % 2 === 0 ? "10" : "55";
    const year = ["58", "75", "88", "92", "07"][(person + Number(kode)) % 5];
    const nik = `${kode}0101${day}05${year}${9_950 - person}`;
    const answer = await petugas.post("/penduduk", { ...PENDUDUK[0], nik, provinsi: nama });
    assert.equal(answer.status, 201);
    await answer.body?.cancel();
  }
  const admin = await signIn(edge, "admin");
  await eventually("all are counted", async () => {
    const { jumlah } = await (await admin.get("/stats/00")).json();
    return jumlah === provinces.length;
  });
}
