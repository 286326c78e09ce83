import type { Handler, Hono, MiddlewareHandler } from "hono";
import { type AppEnv, createApp, type RequestObserver } from "../../shared/http/app.ts";
import { auditDenials, auditRoutes } from "../../shared/http/audited.ts";
import { authenticate, onlyFromEdge, refuseBound, requireRole } from "../../shared/http/authenticate.ts";
import { boundByDeadline } from "../../shared/http/deadline.ts";
import { invalidInput } from "../../shared/http/json_body.ts";
import { readStore } from "../../shared/http/read_store.ts";
import type { Audit } from "../../shared/ports/audit.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import {
  type LedgerEntry,
  maskTelepon,
  type OfficerRegister,
  type SmsLedger,
} from "../../shared/ports/sms.ts";
import { SMS_LIMIT, type SmsEntry, SmsQuery } from "../../shared/http/schemas/sms.ts";
import { serveOfficers } from "./officers.ts";

/** For admins: `GET /sms?limit=`, the messages to the officers, newest first, and the officers themselves. */
export function createNotificationApp(parts: NotificationAppParts): Hono<AppEnv> {
  const { ledger, officers, identity, audit, observe, receipts } = parts;
  const app = createApp({ service: "notification", ...(observe && { observe }) });
  auditRoutes(app, audit, [
    ["GET", "/sms", "sms.baca"],
    ["GET", "/petugas", "petugas.baca"],
    ["POST", "/petugas/:kode", "petugas.tambah"],
    ["PUT", "/petugas/:kode/:id", "petugas.ubah"],
    ["DELETE", "/petugas/:kode/:id", "petugas.hapus"],
  ]);
  // Reports come by the thousand and disclose nothing: only a forged one is of interest.
  app.post("/sms/status", auditDenials(audit, "sms.lapor"));
  app.use(boundByDeadline(), onlyFromEdge(identity));
  const guards = [
    authenticate((token, signal) => identity.introspect(token, signal)),
    requireRole("admin"),
    refuseBound("SMS dan petugas"),
    noStore,
  ] as const;
  app.get("/sms", ...guards, async function listSms(c) {
    const entries = await readStore(c, ledger.recent(parseLimit(c.req.queries("limit"))));
    return c.json(entries.map(toSmsEntry));
  });
  app.use("/petugas/*", ...guards);
  serveOfficers(app, officers);
  if (receipts) app.post("/sms/status", receipts);
  return app;
}

const noStore: MiddlewareHandler<AppEnv> = async function noStore(c, next) {
  await next();
  c.res.headers.set("cache-control", "no-store");
};

function parseLimit(values: readonly string[] = []): number {
  const parsed = SmsQuery.safeParse({ limit: values[0] });
  if (values.length <= 1 && parsed.success) return parsed.data.limit;
  throw invalidInput([{ field: "limit", detail: `Harus satu bilangan bulat dari 1 sampai ${SMS_LIMIT}` }]);
}

function toSmsEntry({ id, eventId, to, body, state, claimedAt }: LedgerEntry): SmsEntry {
  return { id, eventId, to: maskTelepon(to), body, state, createdAt: claimedAt.toISOString() };
}

export interface NotificationAppParts {
  readonly ledger: SmsLedger;
  readonly officers: OfficerRegister;
  readonly identity: Identity;
  readonly audit: Audit;
  readonly observe?: RequestObserver;
  /** Takes the provider's delivery reports; left out where nobody could sign them. */
  readonly receipts?: Handler<AppEnv> | undefined;
}
