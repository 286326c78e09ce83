import type { Handler, Hono } from "hono";
import { type AppEnv, createApp, type RequestObserver } from "../../shared/http/app.ts";
import { auditDenials, auditRoutes } from "../../shared/http/audited.ts";
import { authenticate, onlyFromEdge, requireRole } from "../../shared/http/authenticate.ts";
import { boundByDeadline } from "../../shared/http/deadline.ts";
import { invalidInput } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import type { Audit } from "../../shared/ports/audit.ts";
import type { Identity } from "../../shared/ports/identity.ts";
import type { LedgerEntry, SmsLedger, Telepon } from "../../shared/ports/sms.ts";
import { SMS_LIMIT, type SmsEntry, SmsQuery } from "../../shared/http/schemas/sms.ts";

/** GET /sms?limit= for admins: the messages to the officers, newest first, whichever sender took them. */
export function createNotificationApp(parts: NotificationAppParts): Hono<AppEnv> {
  const { ledger, identity, audit, observe, receipts } = parts;
  const app = createApp({ service: "notification", ...(observe && { observe }) });
  auditRoutes(app, audit, [["GET", "/sms", "sms.baca"]]);
  // Reports come by the thousand and disclose nothing: only a forged one is of interest.
  app.post("/sms/status", auditDenials(audit, "sms.lapor"));
  app.use(boundByDeadline(), onlyFromEdge(identity));
  app.get(
    "/sms",
    authenticate((token, signal) => identity.introspect(token, signal)),
    requireRole("admin"),
    async function listSms(c) {
      if (c.var.caller.provinsi !== undefined) {
        throw new Problem(
          "FORBIDDEN",
          "SMS menyebut penduduk semua provinsi; akun Anda terikat pada satu provinsi",
        );
      }
      const entries = await readStore(c, ledger.recent(parseLimit(c.req.queries("limit"))));
      return c.json(entries.map(toSmsEntry), 200, { "cache-control": "no-store" });
    },
  );
  if (receipts) app.post("/sms/status", receipts);
  return app;
}

function parseLimit(values: readonly string[] = []): number {
  const parsed = SmsQuery.safeParse({ limit: values[0] });
  if (values.length <= 1 && parsed.success) return parsed.data.limit;
  throw invalidInput([{ field: "limit", detail: `Harus satu bilangan bulat dari 1 sampai ${SMS_LIMIT}` }]);
}

function toSmsEntry({ id, eventId, to, body, state, claimedAt }: LedgerEntry): SmsEntry {
  return { id, eventId, to: maskTelepon(to), body, state, createdAt: claimedAt.toISOString() };
}

function maskTelepon(telepon: Telepon): string {
  return telepon.replace(/\d(?=\d{3})/g, "*");
}

export interface NotificationAppParts {
  readonly ledger: SmsLedger;
  readonly identity: Identity;
  readonly audit: Audit;
  readonly observe?: RequestObserver;
  /** Takes the provider's delivery reports; left out where nobody could sign them. */
  readonly receipts?: Handler<AppEnv> | undefined;
}
