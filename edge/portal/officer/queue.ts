import type { Failure, Outcome } from "../api/client.ts";
import type { Penduduk } from "../../../shared/penduduk/penduduk.ts";
import type { SealedStore } from "../storage/sealed_store.ts";

/**
 * Registrations on their way. Each is stored with its Idempotency-Key before it is sent for the first time, and stays
 * until the service has answered it: a lost answer, a reload or a day without network neither loses nor doubles it.
 */
export class Queue {
  #items: readonly QueueItem[] = [];
  #draining: Promise<void> | undefined;

  constructor(readonly options: QueueOptions) {}

  get items(): readonly QueueItem[] {
    return this.#items;
  }

  /** Brings back what was waiting when the page was left. */
  load(): Promise<void> {
    return this.#change((items) => items);
  }

  /** Resolves when it is stored. */
  async add(input: RegistrationInput): Promise<QueueItem> {
    const item: QueueItem = { key: crypto.randomUUID(), input, state: "waiting" };
    await this.#change((items) => [...items, item]);
    return item;
  }

  async remove(key: string): Promise<void> {
    await this.#change((items) => items.filter((item) => item.key !== key));
  }

  /** Sends what waits, the oldest first, and stops at the first that nobody answered. One at a time over all tabs. */
  drain(): Promise<void> {
    this.#draining ??= this.options.exclusively("send", () => this.#drain()).finally(() =>
      this.#draining = undefined
    );
    return this.#draining;
  }

  async #drain(): Promise<void> {
    for (;;) {
      await this.load();
      // Nobody else sends now: what is marked so was left without an answer, and its key makes another try safe.
      const item = this.#items.find(({ state }) => state !== "refused");
      if (!item) return;
      await this.#mark(item.key, { state: "sending" });
      const outcome = await this.options.send(item);
      if (outcome.kind === "ok") {
        await this.options.onTaken(outcome.body, item);
        await this.remove(item.key);
      } else if (isFinal(outcome)) {
        await this.#mark(item.key, { state: "refused", failure: outcome });
      } else {
        await this.#mark(item.key, { state: "waiting", failure: outcome });
        return;
      }
    }
  }

  #mark(key: string, change: Pick<QueueItem, "state" | "failure">): Promise<void> {
    return this.#change((items) =>
      items.map((item) => item.key === key ? { key, input: item.input, ...change } : item)
    );
  }

  /** On what is stored and not on what this tab remembers: another one may have added to it. */
  async #change(change: (items: readonly QueueItem[]) => readonly QueueItem[]): Promise<void> {
    const { store, name, exclusively, onChange } = this.options;
    await exclusively("write", async () => {
      const stored = await store.read(name);
      this.#items = change(Array.isArray(stored) ? stored : []);
      await store.write(name, this.#items);
    });
    onChange(this.#items);
  }
}

/** Whether the same data sent again would meet the same answer. */
export function isFinal(failure: Failure): boolean {
  if (failure.kind !== "problem") return false;
  const { status, code } = failure.problem;
  return status < 500 && status !== 401 && status !== 408 && status !== 429 &&
    code !== "IDEMPOTENCY_IN_FLIGHT";
}

/** How long to wait before the next try, in milliseconds: what the service asked for, else twice as long each time. */
export function nextTryMs(failure: Failure | undefined, tries: number, random = Math.random): number {
  if (failure?.kind === "problem" && failure.retryAfterSeconds !== undefined) {
    return failure.retryAfterSeconds * 1_000 + random() * 1_000;
  }
  return random() * Math.min(60_000, 2_000 * 2 ** tries);
}

export interface RegistrationInput {
  readonly nik: string;
  readonly nama: string;
  readonly alamat: string;
  readonly provinsi: string;
}

export interface QueueItem {
  /** Of the registration, for good: sent as its Idempotency-Key. */
  readonly key: string;
  readonly input: RegistrationInput;
  readonly state: "waiting" | "sending" | "refused";
  /** What came of the last try. */
  readonly failure?: Failure;
}

export interface QueueOptions {
  readonly store: Pick<SealedStore, "read" | "write">;
  /** Under which it is stored: each person has one of their own, which nobody else sends. */
  readonly name: string;
  readonly send: (item: QueueItem) => Promise<Outcome<Penduduk>>;
  /** Keeps the answer, before the registration leaves the queue. */
  readonly onTaken: (taken: Penduduk, item: QueueItem) => Promise<void>;
  readonly onChange: (items: readonly QueueItem[]) => void;
  /** Runs when no other tab does the same. */
  readonly exclusively: (what: "send" | "write", run: () => Promise<void>) => Promise<void>;
}
