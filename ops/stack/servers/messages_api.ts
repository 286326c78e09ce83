import { join } from "node:path";
import type { StackServer } from "../server.ts";

/** A local Messages API that answers as Twilio documents, and sends nothing. */
export const messagesApi: StackServer = {
  name: "messages-api",
  tools: [],
  ports: { api: 4010 },
  install: () => Promise.resolve(),
  processes: ({ ports }) => [{
    name: "messages-api",
    command: Deno.execPath(),
    args: [
      // It reports deliveries to whatever address a message names.
      ...["run", "--allow-net", PROGRAM],
      ...["--port", `${ports.api}`, "--sid", SID, "--token", TOKEN],
    ],
    cwd: CHECKOUT,
  }],
  async ready({ ports }, signal) {
    try {
      const response = await fetch(`${url(ports)}/count`, { signal });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  },
  variables: ({ ports }) => ({
    TWILIO_ACCOUNT_SID: SID,
    TWILIO_AUTH_TOKEN: TOKEN,
    TWILIO_FROM: "DUKCAPIL",
    TWILIO_API_URL: url(ports),
  }),
};

function url(ports: Readonly<Record<string, number>>): string {
  return `http://127.0.0.1:${ports.api}`;
}

const SID = "AC00000000000000000000000000000001";
const TOKEN = "twilio-rahasia";
const PROGRAM = join(import.meta.dirname ?? "", "../messages_api/main.ts");
/** Holds deno.json, which says where the program's imports come from. */
const CHECKOUT = join(import.meta.dirname ?? "", "../../..");
