import { join, resolve } from "node:path";
import type { Place, ProcessPlan, StackServer } from "../../../ops/stack/server.ts";
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
  /** As many as it has addresses: Kafka's brokers have one each. */
  readonly lines: readonly TcpProxy[];
  /** Lead the parts to it, over the line. */
  readonly variables: Readonly<Record<string, string>>;
  /** The same, past the line: for those who look on. */
  readonly direct: Readonly<Record<string, string>>;
}

/**
 * Starts a server of the stack in a folder of its own, with the programs that the stack has fetched. It ends with
 * `started`, also when it did not become ready.
 */
export async function startServer(server: StackServer, options: ServerOptions): Promise<Dependency> {
  const { logs, over, started, interrupted, environment, advertises } = options;
  const place = placeOf(server, options);
  await server.install(place);
  const lines = await Promise.all(over.map((purpose) => TcpProxy.listen(() => place.ports[purpose])));
  started.defer(async () => void await Promise.all(lines.map((line) => line[Symbol.asyncDispose]())));
  const known = over.map((purpose, i) => ({
    real: `127.0.0.1:${place.ports[purpose]}`,
    public: `127.0.0.1:${lines[i]?.port}`,
  }));
  const plans = await server.processes(place);
  if (advertises) await Promise.all(plans.map((plan) => advertise(advertises(plan), known)));
  const env = environment?.(`http://${known[0]?.public}`) ?? {};
  const processes = plans.map((plan) =>
    new Managed({
      ...plan,
      env: { ...plan.env, ...env },
      folder: logs,
      cwd: plan.cwd ?? place.data,
      probe: (signal) => server.ready(place, signal),
      interrupted,
    })
  );
  started.defer(async () => void await Promise.all(processes.map((process) => process.end())));
  await Promise.all(processes.map((process) => process.start(START_MS)));
  const direct = server.variables(place);
  return {
    name: server.name,
    processes,
    lines,
    direct,
    variables: mapValues(direct, (value) => redirect(value, known)),
  };
}

/** Where servers live, and how long. */
export interface Ward {
  /** For data. */
  readonly folder: string;
  readonly logs: string;
  /** Ends them with itself. */
  readonly started: AsyncDisposableStack;
  /** Ends the start. */
  readonly interrupted: AbortSignal;
}

export interface ServerOptions extends Ward {
  readonly brokers?: 1 | 3;
  /** The ports, by their purpose, that a line is put in front of. */
  readonly over: readonly string[];
  /** More variables for the server, which is known by this address. */
  readonly environment?: (url: string) => Readonly<Record<string, string>>;
  /** The file in which a process reads the address that it tells its clients. */
  readonly advertises?: (plan: ProcessPlan) => string;
}

interface Address {
  readonly real: string;
  readonly public: string;
}

/** Else clients would go on past the line. */
async function advertise(file: string, known: readonly Address[]): Promise<void> {
  const lines = (await Deno.readTextFile(file)).split("\n");
  const changed = lines.map((line) => line.startsWith("advertised.") ? redirect(line, known) : line);
  await Deno.writeTextFile(file, changed.join("\n"));
}

function redirect(text: string, known: readonly Address[]): string {
  return known.reduce((text, address) => text.replaceAll(address.real, address.public), text);
}

function mapValues(variables: Readonly<Record<string, string>>, change: (value: string) => string) {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, change(value)]));
}

function placeOf(server: StackServer, { folder, brokers = 1, interrupted: signal }: ServerOptions): Place {
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
      const program = new Deno.Command(command, { args: [...args], signal, ...options });
      const { success, stderr } = await program.output();
      if (!success) throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr)}`);
    },
  };
}

const START_MS = 300_000;
