import type { Context } from "hono";
import type { AppEnv } from "../../shared/http/app.ts";
import { readQuery } from "../../shared/http/read_query.ts";
import { readStore } from "../../shared/http/read_store.ts";
import { type OwnEntry, type OwnPage, OwnQuery } from "../../shared/http/schemas/own_registrations.ts";
import { maskNik } from "../../shared/penduduk/nik.ts";
import { provinsi } from "../../shared/penduduk/provinsi.ts";
import { bucketOf, startOf } from "../../shared/ports/trend.ts";
import type { Repository } from "./repository.ts";
import type { OwnRegistration } from "./stored.ts";

/**
 * Handles `GET /penduduk/milik-saya`: what the caller has registered, today unless asked otherwise, and of each no more
 * than the receipt shows. Whoever is bound to a province sees none of another. Its audit line counts the persons and
 * names none: that this caller knows them, the line of each registration says.
 */
export function listOwn(
  repository: Pick<Repository, "ownOf">,
  now: () => Date,
): (c: Context<AppEnv>) => Promise<Response> {
  return async function listOwn(c) {
    const { since, until, before, limit } = readQuery(c, OwnQuery);
    const { subject, provinsi: kode } = c.var.caller;
    const query = {
      since: new Date(since ?? startOf("day", bucketOf("day", now()))),
      until: until === undefined ? undefined : new Date(until),
      before,
      kode,
      limit,
    };
    const { jumlah, registrations } = await readStore(c, repository.ownOf(subject, query));
    c.set("count", registrations.length);
    const next = registrations.length < limit ? null : registrations.at(-1)?.id ?? null;
    c.header("cache-control", "no-store");
    return c.json<OwnPage>({ jumlah, entries: registrations.map(toEntry), next });
  };
}

function toEntry({ id, nik, nama, kode, createdAt }: OwnRegistration): OwnEntry {
  return {
    id,
    nik: maskNik(nik),
    nama,
    provinsi: provinsi(kode).nama,
    kode,
    createdAt: createdAt.toISOString(),
  };
}
