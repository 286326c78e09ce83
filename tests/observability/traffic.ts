import assert from "node:assert/strict";
import { seededRandom } from "../../ops/tasks/simulate/random.ts";
import { type Resident, residents } from "../../ops/tasks/simulate/residents.ts";
import type { Client } from "../e2e/client.ts";
import { type Answer, type Office, openOffice, post } from "./office.ts";

/**
 * What an office does in a day, and what goes wrong there: registrations, taken and refused for every reason, reads by
 * admin and auditor, people in places where they do not belong: a path, a query, the name of a user. Throws when an
 * answer has not the status that it ought to have.
 */
export async function traffic(edge: string, seed: number): Promise<Traffic> {
  const office = await openOffice(edge);
  const next = people(seed);
  const [first, ...others] = next(20);
  const wronged = next(14);
  assert.ok(first);
  const { id, traceId } = await register(office, office.petugas, first.body);
  await Promise.all(others.map(({ body }) => register(office, office.petugas, body)));
  await refusals(office, wronged.map(({ body }) => body));
  await reads(office, { id, nik: first.body.nik, kode: first.kode });
  return {
    requests: office.requests(),
    people: others.length + wronged.length + 1,
    values: [first, ...others, ...wronged].flatMap(({ body }) => valuesOf(body)),
    traceId,
  };
}

async function register({ expect }: Office, by: Client, body: Body): Promise<Registered> {
  const key = { "idempotency-key": crypto.randomUUID() };
  const { text, traceId } = await expect(201, () => by.post("/penduduk", body, key));
  return { id: JSON.parse(text).id, traceId };
}

async function refusals(office: Office, bodies: readonly Body[]): Promise<void> {
  const { edge, expect, petugas, jabar, warga, admin, auditor } = office;
  const [bad, extra, long, broken, known, ...rest] = bodies;
  const [elsewhere, forbidden, anonymous, typed, keyed, other, asked, gone] = rest;
  assert.ok(bad && extra && long && broken && known && typed && asked && gone);

  const send = (body: unknown, by = petugas, headers = {}) => () => by.post("/penduduk", body, headers);
  await expect(400, send({ ...bad, nik: `${bad.nik.slice(0, 12)}0000` }));
  await expect(400, send({ ...extra, catatan: extra.nama }));
  await expect(400, send({ ...long, nama: `${long.nama}\n`.repeat(99) }));
  await expect(400, send(JSON.stringify(broken).slice(0, -1)));
  await register(office, petugas, known);
  await expect(409, send(known));
  await expect(403, send({ ...elsewhere, provinsi: "Papua" }, jabar));
  await expect(403, send(forbidden, auditor));
  await expect(401, () => post(`${edge}/penduduk`, anonymous));
  await expect(401, () => post(`${edge}/login`, { username: typed.nama, password: typed.nik }));
  const key = { "idempotency-key": crypto.randomUUID() };
  await expect(201, send(keyed, petugas, key));
  await expect(422, send(other, petugas, key));

  await expect(404, () => petugas.get(`/penduduk/${asked.nik}`));
  await expect(404, () => petugas.get(`/penduduk/${crypto.randomUUID()}`));
  await expect(404, () => petugas.get(`/warga/${encodeURIComponent(asked.nama)}`));
  await expect(403, () => petugas.get(`/stats?${new URLSearchParams({ nik: asked.nik, nama: asked.nama })}`));
  const { id } = await register(office, warga, gone);
  const headers = { authorization: admin.authorization };
  await expect(204, () => fetch(`${edge}/penduduk/${id}`, { method: "DELETE", headers }));
}

async function reads({ expect, petugas, admin, auditor }: Office, { id, nik, kode }: Known): Promise<void> {
  for (const reader of [petugas, admin, auditor]) await expect(200, () => reader.get(`/penduduk/${id}`));
  for (const path of ["/stats", `/stats/${kode}`, "/sms?limit=5"]) await expect(200, () => admin.get(path));
  for (const question of [{ nik }, { action: "penduduk.daftar" }]) {
    await expect(200, () => auditor.post("/audit/search", question));
  }
}

/** Whose names are long enough not to be a part of another word. */
function people(seed: number): (count: number) => readonly Resident[] {
  const all = residents(seededRandom(seed));
  return (count) => {
    const some: Resident[] = [];
    while (some.length < count) {
      const { value } = all.next();
      if (value.body.nama.length >= 12) some.push(value);
    }
    return some;
  };
}

/** The street alone is too much as well. */
function valuesOf({ nik, nama, alamat }: Body): readonly string[] {
  return [nik, nama, alamat, alamat.split(",")[0] ?? alamat];
}

export interface Traffic {
  readonly requests: number;
  /** How many were named in a request. */
  readonly people: number;
  /** What nobody may tell of them. */
  readonly values: readonly string[];
  /** Of the first registration. */
  readonly traceId: string;
}

type Body = Resident["body"];
type Registered = Pick<Answer, "traceId"> & { readonly id: string };

interface Known {
  readonly id: string;
  readonly nik: string;
  readonly kode: string;
}
