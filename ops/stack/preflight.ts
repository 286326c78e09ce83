import { portVariable, type StackPorts } from "../../shared/config/stack.ts";
import type { StackServer, Tool } from "./server.ts";
import { StackError } from "./stack.ts";

/**
 * Looks before anything starts whether the tools of the servers are there and their ports free; rejects with a
 * sentence for each that is not.
 */
export async function preflight(servers: readonly StackServer[], ports: StackPorts): Promise<void> {
  const problems = [
    ...await missingTools(servers),
    ...servers.flatMap((server) => usedPorts(server, ports)),
  ];
  if (problems.length > 0) throw new StackError(problems.join("\n"));
}

async function missingTools(servers: readonly StackServer[]): Promise<readonly string[]> {
  const tools = new Map(servers.flatMap(({ tools }) => tools).map((tool) => [tool.command, tool]));
  const sentences = await Promise.all(Array.from(tools.values(), async (tool) => {
    if (await isThere(tool)) return [];
    return [`Program "${tool.command}" is missing: install it with "${tool.installWith}"`];
  }));
  return sentences.flat();
}

async function isThere({ command, versionArgs }: Tool): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, {
      args: [...versionArgs],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(TOOL_MS),
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function usedPorts(server: StackServer, ports: StackPorts): readonly string[] {
  return Object.entries(ports[server.name] ?? {}).flatMap(([purpose, port]) => {
    if (isFree(port)) return [];
    const variable = portVariable(ports, server.name, purpose);
    return [
      `Port ${port} of ${server.name} is in use: stop the other program or set ${variable} to a free port`,
    ];
  });
}

/** Whether nobody listens on the port. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** Maven takes seconds to tell its version on a busy machine. */
const TOOL_MS = 60_000;
