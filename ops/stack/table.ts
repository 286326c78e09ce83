import type { ProcessStatus } from "./status.ts";

/** The processes as lines for a terminal. */
export function table(processes: readonly ProcessStatus[]): string {
  const rows = processes.map(({ server, process, pid, ports, state }, i) => {
    const list = Object.entries(ports).map(([purpose, port]) => `${port} ${purpose}`).join(", ");
    return [server, process, String(pid), state, processes[i - 1]?.server === server ? "" : list];
  });
  const all = [["server", "process", "pid", "state", "ports of the server"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()}`)
    .join("\n");
}
