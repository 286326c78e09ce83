import { join } from "node:path";
import type { StackServer } from "../server.ts";
import { redisUrl } from "./redis.ts";

/** Upstash's REST protocol in front of the stack's own Redis, which listens on `redisPort`. */
export function upstashBridge(redisPort: number): StackServer {
  return {
    name: "upstash-bridge",
    tools: [],
    ports: { rest: 8079 },
    install: () => Promise.resolve(),
    processes: ({ ports }) => [{
      name: "upstash-bridge",
      command: Deno.execPath(),
      args: [
        ...["run", "--allow-net=127.0.0.1", "--allow-env", PROGRAM],
        ...["--port", `${ports.rest}`, "--redis", redisUrl(redisPort), "--token", TOKEN],
      ],
      cwd: CHECKOUT,
    }],
    async ready({ ports }, signal) {
      try {
        const response = await fetch(url(ports), {
          method: "POST",
          headers: { authorization: `Bearer ${TOKEN}` },
          body: '["PING"]',
          signal,
        });
        return (await response.text()) === '{"result":"PONG"}';
      } catch {
        return false;
      }
    },
    variables: ({ ports }) => ({
      UPSTASH_REDIS_REST_URL: url(ports),
      UPSTASH_REDIS_REST_TOKEN: TOKEN,
    }),
  };
}

function url(ports: Readonly<Record<string, number>>): string {
  return `http://127.0.0.1:${ports.rest}`;
}

const TOKEN = "upstash-rahasia";
const PROGRAM = join(import.meta.dirname ?? "", "../upstash_bridge/main.ts");
/** Holds deno.json, which says where the program's imports come from. */
const CHECKOUT = join(import.meta.dirname ?? "", "../../..");
