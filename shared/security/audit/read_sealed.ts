import type { SealedLine } from "../../ports/audit_sink.ts";
import { AuditLineSchema } from "./line_schema.ts";

/** A line of the audit from its text; undefined when the text is none. Says nothing of its hash. */
export function readSealed(text: string): SealedLine | undefined {
  const parsed = AuditLineSchema.safeParse(parseJson(text));
  return parsed.success ? { line: parsed.data, text } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what is not JSON is no line either
  }
}
