import { join, resolve } from "node:path";
import type { Place, ProcessPlan, StackServer } from "../../../ops/stack/server.ts";
import { claimPort } from "../../faults/system/ports.ts";
import { type BenchProcess, startProcess } from "../machine/process.ts";

/** Starts a server of the stack in a folder and at ports of its own, with the programs that the stack has fetched. */
export async function startServer(server: StackServer, options: ServerOptions): Promise<RunningServer> {
  const { folder, logs, name = server.name, changeArgs = (args) => args } = options;
  const place = placeOf(server, join(folder, name));
  await server.install(place);
  const [plan] = await server.processes(place);
  if (!plan) throw new Error(`Server "${name}" has no process`);
  const process = await startProcess({
    ...withArgs(plan, changeArgs),
    name,
    logs,
    cwd: plan.cwd ?? place.data,
    ready: (signal) => server.ready(place, signal),
  });
  return { name, process, variables: server.variables(place), data: place.data };
}

export interface ServerOptions {
  /** For its data. */
  readonly folder: string;
  readonly logs: string;
  /** Other than the stack's, for a second one of its kind. */
  readonly name?: string;
  readonly changeArgs?: (args: readonly string[]) => readonly string[];
}

export interface RunningServer {
  readonly name: string;
  readonly process: BenchProcess;
  readonly data: string;
  /** That lead to it. */
  readonly variables: Readonly<Record<string, string>>;
}

function withArgs(plan: ProcessPlan, change: (args: readonly string[]) => readonly string[]): ProcessPlan {
  return { ...plan, args: change(plan.args) };
}

function placeOf(server: StackServer, data: string): Place {
  const programs = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs", server.name);
  for (const path of [programs, data]) Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  return {
    programs,
    data,
    ports: Object.fromEntries(Object.keys(server.ports).map((purpose) => [purpose, claimPort()])),
    brokers: 1,
    say: () => {},
    async run(command, args, options = {}) {
      const { success, stderr } = await new Deno.Command(command, { args: [...args], ...options }).output();
      if (!success) throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr)}`);
    },
  };
}
