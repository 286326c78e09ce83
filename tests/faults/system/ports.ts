/**
 * A port that nobody listens on now, below those that the system gives to clients: who holds it may be killed, and must
 * find it free when it comes back.
 */
export function claimPort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (claimed.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      claimed.add(port);
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

const claimed = new Set<number>();
