import { join } from "node:path";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { type Baseline, prepareBaseline } from "../baseline/system.ts";
import { type LagReader, openLag } from "../kafka_lag.ts";
import { startIdentity } from "../ours/identity.ts";
import { type Ours, prepareOurs } from "../ours/system.ts";
import type { Context, Scenario } from "../scenario.ts";
import { writeProvinces } from "./provinces.ts";
import { type Contender, takeTurn, type Turn } from "./turn.ts";

/**
 * `POST /penduduk` through the whole system, all workers running, against the baseline's registration, with its. Each
 * connection of ours is an officer with a token of his own.
 */
export function registration({ connections }: RegistrationOptions): Scenario {
  return {
    name: "registration",
    quick: { rounds: 1, each: 102, once: 10 },
    full: { rounds: 3, each: 136, once: 10 },
    async run(context) {
      const { servers, folder, baseline: programs, quick } = context;
      const identity = await startIdentity(Math.max(...connections), folder);
      const lag = await openLag(servers.variables["KAFKA_BROKERS"] ?? "");
      const ours = await prepareOurs({ servers, identity, folder });
      const theirs = programs && await prepareBaseline({ programs, servers, lag, logs: folder });
      try {
        await quietMessages(servers.variables["TWILIO_API_URL"] ?? "");
        const turn = await turnOf(context, connections, quick);
        const tokens = async (count: number) => {
          const file = join(folder, `tokens-${count}`);
          await Deno.writeTextFile(file, identity.tokens.slice(0, count).join("\n"), { mode: 0o600 });
          return file;
        };
        const world = { context, lag, turn, tokens };
        for (let round = 0; round < context.rounds; round++) {
          const turns = [
            () => turnOfOurs(ours, world),
            ...(theirs ? [() => turnOfTheirs(theirs, world)] : []),
          ];
          for (const take of round % 2 === 0 ? turns : turns.toReversed()) await take();
        }
      } finally {
        await theirs?.end();
        await ours.end();
        await lag.close();
        await identity.end();
      }
    },
  };
}

export interface RegistrationOptions {
  readonly connections: readonly number[];
}

async function turnOfOurs(ours: Ours, { context, lag, turn, tokens }: World): Promise<void> {
  const running = await ours.start();
  const waiting = async (group: string) => await lag.of("pendaftaran-events", group);
  const contender: Contender = {
    name: "ours",
    url: running.edge.url,
    tokens,
    meter: () => context.meter(ours.processes(running.processes)),
    own: ["identity", ...Object.keys(running.processes)],
    async lag() {
      const [outbox, statistics, notification] = await Promise.all([
        countOf("outbox", context, ours.variables["DATABASE_URL"]),
        waiting("statistics-group"),
        waiting("notification-group"),
      ]);
      return outbox + Math.max(statistics, notification);
    },
    patienceSeconds: 60,
    async forget() {
      const deadline = performance.now() + REST_MS;
      while (await contender.lag() > 0) {
        if (performance.now() > deadline) throw new Error("Our workers do not catch up with the load before");
        await sleep(250, context.signal);
        context.signal.throwIfAborted();
      }
    },
    async wrong() {
      const registered = await countOf("penduduk", context, ours.variables["DATABASE_URL"]);
      const { provinces } = await (await ours.onlooker.statisticsStore()).read();
      return Math.abs(registered - provinces.reduce((sum, { jumlah }) => sum + jumlah, 0));
    },
  };
  try {
    await takeTurn(contender, turn);
  } finally {
    await running.end();
  }
}

async function turnOfTheirs(baseline: Baseline, { context, lag, turn }: World): Promise<void> {
  const running = await baseline.start();
  const { topic, groups } = running;
  const waiting = async () =>
    Math.max(await lag.of(topic, groups.statistics), await lag.of(topic, groups.notification));
  try {
    await takeTurn({
      name: "baseline",
      url: running.url,
      tokens: () => Promise.resolve(undefined),
      meter: () => context.meter(baseline.processes(running.processes())),
      own: Object.keys(running.processes()),
      lag: waiting,
      patienceSeconds: context.quick ? 2 : 4,
      forget: () => running.forget(),
    }, turn);
  } finally {
    await running.end();
  }
}

async function countOf(table: string, { servers }: Context, database: string | undefined): Promise<number> {
  const [row] = await servers.query(`select count(*)::int as count from ${table}`, database);
  return Number(row?.["count"]);
}

async function turnOf(context: Context, connections: readonly number[], quick: boolean): Promise<Turn> {
  const { folder, servers, samples, say, signal } = context;
  let first = 0;
  return {
    samples,
    connections,
    seconds: quick ? 4 : 5,
    settleSeconds: 2,
    warm: quick ? { requests: 10_000, seconds: 4 } : { requests: 40_000, seconds: 20 },
    provinces: await writeProvinces(folder),
    nextFirst: () => first += PEOPLE,
    checkpoint: async () => void await servers.query("checkpoint"),
    say,
    signal,
  };
}

/** The baseline's stand-in for Twilio reports no deliveries. */
async function quietMessages(api: string): Promise<void> {
  const response = await fetch(`${api}/control`, { method: "POST", body: JSON.stringify({ reports: [] }) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Set up the Messages API failed with status ${response.status}`);
}

const REST_MS = 120_000;

/** More than any load registers. */
const PEOPLE = 1_000_000;

interface World {
  readonly context: Context;
  readonly lag: LagReader;
  readonly turn: Turn;
  readonly tokens: (connections: number) => Promise<string>;
}
