import type { Person } from "../load/client.ts";

/**
 * Compares what the clients were told with what the stores hold once all has drained. `lost`: a resident, event, count
 * or SMS that must be there and is not. `doubled`: one that is there more than once, or that nobody asked for.
 */
export function judge(people: readonly Person[], stored: Stored): Verdict {
  const judgement = new Judgement();
  judgeRegistry(people, stored, judgement);
  judgeEvents(stored, judgement);
  judgeStatistics(stored, judgement);
  judgeSms(stored, judgement);
  for (const { fate } of people) {
    if (fate.kind === "wrong") judgement.wrong(`A valid registration was answered with ${fate.code}`);
    if (fate.kind === "unknown") judgement.wrong(`A client ran out of patience at ${fate.code}`);
  }
  return judgement.verdict();
}

/** What the stores hold. */
export interface Stored {
  readonly registry: readonly Row[];
  /** Registrations in the event log, in any order, repeats included. */
  readonly events: readonly Event[];
  /** `jumlah` by the code of the province. */
  readonly statistics: ReadonlyMap<string, number>;
  /** Ids of the officers by the code of the province. */
  readonly officers: ReadonlyMap<string, readonly string[]>;
  /** Ids of the messages that the Messages API accepted, repeats included. */
  readonly accepted: readonly string[];
  /** How each message ended, by its id, where the ledger knows it. */
  readonly ledger: ReadonlyMap<string, "claimed" | "sent" | "refused" | "parked">;
  /** Ids of messages, and of events, that have a dead letter of the notification. */
  readonly letters: ReadonlySet<string>;
}

export interface Row {
  readonly id: string;
  readonly kode: string;
}

export interface Event {
  readonly id: string;
  /** The resident. */
  readonly subject: string;
  readonly kode: string;
}

export interface Verdict {
  readonly lost: number;
  readonly doubled: number;
  /** In sentences, each once, with how often. */
  readonly problems: readonly string[];
}

function judgeRegistry(people: readonly Person[], { registry }: Stored, judgement: Judgement): void {
  const times = countBy(registry, ({ id }) => id);
  const kodeOf = new Map(registry.map(({ id, kode }) => [id, kode]));
  for (const { ids, kode } of people) {
    for (const id of ids) {
      const found = times.get(id) ?? 0;
      if (found === 0) judgement.lost("A resident who was answered 201 is not in the registry");
      if (found > 1) judgement.doubled("A resident stands in the registry more than once", found - 1);
      if (found > 0 && kodeOf.get(id) !== kode) judgement.wrong("A resident stands under another province");
    }
    if (ids.length > 1) judgement.doubled("One resident was answered 201 with several ids", ids.length - 1);
  }
  // The rest must be those whose 201 got lost on its way; the client without a key knows of them by a 409.
  const answered = new Set(people.flatMap(({ ids }) => ids));
  const rest = countBy(registry.filter(({ id }) => !answered.has(id)), ({ kode }) => kode);
  const known = countBy(people.filter(({ fate }) => fate.kind === "known"), ({ kode }) => kode);
  const open = countBy(people.filter(mayBeStored), ({ kode }) => kode);
  for (const kode of new Set([...rest.keys(), ...known.keys()])) {
    const [there, due] = [rest.get(kode) ?? 0, known.get(kode) ?? 0];
    judgement.lost("A resident whom a 409 called registered is not in the registry", due - there);
    const most = due + (open.get(kode) ?? 0);
    judgement.doubled("A resident is in the registry whom no answer explains", there - most);
  }
}

function mayBeStored({ fate }: Person): boolean {
  return fate.kind === "unknown" || fate.kind === "wrong" && fate.maybeStored;
}

function judgeEvents({ registry, events }: Stored, judgement: Judgement): void {
  const eventsOf = new Map<string, Set<string>>();
  for (const { id, subject } of events) eventsOf.set(subject, (eventsOf.get(subject) ?? new Set()).add(id));
  for (const id of new Set(registry.map(({ id }) => id))) {
    const found = eventsOf.get(id)?.size ?? 0;
    if (found === 0) judgement.lost("A resident of the registry has no event in the log");
    judgement.doubled("A resident has several events that differ", found - 1);
    eventsOf.delete(id);
  }
  judgement.doubled("The log has an event of nobody in the registry", eventsOf.size);
}

function judgeStatistics({ registry, statistics }: Stored, judgement: Judgement): void {
  const registered = countBy(registry, ({ kode }) => kode);
  for (const kode of new Set([...registered.keys(), ...statistics.keys()])) {
    const more = (statistics.get(kode) ?? 0) - (registered.get(kode) ?? 0);
    judgement.lost(`Province ${kode} counts fewer than the registry`, -more);
    judgement.doubled(`Province ${kode} counts more than the registry`, more);
  }
}

function judgeSms({ events, officers, accepted, ledger, letters }: Stored, judgement: Judgement): void {
  const times = countBy(accepted, (id) => id);
  const due = new Set<string>();
  for (const { id, kode } of new Map(events.map((event) => [event.id, event])).values()) {
    for (const officer of officers.get(kode) ?? []) {
      const sms = `${id}:${officer}`;
      due.add(sms);
      const state = ledger.get(sms);
      if (state === "claimed") judgement.wrong("An SMS is begun and not ended");
      if (times.has(sms)) continue;
      if (state === "sent") judgement.wrong("The ledger calls an SMS sent that was never accepted");
      const explained = state === "refused" || state === "parked" || letters.has(sms) || letters.has(id);
      if (!explained) judgement.lost("An SMS was not accepted, and no record says why");
    }
  }
  for (const [sms, count] of times) {
    judgement.doubled("An SMS was accepted more than once", count - 1);
    if (!due.has(sms)) judgement.doubled("An SMS was accepted that no event calls for");
  }
}

class Judgement {
  #lost = 0;
  #doubled = 0;
  readonly #problems = new Map<string, number>();

  /** Nothing when the number is not positive. */
  lost(sentence: string, count = 1): void {
    if (count > 0) this.#lost += this.#note(sentence, count);
  }

  doubled(sentence: string, count = 1): void {
    if (count > 0) this.#doubled += this.#note(sentence, count);
  }

  wrong(sentence: string): void {
    this.#note(sentence, 1);
  }

  verdict(): Verdict {
    const problems = [...this.#problems].map(([sentence, count]) => `${sentence}: ${count} times`);
    return { lost: this.#lost, doubled: this.#doubled, problems };
  }

  #note(sentence: string, count: number): number {
    this.#problems.set(sentence, (this.#problems.get(sentence) ?? 0) + count);
    return count;
  }
}

function countBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
