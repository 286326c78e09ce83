/**
 * Ends a server: asks it to close its sessions and stop (fast), then to stop at once (immediate, the next start
 * recovers from the log), then kills it. Answers whether it is gone; takes 5 s at most.
 */
export async function shutDown(server: RunningServer): Promise<boolean> {
  for (const [signal, waitMs] of [["SIGINT", 3_000], ["SIGQUIT", 1_000], ["SIGKILL", 1_000]] as const) {
    server.kill(signal);
    if (await server.gone(waitMs)) return true;
  }
  return false;
}

export interface RunningServer {
  /** Does nothing when the server is gone. */
  kill(signal: Deno.Signal): void;
  /** Answers true as soon as the server is gone, false when it is still there after `waitMs`. */
  gone(waitMs: number): Promise<boolean>;
}
