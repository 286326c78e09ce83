import type { Context, Hono } from "hono";
import { z } from "zod";
import type { AppEnv } from "../../shared/http/app.ts";
import { invalidInput, readJson } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import { type OfficerAnswer, OfficerInput, type OfficerList } from "../../shared/http/schemas/officers.ts";
import { type KodeProvinsi, parseKodeProvinsi, PROVINSI } from "../../shared/penduduk/provinsi.ts";
import {
  DEFAULT_OFFICER_ID,
  maskTelepon,
  type Officer,
  type OfficerRegister,
  parseTelepon,
  type Telepon,
} from "../../shared/ports/sms.ts";

/**
 * `GET /petugas` and what changes it, for admins. A number comes in bodies alone and never goes out whole. Consumers see
 * a change within ten seconds.
 */
export function serveOfficers(app: Hono<AppEnv>, officers: OfficerRegister): void {
  app.get("/petugas", async (c) => c.json<OfficerList>(await readStore(c, listOf(officers))));

  app.post("/petugas/:kode", async (c) => {
    const [kode, telepon] = [kodeOf(c), await readTelepon(c)];
    if ((await readStore(c, officers.of(kode))).some((officer) => isNamed(officer, telepon))) throw taken();
    const id = await store(officers.assign(kode, telepon));
    c.set("record", id);
    return c.json<OfficerAnswer>(toAnswer({ id, telepon }), 201);
  });

  app.put("/petugas/:kode/:id", async (c) => {
    const [kode, id, telepon] = [kodeOf(c), idOf(c), await readTelepon(c)];
    switch (await store(officers.change(kode, id, telepon))) {
      case "unknown":
        throw absent();
      case "taken":
        throw taken();
      case "changed":
        return c.json<OfficerAnswer>(toAnswer({ id, telepon }));
    }
  });

  app.delete("/petugas/:kode/:id", async (c) => {
    const [kode, id] = [kodeOf(c), idOf(c)];
    if (await store(officers.dismiss(kode, id)) === "unknown") throw absent();
    return c.body(null, 204);
  });
}

async function listOf(officers: OfficerRegister): Promise<OfficerList> {
  return await Promise.all(PROVINSI.map(async ({ kode, nama }) => {
    const all = await officers.of(kode);
    return { kode, provinsi: nama, petugas: all.filter(({ id }) => id !== DEFAULT_OFFICER_ID).map(toAnswer) };
  }));
}

function kodeOf(c: Context<AppEnv>): KodeProvinsi {
  const kode = parseKodeProvinsi(c.req.param("kode") ?? "");
  if (kode === undefined) throw new Problem("NOT_FOUND", "Kode provinsi ini tidak ada");
  return kode;
}

function idOf(c: Context<AppEnv>): string {
  const id = z.uuid().safeParse(c.req.param("id"));
  if (!id.success) throw absent();
  c.set("record", id.data);
  return id.data;
}

async function readTelepon(c: Context<AppEnv>): Promise<Telepon> {
  const telepon = parseTelepon((await readJson(c, OfficerInput)).telepon);
  // The schema refuses what cannot be read.
  if (telepon === undefined) throw invalidInput([{ field: "telepon", detail: "Nomor ini tidak sah" }]);
  return telepon;
}

async function store<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Problem("STORE_UNAVAILABLE", "Perubahan mungkin belum tersimpan; muat ulang daftarnya", {
      cause,
    });
  }
}

function isNamed({ id, telepon }: Officer, wanted: Telepon): boolean {
  return id !== DEFAULT_OFFICER_ID && telepon === wanted;
}

function toAnswer({ id, telepon }: Officer): OfficerAnswer {
  return { id, telepon: maskTelepon(telepon) };
}

const absent = () => new Problem("NOT_FOUND", "Petugas ini tidak ada di provinsi ini");
const taken = () => {
  const detail = "Nomor ini sudah ada di provinsi ini";
  return new Problem("NUMBER_TAKEN", detail, { errors: [{ field: "telepon", detail }] });
};
