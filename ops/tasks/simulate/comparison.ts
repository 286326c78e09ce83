import { parseKodeProvinsi, provinsi } from "../../../shared/penduduk/provinsi.ts";
import type { Fleet } from "./fleet.ts";
import { eventsDue, type Growth, growth, registrations } from "./growth.ts";
import { total } from "./tally.ts";

/**
 * Says in plain words where the stores disagree with each other or with the answers; nothing when all agree.
 * A resident whose fate no answer told may be there or not, so the registry may hold as many more.
 */
export function differences(before: Fleet, after: Fleet, answers: Answers): readonly string[] {
  const grown = growth(before, after);
  const found: string[] = [];
  const check = (agrees: boolean, sentence: string) => {
    if (!agrees) found.push(sentence);
  };

  check(
    isWithin(registrations(grown), total(answers.registered), total(answers.uncertain)),
    `The registry grew by ${n(grown.registry)} residents${cancellations(grown)}, but ${told(answers)}`,
  );
  check(
    grown.events === eventsDue(grown),
    `The log has ${n(grown.events)} new events for ${n(grown.registry)} new residents${cancellations(grown)}`,
  );
  check(
    grown.outboxLeft === 0,
    `The outbox still holds ${n(grown.outboxLeft)} events that were not published`,
  );
  check(
    grown.statistics === grown.registry,
    `The statistics grew by ${n(grown.statistics)}, but the registry by ${n(grown.registry)} residents`,
  );
  check(
    grown.jumlah === grown.statistics,
    `GET /stats grew by ${n(grown.jumlah)} over all provinces, but the statistics counted ${
      n(grown.statistics)
    }`,
  );
  for (const kode of [...new Set([...grown.provinces.keys(), ...answers.registered.keys()])].sort()) {
    const jumlah = (grown.provinces.get(kode) ?? 0) + (grown.cancelled.get(kode) ?? 0);
    const registered = answers.registered.get(kode) ?? 0;
    check(
      isWithin(jumlah, registered, answers.uncertain.get(kode) ?? 0),
      `${provinceName(kode)} grew by ${n(jumlah)}, but ${n(registered)} of its residents were answered 201`,
    );
  }
  const { sent, refused, parked, claimed } = grown.sms;
  check(
    sent === grown.smsExpected,
    `${n(sent)} SMS were sent of ${n(grown.smsExpected)} that are due; ` +
      `${n(refused)} refused, ${n(parked)} parked, ${n(claimed)} begun and not ended`,
  );
  check(
    grown.smsExpected >= registrations(grown),
    `${n(grown.smsExpected)} SMS are due for ${
      n(registrations(grown))
    } registrations, although each has an officer`,
  );
  check(grown.deadLetters === 0, `${n(grown.deadLetters)} events went to the dead letters`);
  return found;
}

function cancellations({ cancelled }: Growth): string {
  return total(cancelled) > 0 ? ` and ${n(total(cancelled))} cancellations` : "";
}

function isWithin(value: number, least: number, more: number): boolean {
  return value >= least && value <= least + more;
}

function told({ registered, uncertain }: Answers): string {
  const maybe = total(uncertain);
  return `${n(total(registered))} were answered 201` +
    (maybe > 0 ? ` and ${n(maybe)} more may have been stored` : "");
}

function provinceName(kode: string): string {
  const known = parseKodeProvinsi(kode);
  return known ? provinsi(known).nama : `The unknown province "${kode}"`;
}

function n(count: number): string {
  return count.toLocaleString("en");
}

export interface Answers {
  /** Residents answered 201, by the code of their province. */
  readonly registered: ReadonlyMap<string, number>;
  readonly uncertain: ReadonlyMap<string, number>;
}
