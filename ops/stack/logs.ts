import { join } from "node:path";
import { type Stack, StackError } from "./stack.ts";

/** Shows the last lines of the logs by tail(1); `name` is a server, a process or a log. Answers tail's exit code. */
export async function logs(stack: Stack, { name, follow }: LogsOptions): Promise<number> {
  const all = Array.from(Deno.readDirSync(stack.logs), (entry) => entry.name).sort();
  const chosen = all.filter((file) => matches(file, name));
  if (chosen.length === 0) {
    const known = all.map((file) => file.replace(/\.log$/, "")).join(", ") || "none yet";
    throw new StackError(name ? `There is no log of "${name}": ${known}` : "There are no logs yet");
  }
  const files = chosen.map((file) => join(stack.logs, file));
  // -F goes on with the new file when a restart replaces the log.
  const args = ["-n", name === undefined ? "20" : "200", ...(follow ? ["-F"] : []), "--", ...files];
  return (await new Deno.Command("tail", { args }).spawn().status).code;
}

function matches(file: string, name: string | undefined): boolean {
  if (name === undefined) return !/\.(previous|install)\.log$/.test(file);
  return file === `${name}.log` || file.startsWith(`${name}.`) || file.startsWith(`${name}-`);
}

export interface LogsOptions {
  readonly name: string | undefined;
  readonly follow: boolean;
}
