import { randomBytes } from "../security/random.ts";

/** W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/ */
export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Goes on with the caller's trace under a span of its own, or begins one where there is no caller's. */
export function continueTrace(caller: Trace | undefined): Trace {
  if (caller) return { ...caller, spanId: randomHex(8) };
  return { traceId: randomHex(16), spanId: randomHex(8), sampled: true };
}

/** Undefined where the header is absent or broken. */
export function readTraceparent(header: string | null | undefined): Trace | undefined {
  const parts = header?.match(/^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/);
  const [, traceId, spanId, flags] = parts ?? [];
  if (!traceId || !spanId || !flags || header?.startsWith("ff")) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
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
