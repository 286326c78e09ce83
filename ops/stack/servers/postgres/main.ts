import { getLogger } from "@logtape/logtape";
import { startPostgres } from "../../../../shared/adapters/embedded/postgres_server.ts";
import { explainAndExit } from "../../../../shared/runtime/explain.ts";
import { configureLogging } from "../../../../shared/telemetry/logging.ts";
import { urlFile } from "../postgres.ts";

/** Holds the stack's PostgreSQL until SIGTERM. Arguments: port and data folder. */
async function main([port = "", data = ""]: readonly string[]): Promise<void> {
  const levels = { all: "info", parts: new Map() } as const;
  configureLogging({ levels, format: "json", service: { name: "postgres", version: "stack" } });
  const stopping = new AbortController();
  Deno.addSignalListener("SIGTERM", () => stopping.abort(new DOMException("Process stops", "AbortError")));
  const server = await startPostgres({
    dataDir: data,
    port: Number(port),
    // Tests and a whole fleet of processes share it.
    settings: { max_connections: "300" },
    log: (sentence) => log.info(sentence),
    signal: stopping.signal,
  });
  const file = urlFile(data);
  await Deno.writeTextFile(`${file}.new`, server.url, { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
  log.info("PostgreSQL serves on port {port}", { port });

  const told = new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  const ended = await Promise.race([told.then(() => false), server.exited.then(() => true)]);
  await server.stop();
  Deno.exit(ended ? 1 : 0);
}

const log = getLogger(["kependudukan", "stack"]);

if (import.meta.main) await main(Deno.args).catch(explainAndExit);
