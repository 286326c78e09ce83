import { countEvents } from "../../shared/adapters/embedded/event_log/count_events.ts";
import { parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import type { Topic } from "../../shared/ports/event_log.ts";
import type { SmsState } from "../../shared/ports/sms.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { registryCounts } from "../../workers/statistics/reconcile/registry_counts.ts";

/** What every store holds, side by side: once the fleet has caught up, they must agree. Reads whole tables. */
export async function reconcile(platform: Platform): Promise<Reconciliation> {
  const pool = await platform.pool("reconcile", POOL);
  const { provinces, outbox } = await registryCounts(pool);
  const registered = [...provinces].map(([kode, counts]) => [kode, counts.registered] as const);
  const cancelled = [...provinces].flatMap(([kode, { cancelled }]) =>
    cancelled > 0 ? [[kode, cancelled] as const] : []
  );
  const statistics = await (await platform.statisticsStore()).read();
  return {
    registry: sum(registered.map(([, jumlah]) => jumlah)) - sum(cancelled.map(([, jumlah]) => jumlah)),
    cancelled: Object.fromEntries(cancelled),
    outbox,
    events: await eventsOf(platform, "pendaftaran-events"),
    statistics: sum(statistics.provinces.map((province) => province.jumlah)),
    sms: await (await platform.smsLedger()).counts(),
    smsExpected: await expectedSms(platform, registered),
    deadLetters: await eventsOf(platform, "pendaftaran-events.dlq"),
  };
}

const POOL = { max: 2, role: "reader" } as const;

export interface Reconciliation {
  readonly registry: number;
  /** Registrations that were taken back, by province code: each is two events in the log, and nobody in the counts. */
  readonly cancelled: Readonly<Record<string, number>>;
  readonly outbox: number;
  /** Distinct events in the log. */
  readonly events: number;
  readonly statistics: number;
  readonly sms: Readonly<Record<SmsState, number>>;
  /** One for each registration, the cancelled ones too, and officer of the province. */
  readonly smsExpected: number;
  readonly deadLetters: number;
}

async function eventsOf(platform: Platform, topic: Topic): Promise<number> {
  const { kafka } = platform.config;
  if (!kafka) return await countEvents(await platform.pool("reconcile", POOL), topic);
  const { countKafkaEvents } = await import("../../shared/adapters/kafka/count_events.ts");
  return await countKafkaEvents(kafka, topic);
}

async function expectedSms(
  platform: Platform,
  registrations: readonly (readonly [kode: string, jumlah: number])[],
): Promise<number> {
  const officers = await platform.officers();
  let expected = 0;
  for (const [text, jumlah] of registrations) {
    const kode = parseKodeProvinsi(text);
    if (kode) expected += jumlah * (await officers.of(kode)).length;
  }
  return expected;
}

function sum(numbers: Iterable<number>): number {
  return Array.from(numbers).reduce((total, number) => total + number, 0);
}
