import type { ProcessPlan, StackServer } from "../../ops/stack/server.ts";

/** A server of the stack that starts at once: it answers HTTP, or does what the test wants to see. */
export function tinyServer(name: string, port: number, changes: Partial<StackServer> = {}): StackServer {
  return {
    name,
    tools: [],
    ports: { http: port },
    install: () => Promise.resolve(),
    processes: ({ ports }) => [tinyProcess(name, ports["http"] ?? 0)],
    ready: ({ ports }, signal) => answers(ports["http"] ?? 0, signal),
    variables: ({ ports }) => ({ [`${name.toUpperCase()}_URL`]: `http://127.0.0.1:${ports["http"]}` }),
    ...changes,
  };
}

export function tinyProcess(name: string, port: number): ProcessPlan {
  const program = `Deno.serve({ hostname: "127.0.0.1", port: ${port} }, () => new Response("siap"))`;
  return { name, command: Deno.execPath(), args: ["eval", program] };
}

/** A process that runs these lines of a shell. */
export function shell(name: string, lines: string): ProcessPlan {
  return { name, command: "/bin/sh", args: ["-c", lines] };
}

async function answers(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, { signal });
    await response.body?.cancel();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
