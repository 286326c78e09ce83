import type { Fleet } from "./fleet.ts";
import { total } from "./tally.ts";

/** By how much each store grew between two readings. */
export function growth(before: Fleet, after: Fleet): Growth {
  const provinces = difference(before.provinces, after.provinces);
  const cancelled = difference(
    new Map(Object.entries(before.cancelled)),
    new Map(Object.entries(after.cancelled)),
  );
  return {
    registry: after.registry - before.registry,
    cancelled,
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

/** Every registration, `registered` of them at least, and every cancellation has become an event and was counted. */
export function statisticsCaughtUp(grown: Growth, registered: number): boolean {
  return registrations(grown) >= registered && grown.events === eventsDue(grown) &&
    grown.outboxLeft === 0 &&
    grown.statistics === grown.registry && grown.jumlah === grown.registry;
}

/** Every message that is due came to an end. Each event has one officer at least. */
export function smsCaughtUp(grown: Growth, registered: number): boolean {
  const ended = grown.sms.sent + grown.sms.refused + grown.sms.parked;
  return ended >= Math.max(grown.smsExpected, registrations(grown), registered);
}

/** Those that were taken back meanwhile included. */
export function registrations({ registry, cancelled }: Growth): number {
  return registry + total(cancelled);
}

/** One for each registration and one for each cancellation. */
export function eventsDue(grown: Growth): number {
  return registrations(grown) + total(grown.cancelled);
}

function difference(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  const codes = [...new Set([...before.keys(), ...after.keys()])].sort();
  return new Map(codes.map((kode) => [kode, (after.get(kode) ?? 0) - (before.get(kode) ?? 0)]));
}

export interface Growth {
  readonly registry: number;
  /** Registrations taken back, by the code of the province. */
  readonly cancelled: ReadonlyMap<string, number>;
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
