import { getLogger } from "@logtape/logtape";
import type { Context, Handler } from "hono";
import type { AppEnv } from "../../shared/http/app.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readBody } from "../../shared/http/read_body.ts";
import {
  parseSmsId,
  type SmsId,
  type SmsLedger,
  type SmsReceipt,
  type SmsReport,
} from "../../shared/ports/sms.ts";

/**
 * POST /sms/status: what Twilio reports of a message, as a form. Believed only when Twilio signed it. Reports may
 * repeat and overtake each other: the ledger keeps the furthest.
 * Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
 */
export function receiveReceipts({ ledger, isSigned, observe = () => {} }: ReceiptParts): Handler<AppEnv> {
  return async function receiveReceipt(c) {
    const { id, form } = await readSigned(c, isSigned);
    const report = toReport(form);
    if (!report) throw new Problem("INVALID_INPUT", "Laporan tidak menyebut pesan dan statusnya");
    const known = await write(ledger, id, report, c);
    const [eventId] = id.split(":");
    if (known === "unknown") {
      log.warn("Report of an SMS that the ledger does not know as sent, event {eventId}", { eventId });
    } else if (report.receipt?.kind === "undelivered") {
      log.warn("SMS of event {eventId} did not reach the officer: {code}", {
        eventId,
        code: report.receipt.code,
      });
    }
    observe({ outcome: known === "unknown" ? known : report.receipt?.kind ?? "on-its-way" });
    return c.body(null, 204);
  };
}

async function readSigned(c: Context<AppEnv>, isSigned: ReceiptParts["isSigned"]): Promise<Signed> {
  const id = parseSmsId(c.req.query("id") ?? "");
  const signature = c.req.header("x-twilio-signature");
  const form = Object.fromEntries(new URLSearchParams(new TextDecoder().decode(await readBody(c))));
  if (id !== undefined && signature !== undefined && isSigned({ id, signature, form })) return { id, form };
  throw new Problem("FORBIDDEN", "Laporan ini tidak ditandatangani oleh penyedia SMS");
}

/** Statuses that are not known here, now or in time to come, end nothing. */
function toReport({ MessageSid, MessageStatus, ErrorCode }: Form): SmsReport | undefined {
  if (!MessageSid || !MessageStatus) return undefined;
  return { providerId: MessageSid, receipt: toReceipt(MessageStatus, ErrorCode) };
}

function toReceipt(status: string, errorCode: string | undefined): SmsReceipt | undefined {
  switch (status) {
    case "delivered":
    case "read":
      return { kind: "delivered" };
    case "undelivered":
    case "failed":
    case "canceled":
      return { kind: "undelivered", code: errorCode || status.toUpperCase() };
  }
}

/** Twilio comes back when the answer is 503 and its address says so. */
async function write(ledger: ReceiptParts["ledger"], id: SmsId, report: SmsReport, c: Context<AppEnv>) {
  try {
    return await ledger.report(id, report);
  } catch (cause) {
    const error = cause instanceof Error ? cause.name : typeof cause;
    log.error("Cannot write down the report of an SMS: {error}", { error, traceId: c.var.trace.traceId });
    throw new Problem("STORE_UNAVAILABLE", "Laporan belum dapat dicatat; kirim lagi nanti", { cause });
  }
}

export interface ReceiptParts {
  readonly ledger: Pick<SmsLedger, "report">;
  /** Whether the provider signed this report on the message. */
  readonly isSigned: (report: Signed & { readonly signature: string }) => boolean;
  readonly observe?: (seen: {
    readonly outcome: SmsReceipt["kind"] | "on-its-way" | "unknown";
  }) => void;
}

interface Signed {
  readonly id: SmsId;
  readonly form: Form;
}

type Form = Readonly<Record<string, string>>;

const log = getLogger(["kependudukan", "notification"]);
