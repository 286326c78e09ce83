import { openEmbeddedSmsLedger } from "../../../shared/adapters/embedded/sms/ledger.ts";
import { openMongo } from "../../../shared/adapters/mongodb/connect.ts";
import { openMongoSmsLedger } from "../../../shared/adapters/mongodb/sms_ledger.ts";
import { openPool } from "../../../shared/adapters/postgres/pool.ts";
import { openTwilioSender } from "../../../shared/adapters/twilio/sender.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import { type OfficerDirectory, parseTelepon, type SmsLedger } from "../../../shared/ports/sms.ts";
import { generateKeys, type Keys, parseKeys } from "../../../shared/security/key_ring.ts";
import { generateMasterKey, parseMasterKeys } from "../../../shared/security/master_key.ts";
import { createNotificationConsumer } from "../../../workers/notification/consumer.ts";
import { Delivery } from "../../../workers/notification/delivery.ts";
import { Pace } from "../../../workers/notification/pace.ts";
import type { Context, Scenario } from "../scenario.ts";
import { publishEvents } from "./events.ts";
import { misplaced } from "./order.ts";
import { type Cost, timed, withEventLog } from "./turn.ts";

/** SMS to eight officers in each province by an API that takes 100 ms, 200 under way at once. */
export const notification: Scenario = {
  name: "notification",
  quick: { rounds: 1, each: 14, once: 0 },
  full: { rounds: 3, each: 30, once: 0 },
  async run(context) {
    const { samples } = context;
    await control(context, { reports: [], delayMs: 100 });
    try {
      for (let round = 0; round < context.rounds; round++) {
        for (const [store, open] of Object.entries(LEDGERS)) {
          samples.add(`notification, ledger in ${store}`, "ours", await tell(context, open), "API of 100 ms");
        }
      }
    } finally {
      await control(context, {});
    }
  },
};

async function tell(context: Context, open: OpenLedger) {
  const keys = parseKeys(generateKeys(new Date()));
  const events = context.quick ? 500 : 1_000;
  return await withEventLog(context, async (eventLog) => {
    await publishEvents(eventLog, events, keys.events, context.signal);
    await using ledger = await open(context, keys);
    const before = (await messages(context)).length;
    const round = await deliverAll(context, { eventLog, keys, ...ledger, count: events * OFFICERS });
    const accepted = (await messages(context)).slice(before);
    const wrong = Math.abs(events * OFFICERS - new Set(accepted.map(({ to, body }) => to + body)).size) +
      await misplaced(eventLog, accepted, keys.events, context.signal);
    context.say(`notification: ${Math.round(round.perSecond)} SMS/s`);
    return { ...round, wrong };
  });
}

async function deliverAll(
  context: Context,
  { eventLog, keys, ledger, servers, count }: Delivering,
): Promise<Cost> {
  const { TWILIO_ACCOUNT_SID = "", TWILIO_AUTH_TOKEN = "", TWILIO_FROM = "", TWILIO_API_URL = "" } =
    context.servers.variables;
  const sender = await openTwilioSender({
    accountSid: TWILIO_ACCOUNT_SID,
    authToken: TWILIO_AUTH_TOKEN,
    from: TWILIO_FROM,
    apiUrl: TWILIO_API_URL,
  });
  let sent = 0;
  const [begun, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stop = () => all.reject(context.signal.reason);
  context.signal.addEventListener("abort", stop);
  const refuse = () => Promise.reject(new Error("Expect no dead letter of the bench"));
  const consumer = createNotificationConsumer(eventLog, {
    delivery: new Delivery({ ledger, sender, pace: new Pace() }),
    officers: {
      ...OF_ALL_PROVINCES,
      of(kode) {
        begun.resolve();
        return OF_ALL_PROVINCES.of(kode);
      },
    },
    deadLetters: { send: refuse, sendSms: refuse },
    eventKeys: keys.events,
    nikMode: "masked",
    observe({ outcome }) {
      if (outcome === "sent" && ++sent === count) all.resolve();
    },
  });
  try {
    await consumer.start();
    // A group makes its first member wait for others.
    await Promise.race([begun.promise, all.promise]);
    return await timed(context, [...servers, "kafka"], () => all.promise.then(() => count));
  } finally {
    context.signal.removeEventListener("abort", stop);
    await consumer.stop();
  }
}

/** Eight officers each; none is ever assigned. */
const OFFICERS = 8;
const OF_ALL_PROVINCES: OfficerDirectory = {
  of(kode) {
    const officers = Array.from({ length: OFFICERS }, (_, i) => {
      const telepon = parseTelepon(`+62811${kode}${1000 + i}`);
      if (telepon === undefined) throw new Error("Cannot make a number for an officer");
      return { id: `${kode}-${i}`, telepon };
    });
    return Promise.resolve(officers);
  },
  assign: () => Promise.reject(new Error("The officers of the bench stay")),
  check: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

const LEDGERS: Readonly<Record<"PostgreSQL" | "MongoDB", OpenLedger>> = {
  async PostgreSQL({ servers }, { columns }) {
    const pool = openPool(await servers.newDatabase(), { max: 6, name: "bench-notification" });
    const ledger = await openEmbeddedSmsLedger(pool, columns);
    return { ledger, servers: ["postgres"], [Symbol.asyncDispose]: () => pool.end() };
  },
  async MongoDB({ servers }) {
    const name = `bench_${crypto.randomUUID()}`;
    const mongo = await openMongo(servers.variables["MONGODB_URI"] ?? "", { database: name, keyVault: name });
    const masterKeys = parseMasterKeys(generateMasterKey());
    const ledger = await openMongoSmsLedger(mongo, { masterKeys: () => Promise.resolve(masterKeys) });
    return {
      ledger,
      servers: ["mongodb"],
      [Symbol.asyncDispose]: () => mongo.close(),
    };
  },
};

type OpenLedger = (context: Context, keys: Keys) => Promise<OpenedLedger>;

interface Delivering extends Pick<OpenedLedger, "ledger" | "servers"> {
  readonly eventLog: EventLog;
  readonly keys: Keys;
  /** SMS in all. */
  readonly count: number;
}

interface OpenedLedger extends AsyncDisposable {
  readonly ledger: SmsLedger;
  readonly servers: readonly string[];
}

async function control({ servers }: Context, orders: Readonly<Record<string, unknown>>): Promise<void> {
  const url = `${servers.variables["TWILIO_API_URL"]}/control`;
  const response = await fetch(url, { method: "POST", body: JSON.stringify(orders) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Set up the Messages API failed with status ${response.status}`);
}

async function messages({ servers }: Context): Promise<readonly Accepted[]> {
  return await (await fetch(`${servers.variables["TWILIO_API_URL"]}/messages`)).json();
}

interface Accepted {
  readonly to: string;
  readonly body: string;
}
