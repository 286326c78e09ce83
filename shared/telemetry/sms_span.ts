import type { SendResult } from "../ports/sms.ts";
import { fail, inSpan, SpanKind } from "./span.ts";

/** One SMS handed to its provider: what became of it, and nothing of whom it is for or what it says. */
export function inSmsSpan(provider: string, send: () => Promise<SendResult>): Promise<SendResult> {
  const attributes = { "peer.service": provider, "sms.operation": "send" };
  return inSpan("sms", "send sms", { kind: SpanKind.CLIENT, attributes }, async (span) => {
    const result = await send();
    span?.setAttribute("sms.result", result.kind);
    if (result.kind === "refused" || result.kind === "ambiguous") fail(span, result.code);
    return result;
  });
}
