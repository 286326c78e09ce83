import { openEmbeddedEventLog } from "../event_log.ts";

// A process that takes every partition and is then to be frozen in the middle of its batches.
const [url = ""] = Deno.args;
const log = await openEmbeddedEventLog({ url, idleMs: 1_000 });
await log.consume("pendaftaran-events", "statistics-group", () => {
  Deno.stdout.writeSync(new TextEncoder().encode("begun\n"));
  return new Promise(() => {});
}).start();
