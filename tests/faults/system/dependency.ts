import { join, resolve } from "node:path";
import type { Place, StackServer } from "../../../ops/stack/server.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import { Managed } from "./managed.ts";
import { claimPort } from "./ports.ts";

/**
 * An external system of the run's own, which it may kill, freeze and cut off: its processes, and the line by which the
 * parts reach it.
 */
export interface Dependency {
  readonly name: string;
  readonly processes: readonly Managed[];
  /** Undefined where clients are told by the server itself where to find it, as by Kafka's brokers. */
  readonly line: TcpProxy | undefined;
  /** Lead the parts to it, over the line. */
  readonly variables: Readonly<Record<string, string>>;
  /** The same, past the line: for those who look on. */
  readonly direct: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

/** Starts a server of the stack in a folder of its own, with the programs that the stack has fetched. */
export async function startServer(server: StackServer, options: ServerOptions): Promise<Dependency> {
  const { folder, logs, brokers = 1, over, environment } = options;
  const place = placeOf(server, folder, brokers);
  await server.install(place);
  const line = over === undefined ? undefined : await TcpProxy.listen(() => place.ports[over]);
  const env = line && environment ? environment(`http://127.0.0.1:${line.port}`) : {};
  const plans = await server.processes(place);
  const processes = plans.map((plan) =>
    new Managed({
      ...plan,
      env: { ...plan.env, ...env },
      folder: logs,
      cwd: plan.cwd ?? place.data,
      probe: (signal) => server.ready(place, signal),
    })
  );
  await Promise.all(processes.map((process) => process.start(START_MS)));
  const direct = server.variables(place);
  return {
    name: server.name,
    processes,
    line,
    direct,
    variables: line ? redirect(direct, `127.0.0.1:${place.ports[over ?? ""]}`, line.port) : direct,
    async end() {
      await Promise.all(processes.map((process) => process.end()));
      await line?.[Symbol.asyncDispose]();
    },
  };
}

export interface ServerOptions {
  /** For its data. */
  readonly folder: string;
  readonly logs: string;
  readonly brokers?: 1 | 3;
  /** The port, by its purpose, that a fault proxy is put in front of. */
  readonly over?: string;
  /** More variables for the server, which is known by this address. */
  readonly environment?: (url: string) => Readonly<Record<string, string>>;
}

function redirect(variables: Readonly<Record<string, string>>, address: string, port: number) {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replaceAll(address, `127.0.0.1:${port}`),
    ]),
  );
}

function placeOf(server: StackServer, folder: string, brokers: 1 | 3): Place {
  const programs = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs", server.name);
  const data = join(folder, server.name);
  for (const path of [programs, data]) Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  return {
    programs,
    data,
    ports: Object.fromEntries(Object.keys(server.ports).map((purpose) => [purpose, claimPort()])),
    brokers,
    say: () => {},
    async run(command, args, options = {}) {
      const { success, stderr } = await new Deno.Command(command, { args: [...args], ...options }).output();
      if (!success) throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr)}`);
    },
  };
}

const START_MS = 300_000;
