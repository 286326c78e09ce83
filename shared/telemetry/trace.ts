import { randomBytes } from "../security/random.ts";

/** W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/ */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Goes on with the caller's trace under a span of its own, or begins one where the header is absent or broken. */
export function continueTrace(header: string | null | undefined): Trace {
  const parts = header?.match(/^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/);
  const [, traceId, parentId, flags] = parts ?? [];
  if (!traceId || !flags || header?.startsWith("ff") || /^0+$/.test(traceId) || /^0+$/.test(parentId ?? "")) {
    return { traceId: randomHex(16), spanId: randomHex(8), sampled: true };
  }
  return { traceId, spanId: randomHex(8), sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function traceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

function randomHex(bytes: number): string {
  let hex = "";
  for (const byte of randomBytes(bytes)) hex += HEX[byte];
  return hex;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
