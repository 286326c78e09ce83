import { seededRandom } from "../../../ops/tasks/simulate/random.ts";
import { type Resident, residents } from "../../../ops/tasks/simulate/residents.ts";
import { decode } from "../../../shared/events/penduduk_event.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import { startIdentity } from "../ours/identity.ts";
import { type Ours, type OursRunning, prepareOurs } from "../ours/system.ts";
import { percentiles, type Samples } from "../samples.ts";
import type { Context, Scenario } from "../scenario.ts";
import { registerAtRate, type Registered } from "./steady_load.ts";

/**
 * From the moment a client sends a registration until it is in the statistics, and until the SMS is accepted, under
 * steady load. Each event's own times, as the stores wrote them down.
 */
export const endToEnd: Scenario = {
  name: "end-to-end",
  quick: { rounds: 1, each: 32, once: 6 },
  full: { rounds: 2, each: 49, once: 6 },
  async run(context) {
    const { servers, folder, rounds, samples } = context;
    const identity = await startIdentity(OFFICERS, folder);
    const ours = await prepareOurs({ servers, identity, folder });
    const people = residents(seededRandom(Date.now()));
    try {
      for (let round = 0; round < rounds; round++) {
        const running = await ours.start();
        try {
          await measure({ context, ours, running, people, tokens: identity.tokens }, samples);
        } finally {
          await running.end();
        }
      }
    } finally {
      await ours.end();
      await identity.end();
    }
  },
};

async function measure({ context, ours, running, people, tokens }: World, samples: Samples): Promise<void> {
  const load = { edge: running.edge.url, tokens, people, perSecond: PER_SECOND, signal: context.signal };
  await registerAtRate({ ...load, seconds: WARM_SECONDS });
  const registered = await registerAtRate({ ...load, seconds: context.quick ? 8 : 25 });
  const done = registered.filter(({ id }) => id !== undefined);
  const consequences = await untilAllHave(context, ours, done);
  const named = (what: string) => `request to ${what}, ${PER_SECOND} registrations/s`;
  samples.add(named("answer"), "ours", {
    ...percentiles(done.map(({ ms }) => ms)),
    errorPercent: 100 * (1 - done.length / registered.length),
  });
  const delays = (at: (consequence: Consequence) => number) =>
    done.flatMap(({ id = "", sentAt }) => {
      const consequence = consequences.get(id);
      return consequence ? [at(consequence) - sentAt] : [];
    });
  const wrong = done.length - done.filter(({ id = "" }) => consequences.has(id)).length;
  samples.add(named("statistics"), "ours", { ...percentiles(delays(({ counted }) => counted)), wrong });
  samples.add(named("SMS accepted"), "ours", { ...percentiles(delays(({ accepted }) => accepted)), wrong });
}

/** By the id of the person; those that are missing after a minute stay out. */
async function untilAllHave(
  context: Context,
  ours: Ours,
  done: readonly Registered[],
): Promise<ReadonlyMap<string, Consequence>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const consequences = await readConsequences(context, ours);
    const complete = done.every(({ id = "" }) => consequences.has(id));
    if (complete || performance.now() > deadline) return consequences;
    await sleep(1_000, context.signal);
    context.signal.throwIfAborted();
  }
}

/** The event names the person, both ledgers the event. */
async function readConsequences(context: Context, ours: Ours): Promise<ReadonlyMap<string, Consequence>> {
  const rows = await context.servers.query(CONSEQUENCES, ours.variables["DATABASE_URL"]);
  const byEvent = new Map(
    rows.map(({ event, counted, accepted }) =>
      [String(event), { counted: Number(counted), accepted: Number(accepted) }] as const
    ),
  );
  const byPerson = new Map<string, Consequence>();
  const log = await ours.onlooker.eventLog();
  for await (const { value } of log.read("pendaftaran-events", AbortSignal.timeout(60_000))) {
    const decoded = decode(value);
    if (decoded.kind === "poison") continue; // of another scenario
    const consequence = byEvent.get(decoded.event.id);
    if (consequence) byPerson.set(decoded.event.subject, consequence);
  }
  return byPerson;
}

const CONSEQUENCES = `
  select event_id as event, extract(epoch from counted_at) * 1000 as counted,
         extract(epoch from settled_at) * 1000 as accepted
  from statistics_ledger join sms_ledger using (event_id) where state = 'sent'`;

/** Milliseconds since 1970. */
interface Consequence {
  readonly counted: number;
  readonly accepted: number;
}

interface World {
  readonly context: Context;
  readonly ours: Ours;
  readonly running: OursRunning;
  readonly people: Iterator<Resident, never>;
  readonly tokens: readonly string[];
}

const PER_SECOND = 500;
const OFFICERS = 100;
/** Of new processes, which are slow at first. */
const WARM_SECONDS = 10;
const PATIENCE_MS = 60_000;
