import { openPlace } from "./place.ts";
import { isFree } from "./preflight.ts";
import { isReady } from "./ready.ts";
import { readRecords } from "./records.ts";
import type { Stack } from "./stack.ts";

/** How each process that was started does now. */
export async function status(stack: Stack): Promise<readonly ProcessStatus[]> {
  const records = await readRecords(stack);
  const ready = new Map(
    await Promise.all(stack.servers.map(async (server) => {
      const record = records.find((record) => record.server === server.name && record.alive);
      if (!record) return [server.name, false] as const;
      // It rejects when the server can never become ready.
      return [
        server.name,
        await isReady(server, openPlace(stack, server, record)).catch(() => false),
      ] as const;
    })),
  );
  return records.map(({ server, process, pid, ports, alive }) => ({
    server,
    process,
    pid,
    // A server may have more ports than it uses: Kafka has those of three brokers.
    ports: Object.fromEntries(Object.entries(ports).filter(([, port]) => !isFree(port))),
    state: !alive ? "down" : ready.get(server) ? "ready" : "not ready",
  }));
}

export interface ProcessStatus {
  readonly server: string;
  readonly process: string;
  readonly pid: number;
  /** Those of the whole server that are listened on. */
  readonly ports: Readonly<Record<string, number>>;
  readonly state: "ready" | "not ready" | "down";
}
