import { join } from "node:path";
import pLimit from "p-limit";
import { z } from "zod";
import { DEVELOPMENT_SECRETS } from "../../../shared/adapters/embedded/identity/development_secrets.ts";
import { claimPort } from "../../faults/system/ports.ts";
import { answers, startProcess } from "../machine/process.ts";
import type { Running } from "../scenario.ts";

/** Starts an identity provider with so many officers and logs them in. */
export async function startIdentity(officers: number, logs: string): Promise<BenchIdentity> {
  const port = claimPort();
  const password = crypto.randomUUID();
  const url = `http://127.0.0.1:${port}`;
  const process = await startProcess({
    name: "identity",
    logs,
    command: Deno.execPath(),
    args: ["run", "--allow-all", "--no-check", "--quiet", PROGRAM, String(port), String(officers), password],
    cwd: CHECKOUT,
    ready: (signal) => answers(`${url}/realms/gov-realm/protocol/openid-connect/certs`, signal),
  });
  const few = pLimit(4);
  const logIns = Array.from({ length: officers }, (_, i) => few(() => logIn(url, `petugas-${i}`, password)));
  return { ...process, url, operations: url, tokens: await Promise.all(logIns) };
}

export interface BenchIdentity extends Running {
  /** Access tokens, one of each officer. */
  readonly tokens: readonly string[];
}

async function logIn(url: string, username: string, password: string): Promise<string> {
  const response = await fetch(`${url}/realms/gov-realm/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "password",
      client_id: "auth-service",
      client_secret: DEVELOPMENT_SECRETS["GOV_AUTH_SERVICE_SECRET"] ?? "",
      username,
      password,
    }),
    signal: AbortSignal.timeout(10_000),
  });
  return Answer.parse(await response.json()).access_token;
}

const Answer = z.object({ access_token: z.string().min(1) });
const PROGRAM = join(import.meta.dirname ?? "", "identity_process.ts");
/** Holds deno.json, which says where the program's imports come from. */
const CHECKOUT = join(import.meta.dirname ?? "", "../../..");
