import { existsSync } from "node:fs";
import { join } from "node:path";
import { kafka } from "../../ops/stack/servers/kafka.ts";
import { nodesOf } from "../../ops/stack/servers/kafka_nodes.ts";
import type { Place, ProcessPlan } from "../../ops/stack/server.ts";

/**
 * A Kafka of the test's own, which it may stop, freeze and kill without disturbing others. It takes the programs of the
 * stack (KAFKA_HOME), or else fetches them itself, and some free ports.
 */
export async function startOwnKafka(brokers: 1 | 3): Promise<OwnKafka> {
  const folder = await Deno.makeTempDir({ prefix: "own-kafka-" });
  const place = placeIn(folder, brokers);
  await kafka.install(place);
  const plans = await kafka.processes(place);
  const running = new Map<number, Deno.ChildProcess>();
  const own: OwnKafka = {
    brokers: nodesOf(place).map((node) => node.address),
    secureBrokers: nodesOf(place).map((node) => node.secureAddress),
    place,
    start(id) {
      const plan = plans[id - 1];
      if (!plan) throw new Error(`There is no broker "${id}"`);
      running.set(id, spawn(folder, plan));
    },
    async end(id, signal = "SIGTERM") {
      running.get(id)?.kill(signal);
      await running.get(id)?.status;
      running.delete(id);
    },
    send: (id, signal) => running.get(id)?.kill(signal),
    async ready() {
      const deadline = AbortSignal.timeout(READY_MS);
      while (!await kafka.ready(place, deadline)) deadline.throwIfAborted();
    },
    async stop() {
      await Promise.all([...running.keys()].map((id) => own.end(id, "SIGKILL")));
      await Deno.remove(folder, { recursive: true });
    },
  };
  for (const { id } of nodesOf(place)) own.start(id);
  await own.ready();
  return own;
}

export interface OwnKafka {
  /** Addresses that ask for no password. */
  readonly brokers: readonly string[];
  /** Addresses that speak TLS and ask for the password of kafka_nodes.ts. */
  readonly secureBrokers: readonly string[];
  readonly place: Place;
  /** Starts a broker that was ended; brokers count from 1. */
  start(id: number): void;
  /** Resolves when the broker's process has ended. */
  end(id: number, signal?: Deno.Signal): Promise<void>;
  send(id: number, signal: Deno.Signal): void;
  /** Resolves when all brokers answer. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

function placeIn(folder: string, brokers: 1 | 3): Place {
  const home = Deno.env.get("KAFKA_HOME");
  return {
    programs: home !== undefined && existsSync(home) ? home : folder,
    data: folder,
    ports: freePorts(Object.keys(kafka.ports)),
    brokers,
    say: () => {},
    async run(command, args, options = {}) {
      const { success, stderr } = await new Deno.Command(command, { args: [...args], ...options }).output();
      if (!success) throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr)}`);
    },
  };
}

/**
 * Ports that nobody uses now, below those that the system gives to clients: a broker binds seconds later, and by then a
 * connection of another test could have taken one.
 */
function freePorts(names: readonly string[]): Readonly<Record<string, number>> {
  const held: Deno.Listener[] = [];
  const ports = names.map((name) => {
    for (;;) {
      const port = 20_000 + Math.floor(Math.random() * 12_000);
      try {
        held.push(Deno.listen({ hostname: "127.0.0.1", port }));
        return [name, port] as const;
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      }
    }
  });
  for (const listener of held) listener.close();
  return Object.fromEntries(ports);
}

/** Its output goes to a file in the folder; the shell gives its place to the program. */
function spawn(folder: string, { name, command, args, cwd = folder }: ProcessPlan): Deno.ChildProcess {
  const log = join(folder, `${name}.log`);
  const options = { cwd, stdin: "null", stdout: "null", stderr: "null" } as const;
  const shell = ["-c", 'log=$1; shift; exec "$@" >>"$log" 2>&1', "sh", log, command, ...args];
  return new Deno.Command("sh", { args: shell, ...options }).spawn();
}

const READY_MS = 120_000;
