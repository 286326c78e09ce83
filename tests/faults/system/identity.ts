import { join } from "node:path";
import type { StackServer } from "../../../ops/stack/server.ts";
import { answers } from "./managed.ts";

/** The embedded identity provider in a process of its own, as a server like the others. PUBLIC_URL is its address. */
export const identity: StackServer = {
  name: "identity",
  tools: [],
  ports: { http: 0 },
  install: () => Promise.resolve(),
  processes: ({ ports }) => [{
    name: "identity",
    command: Deno.execPath(),
    args: ["run", "--allow-all", "--no-check", "--quiet", PROGRAM, String(ports["http"])],
    cwd: CHECKOUT,
  }],
  ready: ({ ports }, signal) =>
    answers(`http://127.0.0.1:${ports["http"]}/realms/gov-realm/protocol/openid-connect/certs`, signal),
  variables: ({ ports }) => ({ KEYCLOAK_URL: `http://127.0.0.1:${ports["http"]}` }),
};

const PROGRAM = join(import.meta.dirname ?? "", "identity_process.ts");
/** Holds deno.json, which says where the program's imports come from. */
const CHECKOUT = join(import.meta.dirname ?? "", "../../..");
