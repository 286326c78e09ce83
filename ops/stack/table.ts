import type { ProcessStatus } from "./status.ts";

/** The processes as lines for a terminal. */
export function table(processes: readonly ProcessStatus[]): string {
  const rows = processes.map(({ server, process, pid, ports, state }) => [
    server,
    process,
    String(pid),
    state,
    Object.entries(ports).map(([purpose, port]) => `${port} ${purpose}`).join(", "),
  ]);
  const all = [["server", "process", "pid", "state", "ports of the server on 127.0.0.1"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()}`)
    .join("\n");
}
