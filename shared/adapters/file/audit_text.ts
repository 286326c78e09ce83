import type { AuditSink } from "../../ports/audit_sink.ts";

/**
 * Hands audit lines to `write`, for standard output and for the console of other runtimes. Durable is what the platform
 * makes of it; a line may come twice, and whoever collects them tells by `event.id`.
 */
export function auditText(write: (text: string) => void): AuditSink {
  return {
    name: "stdout",
    append(lines) {
      write(lines.map(({ text }) => text).join("\n"));
      return Promise.resolve();
    },
    recent: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
}

/** Writes to the end even where standard output takes it in pieces, as a pipe does. */
export function writeToStdout(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}
