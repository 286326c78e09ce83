import { signal } from "@preact/signals";
import type { OwnPage } from "../../../shared/http/schemas/own_registrations.ts";
import { isNik, maskNik } from "../../../shared/penduduk/nik.ts";
import type { Penduduk } from "../../../shared/penduduk/penduduk.ts";
import { ask, type Failure } from "../api/client.ts";
import type { Person } from "../session/person.ts";
import { openSealedStore, type SealedStore } from "../storage/sealed_store.ts";
import { nextTryMs, Queue, type QueueItem, type RegistrationInput } from "./queue.ts";
import { Today } from "./today.ts";

/** What lies on the desk of one person: the queue, today's registrations and the draft of the next. */
export class Desk {
  readonly items = signal<readonly QueueItem[]>([]);
  readonly today: Today;
  readonly queue: Queue;
  /** Answers to registrations that somebody waits for, by their keys. */
  readonly #awaited = new Map<string, Penduduk | undefined>();
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly person: Person, readonly store: SealedStore) {
    this.today = new Today({
      store,
      name: this.#name("today"),
      ask: (path) => ask<OwnPage>(path),
      now: () => new Date(),
    });
    this.queue = new Queue({
      store,
      name: this.#name("queue"),
      send: ({ input, key }) =>
        ask<Penduduk>("/penduduk", { method: "POST", body: input, idempotencyKey: key }),
      onTaken: (taken, { key }) => {
        if (this.#awaited.has(key)) this.#awaited.set(key, taken);
        return this.today.add({ ...taken, nik: isNik(taken.nik) ? maskNik(taken.nik) : taken.nik });
      },
      onChange: (items) => this.items.value = items,
      exclusively: (what, run) => navigator.locks.request(`${this.#name("queue")}/${what}`, run),
    });
  }

  static async open(person: Person): Promise<Desk> {
    const desk = new Desk(person, await openSealedStore());
    await desk.queue.load();
    await desk.today.load();
    return desk;
  }

  /** Sends one registration, with whatever waited before it. Once this resolves it is answered or safely stored. */
  async register(input: RegistrationInput): Promise<Registered> {
    const { key } = await this.queue.add(input);
    this.#awaited.set(key, undefined);
    await this.send();
    const find = () => this.items.value.find((item) => item.key === key);
    // The sending that was going on may have looked for work just before this was added.
    if (find()?.state === "waiting" && find()?.failure === undefined) await this.send();
    const taken = this.#awaited.get(key);
    this.#awaited.delete(key);
    if (taken) return { kind: "taken", taken };
    const item = find();
    if (item?.state !== "refused" || item.failure === undefined) return { kind: "queued" };
    await this.queue.remove(key);
    return { kind: "refused", failure: item.failure };
  }

  /** Sends what waits, now and until nothing does; `stop` ends the tries. */
  async send(): Promise<void> {
    clearTimeout(this.#retry);
    await this.queue.drain();
    void this.today.refresh();
    const waiting = this.items.value.find(({ state }) => state === "waiting");
    this.#tries = waiting ? this.#tries + 1 : 0;
    // Without a session only the person can help.
    if (!waiting || waiting.failure?.kind === "expired") return;
    this.#retry = setTimeout(() => void this.send(), nextTryMs(waiting.failure, this.#tries));
  }

  stop(): void {
    clearTimeout(this.#retry);
  }

  async readDraft(): Promise<RegistrationInput | undefined> {
    const draft = await this.store.read(this.#name("draft"));
    return isInput(draft) ? draft : undefined;
  }

  async keepDraft(input: RegistrationInput | undefined): Promise<void> {
    if (input === undefined) await this.store.remove(this.#name("draft"));
    else await this.store.write(this.#name("draft"), input);
  }

  #name(what: string): string {
    return `${this.person.subject}/${what}`;
  }
}

export type Registered =
  | { readonly kind: "taken"; readonly taken: Penduduk }
  | { readonly kind: "refused"; readonly failure: Failure }
  | { readonly kind: "queued" };

function isInput(value: unknown): value is RegistrationInput {
  return typeof value === "object" && value !== null && "nik" in value && "provinsi" in value;
}
