import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { createBridge } from "./bridge.ts";

/** deno run main.ts --port 8079 --redis redis://:PASSWORD@127.0.0.1:6379 --token TOKEN */
if (import.meta.main) {
  const text = { type: "string" } as const;
  const { port, redis, token } = parseArgs({ options: { port: text, redis: text, token: text } }).values;
  if (port === undefined || redis === undefined || token === undefined) {
    throw new TypeError("Start the bridge with --port, --redis and --token");
  }
  const client = new Redis(redis, { protocol: 2, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  client.on("error", (error) => Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`)));
  const bridge = createBridge({
    token,
    run: ([name, ...args]) => client.call(name, ...args),
  });
  Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, bridge);
}
