import { openEmbeddedEventLog } from "../../shared/adapters/embedded/event_log/event_log.ts";
import type { EventLog } from "../../shared/ports/event_log.ts";
import { openTestDatabase } from "../database.ts";
import { freePort, startProcess, waitUntilReady } from "../e2e/process.ts";

/** The system on embedded servers, unless `env` leads elsewhere, with a page that is as new as its sources. */
export async function startSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const database = await openTestDatabase();
  const dataDir = await Deno.makeTempDir();
  const port = options.port ?? await freePort();
  const edge = `http://127.0.0.1:${port}`;
  const env = {
    ...{ PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: database.url },
    // The tests do as few demo users in a minute what many people do in an hour: a fast machine would be held up.
    ...{ RATE_LIMIT_PER_MINUTE: "10000", LOGIN_LIMIT_PER_MINUTE: "10000" },
    ...options.env,
  };
  const system = startProcess("ops/tasks/dev.ts", { env });
  await waitUntilReady(`${edge}/readyz`, system);
  return {
    edge,
    eventLog: () => openEmbeddedEventLog({ url: database.urlAs("event_log") }),
    async stop() {
      await system.stop();
      await database.drop();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

export interface SystemOptions {
  /** A free one by default. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestSystem {
  readonly edge: string;
  /** The log that its workers read; whoever opens it closes it. */
  readonly eventLog: () => Promise<EventLog>;
  stop(): Promise<void>;
}
