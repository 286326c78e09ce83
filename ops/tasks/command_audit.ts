import { dirname, join } from "node:path";
import { toConfig } from "../../shared/config/config.ts";
import type { Environment } from "../../shared/config/environment.ts";
import type { Audit } from "../../shared/ports/audit.ts";
import { openPlatform } from "../../shared/runtime/platform.ts";

/**
 * The audit of a command, in the sinks that `AUDIT_SINKS` names. Standard output belongs to the person, and the file
 * of a running process to that process alone: a command has a file of its own beside it, with a chain of its own.
 * Rejects when no line can be written now.
 */
export async function openCommandAudit(environment: Environment, command: string): Promise<CommandAudit> {
  const { AUDIT_SINKS, AUDIT_FILE } = toConfig(environment, []);
  const sinks = new Set(AUDIT_SINKS.map((name) => name === "stdout" ? "file" : name));
  const folder = dirname(AUDIT_FILE);
  if (sinks.has("file")) await Deno.mkdir(folder, { recursive: true, mode: 0o750 });
  const file = join(
    folder,
    `${command}-${new Date().toISOString().replaceAll(/[:.]/g, "-")}-${Deno.pid}.jsonl`,
  );
  const variables = { ...environment, AUDIT_SINKS: [...sinks].join(), AUDIT_FILE: file };
  const platform = openPlatform(toConfig(variables, []));
  const audit = await platform.audit(command);
  await audit.check();
  const own = audit.of(command);
  return { record: (entry) => own.record(entry), [Symbol.asyncDispose]: () => platform.close() };
}

/** For what changes nothing. */
export const NOTHING_TO_RECORD: CommandAudit = {
  record: () => Promise.reject(new Error("A dry run did something that must be audited")),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

type CommandAudit = Audit & AsyncDisposable;
