import type { Context, Handler } from "hono";
import type { AuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import type { AppEnv } from "../../shared/http/app.ts";
import { invalidInput, readJson } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import { type AuditPage, AuditSearchInput } from "../../shared/http/schemas/audit.ts";
import { type Nik, parseNik } from "../../shared/penduduk/nik.ts";
import type { SubjectTag } from "../../shared/ports/audit.ts";
import type { AuditLine } from "../../shared/security/audit/line.ts";

/** `POST /audit/search`, for auditors: by POST, so that the NIK of whom it is about stands in no URL. */
export function auditSearch({ reader, tags }: AuditSearch): Handler<AppEnv> {
  return async function auditSearch(c) {
    const { nik, since, until, ...query } = await readJson(c, AuditSearchInput);
    refuseBoundAuditor(c);
    const lines = await readStore(
      c,
      reader.search({
        ...query,
        targets: nik === undefined ? undefined : tagsOf(c, nik, tags),
        since: since === undefined ? undefined : new Date(since),
        until: until === undefined ? undefined : new Date(until),
      }),
    );
    const next = lines.length < query.limit ? null : lines.at(-1)?.["event.id"] ?? null;
    return c.json<AuditPage>({ entries: lines.map(toEntry), next }, 200, { "cache-control": "no-store" });
  };
}

export function refuseBoundAuditor(c: Context<AppEnv>): void {
  if (c.get("caller").provinsi === undefined) return;
  throw new Problem("FORBIDDEN", "Jejak audit mencakup semua provinsi; akun Anda terikat pada satu provinsi");
}

export interface AuditSearch {
  readonly reader: Pick<AuditReader, "search">;
  /** All that may stand for this person, the one of now first. */
  readonly tags: (nik: Nik) => readonly [SubjectTag, ...SubjectTag[]];
}

/** The question has a line of its own, which tells about whom it was. */
function tagsOf(c: Context<AppEnv>, text: string, tags: AuditSearch["tags"]): readonly SubjectTag[] {
  const parsed = parseNik(text, new Date());
  if (parsed.kind === "invalid") throw invalidInput([{ field: "nik", detail: parsed.detail }]);
  const all = tags(parsed.nik);
  c.set("target", all[0]);
  return all;
}

function toEntry(line: AuditLine): AuditPage["entries"][number] {
  const { "event.reason": reason, "client.address": clientAddress, "kependudukan.record": record } = line;
  const { "user.id": id, "user.roles": roles, "trace.id": traceId, "kependudukan.count": count } = line;
  return {
    id: line["event.id"],
    time: line["@timestamp"],
    service: line["service.name"],
    action: line["event.action"],
    outcome: line["event.outcome"],
    reason,
    actor: { kind: line["kependudukan.actor"], id, roles: roles && [...roles] },
    clientAddress,
    record,
    traceId,
    count,
  };
}
