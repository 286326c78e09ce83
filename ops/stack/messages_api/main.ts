import { parseArgs } from "node:util";
import { createMessagesApi } from "./api.ts";

/** deno run main.ts --port 4010 --sid AC… --token TOKEN */
if (import.meta.main) {
  const text = { type: "string" } as const;
  const { port, sid, token } = parseArgs({ options: { port: text, sid: text, token: text } }).values;
  if (port === undefined || sid === undefined || token === undefined) {
    throw new TypeError("Start the Messages API with --port, --sid and --token");
  }
  Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, createMessagesApi({ sid, token }).fetch);
}
