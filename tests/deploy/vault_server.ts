import { eventually, freePort } from "../e2e/process.ts";
import { openbao } from "./run/openbao.ts";

/** An OpenBao in memory, unsealed, to which requests go as its root. */
export async function startVault(): Promise<VaultServer> {
  const program = await openbao();
  const address = `http://127.0.0.1:${await freePort()}`;
  const token = crypto.randomUUID();
  const server = new Deno.Command(program, {
    args: [
      "server",
      "-dev",
      "-dev-no-store-token",
      `-dev-root-token-id=${token}`,
      `-dev-listen-address=${new URL(address).host}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ask = async (method: string, path: string, body?: unknown, as = token): Promise<VaultAnswer> => {
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { "x-vault-token": as },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const stop = async () => {
    server.kill("SIGTERM");
    await server.status;
  };
  await eventually(
    "OpenBao answers",
    () =>
      fetch(`${address}/v1/sys/health`).then(
        async (answer) => (await answer.body?.cancel(), answer.ok),
        () => false,
      ),
    30_000,
  ).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    address,
    program,
    ask,
    async write(path, body) {
      const answer = await ask("POST", path, body);
      if (answer.status >= 400) throw new Error(`Write "${path}" failed: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    stop,
  };
}

export interface VaultServer {
  readonly address: string;
  /** The program, which is the agent too. */
  readonly program: string;
  /** As the root, or by another token. */
  ask(method: string, path: string, body?: unknown, as?: string): Promise<VaultAnswer>;
  write(path: string, body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}
