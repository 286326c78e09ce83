import { parseKodeProvinsi, provinsi } from "../../../shared/penduduk/provinsi.ts";
import type { Fleet } from "./fleet.ts";
import { growth } from "./growth.ts";
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
    isWithin(grown.registry, total(answers.registered), total(answers.uncertain)),
    `The registry grew by ${n(grown.registry)} residents, but ${told(answers)}`,
  );
  check(
    grown.events === grown.registry,
    `The log has ${n(grown.events)} new events for ${n(grown.registry)} new residents`,
  );
  check(
    grown.outboxLeft === 0,
    `The outbox still holds ${n(grown.outboxLeft)} events that were not published`,
  );
  check(
    grown.statistics === grown.events,
    `The statistics counted ${n(grown.statistics)} of ${n(grown.events)} new events`,
  );
  check(
    grown.jumlah === grown.statistics,
    `GET /stats grew by ${n(grown.jumlah)} over all provinces, but the statistics counted ${
      n(grown.statistics)
    }`,
  );
  for (const kode of [...new Set([...grown.provinces.keys(), ...answers.registered.keys()])].sort()) {
    const jumlah = grown.provinces.get(kode) ?? 0;
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
    grown.smsExpected >= grown.events,
    `${n(grown.smsExpected)} SMS are due for ${n(grown.events)} new events, although each has an officer`,
  );
  check(grown.deadLetters === 0, `${n(grown.deadLetters)} events went to the dead letters`);
  return found;
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
