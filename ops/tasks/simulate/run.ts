import { EdgeClient, SimulationFailed } from "./edge_client.ts";
import { EMPTY_FLEET, type Fleet, readFleet } from "./fleet.ts";
import type { HttpWorld } from "./http.ts";
import type { Options } from "./options.ts";
import { seededRandom } from "./random.ts";
import { register } from "./registrar.ts";
import { type Report, toReport } from "./report.ts";
import { type Resident, residents } from "./residents.ts";
import { settle } from "./settle.ts";
import { Tally, total } from "./tally.ts";

/** Counts, registers, waits for the fleet to catch up, counts again. Throws `SimulationFailed` when it cannot begin. */
export async function simulate(options: Options, world: World): Promise<Report> {
  const { count, seed } = options;
  const edge = new EdgeClient(options, world);
  const tally = new Tally();

  world.show(() => "waiting for the fleet to be at rest");
  const before = await readAtRest(edge, options, world);
  const started = world.now();
  world.show(() => {
    const done = `${tally.done.toLocaleString("en")}/${count.toLocaleString("en")}`;
    const rate = Math.round(tally.done * 1000 / Math.max(1, world.now() - started));
    return `${done} residents, ${rate}/s, ${total(tally.retries)} retries, ${total(tally.errors)} errors`;
  });
  await registerAll(edge, tally, options, world);
  const seconds = (world.now() - started) / 1000;
  const settled = world.stop.aborted
    ? undefined
    : await settleAfter(edge, before, total(tally.registered), world);
  return toReport({ seed, count, seconds, tally, before, settled, stopped: world.stop.aborted });
}

/** What an earlier run left under way must not be counted for this one. */
async function readAtRest(edge: EdgeClient, { url }: Options, world: World): Promise<Fleet> {
  const first = await readFleet(edge);
  if (first.kind === "unreadable") {
    throw new SimulationFailed(`${first.reason} (is the system up at "${url}"?)`);
  }
  const options = { ...world, before: EMPTY_FLEET, registered: 0, patienceMs: 10_000 };
  const { last } = await settle(() => readFleet(edge), options);
  return last?.kind === "read" ? last.fleet : first.fleet;
}

/** Ends early when the edge could not be won back within one resident's patience: the next would wait as long. */
async function registerAll(edge: EdgeClient, tally: Tally, options: Options, world: World): Promise<void> {
  const hopeless = new AbortController();
  const registrar = {
    ...world,
    stop: AbortSignal.any([world.stop, hopeless.signal]),
    onAnswer: (ms: number) => tally.latencies.push(ms),
    onRetry: (code: string) => tally.retried(code),
  };
  const source = take(residents(seededRandom(options.seed)), options.count);
  const client = async () => {
    for (const resident of source) {
      if (registrar.stop.aborted) return;
      const outcome = await register(resident, edge, registrar);
      tally.add(resident.kode, outcome);
      if (outcome.kind === "failed" && outcome.gaveUp) hopeless.abort();
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, client));
}

async function settleAfter(edge: EdgeClient, before: Fleet, registered: number, world: World) {
  world.show(() => "waiting for statistics and SMS");
  return await settle(() => readFleet(edge), {
    ...world,
    before,
    registered,
    patienceMs: 60_000,
    onGrowth: ({ jumlah, sms }) =>
      world.show(() =>
        `waiting for statistics (${jumlah.toLocaleString("en")}) and SMS (${
          sms.sent.toLocaleString("en")
        }) ` +
        `of ${registered.toLocaleString("en")}`
      ),
  });
}

function* take(source: Iterator<Resident, never>, count: number): Generator<Resident, void> {
  for (let i = 0; i < count; i++) yield source.next().value;
}

export interface World extends HttpWorld {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** Ends the run after the requests under way. */
  readonly stop: AbortSignal;
  /** Takes what the progress line says from now on. */
  readonly show: (line: () => string) => void;
}
