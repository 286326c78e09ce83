import type { Fleet } from "./fleet.ts";
import { total } from "./tally.ts";

/** By how much each store grew between two readings. */
export function growth(before: Fleet, after: Fleet): Growth {
  const codes = new Set([...before.provinces.keys(), ...after.provinces.keys()]);
  const provinces = new Map(
    [...codes].sort().map((
      kode,
    ) => [kode, (after.provinces.get(kode) ?? 0) - (before.provinces.get(kode) ?? 0)]),
  );
  return {
    registry: after.registry - before.registry,
    events: after.events - before.events,
    statistics: after.statistics - before.statistics,
    provinces,
    jumlah: total(provinces),
    sms: {
      claimed: after.sms.claimed - before.sms.claimed,
      sent: after.sms.sent - before.sms.sent,
      refused: after.sms.refused - before.sms.refused,
      parked: after.sms.parked - before.sms.parked,
    },
    smsExpected: after.smsExpected - before.smsExpected,
    deadLetters: after.deadLetters - before.deadLetters,
    outboxLeft: after.outbox,
  };
}

/** Every row of the registry, `registered` of them at least, has become an event and was counted. */
export function statisticsCaughtUp(grown: Growth, registered: number): boolean {
  return grown.registry >= registered && grown.events === grown.registry &&
    grown.outboxLeft === 0 &&
    grown.statistics === grown.registry && grown.jumlah === grown.registry;
}

/** Every message that is due came to an end. Each event has one officer at least. */
export function smsCaughtUp(grown: Growth, registered: number): boolean {
  const ended = grown.sms.sent + grown.sms.refused + grown.sms.parked;
  return ended >= Math.max(grown.smsExpected, grown.registry, registered);
}

export interface Growth {
  readonly registry: number;
  readonly events: number;
  readonly statistics: number;
  /** `jumlah` by the code of the province. */
  readonly provinces: ReadonlyMap<string, number>;
  /** Over all provinces. */
  readonly jumlah: number;
  readonly sms: Fleet["sms"];
  readonly smsExpected: number;
  readonly deadLetters: number;
  /** Events that the second reading found unpublished. */
  readonly outboxLeft: number;
}
