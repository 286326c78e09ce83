import { openTestDatabase } from "../database.ts";
import { freePort, startProcess, waitUntilReady } from "../e2e/process.ts";

/** The whole system on embedded servers, in a process and with a database of its own. */
export async function startSystem(env: Readonly<Record<string, string>> = {}): Promise<System> {
  const database = await openTestDatabase();
  const dataDir = await Deno.makeTempDir();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = startProcess("ops/tasks/dev.ts", {
    env: { PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: database.url, ...env },
  });
  const stop = async () => {
    await process.stop();
    await database.drop();
    await Deno.remove(dataDir, { recursive: true });
  };
  try {
    await waitUntilReady(`${url}/readyz`, process);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port, stop };
}

/** A token of the service account that may register, read statistics, and is not limited. */
export async function bulkToken({ url }: System): Promise<string> {
  const answer = await fetch(`${url}/realms/gov-realm/protocol/openid-connect/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("simulasi:simulasi-rahasia")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token } = await answer.json();
  if (typeof access_token !== "string") throw new Error(`Token request was answered with ${answer.status}`);
  return access_token;
}

export interface System {
  /** Of the edge; the identity provider and the operators' paths are there as well. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}
