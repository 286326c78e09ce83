import { openPool } from "../../../shared/adapters/postgres/pool.ts";
import { GROUPS } from "../../../shared/ports/event_log.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { type Keys, parseKeys } from "../../../shared/security/key_ring.ts";
import { between } from "../machine/meter.ts";
import { publishEvents } from "../pipeline/events.ts";
import { fillOutbox } from "../pipeline/outbox.ts";
import { ofEach, type World } from "./world.ts";

/**
 * So many processes of one part catch up on what waits for it. Measured from when the first of it is done: joining a
 * group takes seconds.
 */
export async function follow(processes: number, follower: Follower, world: World): Promise<void> {
  const { context: { samples, meter, say, startPart }, ours } = world;
  await forget(world);
  await follower.give(follower.count, world);
  const all = await follower.done(world) + follower.count;
  await using started = new AsyncDisposableStack();
  const running = await Promise.all(Array.from({ length: processes }, async () => {
    const part = await startPart(follower.part, { ...ours.variables, AUDIT_SINKS: "stdout" });
    started.defer(() => part.end());
    return part;
  }));
  const parts = Object.fromEntries(running.map(({ pid }, i) => [`${follower.part}-${i}`, pid]));
  const reading = meter(ours.processes(parts));
  const first = await untilFewer(follower.count, { all, follower, world });
  const [before, begun] = [await reading.cpuSeconds(), performance.now()];
  await untilFewer(1, { all, follower, world });
  const seconds = (performance.now() - begun) / 1000;
  const cpuMs = 1000 * between(before, await reading.cpuSeconds()) / first;
  const wrong = Math.abs(all - await follower.done(world));
  const memoryMb = Object.values(await meter(parts).memoryMb()).reduce((sum, mb) => sum + mb, 0);
  const [name, perSecond] = [`workers, ${follower.part}`, first / seconds];
  samples.add(name, ofEach(processes), { perSecond, cpuMs, memoryMb, wrong }, follower.note);
  say(`${name}, ${ofEach(processes)}: ${Math.round(perSecond)}/s, ${Math.round(memoryMb)} MB`);
}

export const FOLLOWERS: readonly Follower[] = [
  {
    part: "relay",
    count: 80_000,
    note: "one works, the others stand by",
    give: async (count, world) => {
      const pool = openPool(databaseOf(world), { max: 1, name: "bench-workers" });
      try {
        await fillOutbox(pool, count, (await keysOf(world)).events);
      } finally {
        await pool.end();
      }
    },
    done: ({ lag }) => lag.end(TOPIC),
  },
  {
    part: "statistics",
    count: 80_000,
    note: "counting in PostgreSQL",
    give: publish,
    done: (world) => countOf("statistics_ledger", world),
  },
  {
    part: "notification",
    count: 6_000,
    note: "ledger in PostgreSQL, 38 officers, API without delay",
    give: publish,
    done: (world) => countOf("sms_ledger where state = 'sent'", world),
  },
];

interface Follower {
  readonly part: "relay" | "statistics" | "notification";
  readonly count: number;
  readonly note: string;
  /** Lets so many wait. */
  give(count: number, world: World): Promise<void>;
  /** How much was ever done, and not when that was committed: whole batches are at once. */
  done(world: World): Promise<number>;
}

interface Waiting {
  /** That will be done in the end. */
  readonly all: number;
  readonly follower: Follower;
  readonly world: World;
}

/** What the turn before has left, for whomever: nobody is there to deal with it. */
async function forget(world: World): Promise<void> {
  const { context: { servers }, lag } = world;
  await servers.query("truncate outbox", databaseOf(world));
  for (const group of GROUPS) await lag.skip(TOPIC, group);
}

/** Answers how many wait then, or when its time is over rejects. */
async function untilFewer(limit: number, { all, follower, world }: Waiting): Promise<number> {
  const { signal } = world.context;
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = all - await follower.done(world);
    if (left < limit) return left;
    if (performance.now() > deadline) {
      throw new Error(`Part "${follower.part}" leaves ${left} of its work undone`);
    }
    await sleep(LOOK_MS, signal);
    signal.throwIfAborted();
  }
}

async function publish(count: number, world: World): Promise<void> {
  const { events } = await keysOf(world);
  await publishEvents(await world.ours.onlooker.eventLog(), count, events, world.context.signal);
}

async function countOf(rows: string, world: World): Promise<number> {
  const sql = `select count(*)::int as count from ${rows}`;
  const [row] = await world.context.servers.query(sql, databaseOf(world));
  return Number(row?.["count"]);
}

async function keysOf({ ours }: World): Promise<Keys> {
  return parseKeys(await Deno.readTextFile(ours.variables["KEYS_FILE"] ?? ""));
}

function databaseOf({ ours }: World): string {
  return ours.variables["DATABASE_URL"] ?? "";
}

const TOPIC = "pendaftaran-events";
const LOOK_MS = 50;
const PATIENCE_MS = 60_000;
