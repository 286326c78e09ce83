import { ConfigError } from "../config/config.ts";

/** Throws a `ConfigError` when another program listens on the port; asked first, before anything slow is started. */
export function claimPort(variable: string, { hostname, port }: { hostname: string; port: number }): void {
  try {
    Deno.listen({ hostname, port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ConfigError([
      `port ${port} is in use: stop the other program or set ${variable} to a free port`,
    ]);
  }
}
