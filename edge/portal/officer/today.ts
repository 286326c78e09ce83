import { signal } from "@preact/signals";
import type { OwnEntry, OwnPage } from "../../../shared/http/schemas/own_registrations.ts";
import type { Failure, Outcome } from "../api/client.ts";
import type { SealedStore } from "../storage/sealed_store.ts";

/**
 * What a person has registered today, on whichever device: as the service lists it, page by page. The last list is kept
 * in this browser, so that it is there without a network too, until a day later nothing of it is shown.
 */
export class Today {
  readonly state = signal<TodayState>({
    entries: [],
    jumlah: 0,
    next: null,
    failure: undefined,
    known: false,
  });
  #asked = 0;

  constructor(readonly options: TodayOptions) {}

  /** Shows what this browser kept. */
  async load(): Promise<void> {
    const kept = await this.options.store.read(this.options.name);
    const since = this.#midnight();
    const entries = isKept(kept) ? kept.entries.filter(({ createdAt }) => new Date(createdAt) >= since) : [];
    if (entries.length === 0) return;
    this.#show({ entries, jumlah: Math.max(entries.length, isKept(kept) ? kept.jumlah : 0), known: true });
  }

  /** Asks for the first page. Of several questions at once the last one's answer stays. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const answer = await this.options.ask(this.#path());
    if (asked !== this.#asked) return;
    await this.#take(answer, []);
  }

  /** Asks for the page after those that are shown. */
  async more(): Promise<void> {
    const { entries, next } = this.state.value;
    if (next === null) return;
    const asked = ++this.#asked;
    const answer = await this.options.ask(`${this.#path()}&before=${next}`);
    if (asked === this.#asked) await this.#take(answer, entries);
  }

  /** Shows what was registered just now, before the service is asked again. */
  async add({ id, nik, nama, provinsi, kode, createdAt }: OwnEntry): Promise<void> {
    const { entries, jumlah } = this.state.value;
    if (entries.some((entry) => entry.id === id)) return;
    this.#show({ entries: [{ id, nik, nama, provinsi, kode, createdAt }, ...entries], jumlah: jumlah + 1 });
    await this.#keep();
  }

  async #take(answer: Outcome<OwnPage>, before: readonly OwnEntry[]): Promise<void> {
    if (answer.kind !== "ok") return this.#show({ failure: answer });
    const { entries, jumlah, next } = answer.body;
    this.#show({ entries: [...before, ...entries], jumlah, next, failure: undefined, known: true });
    await this.#keep();
  }

  async #keep(): Promise<void> {
    const { entries, jumlah } = this.state.value;
    await this.options.store.write(this.options.name, { entries: entries.slice(0, MOST_KEPT), jumlah });
  }

  #show(change: Partial<TodayState>): void {
    this.state.value = { ...this.state.value, ...change };
  }

  #path(): string {
    return `/penduduk/milik-saya?limit=${PAGE}&since=${this.#midnight().toISOString()}`;
  }

  /** Of the person's own day, in whichever of the three time zones. */
  #midnight(): Date {
    const day = this.options.now();
    day.setHours(0, 0, 0, 0);
    return day;
  }
}

export interface TodayState {
  readonly entries: readonly OwnEntry[];
  /** Of the whole day, also of what is not loaded. */
  readonly jumlah: number;
  readonly next: string | null;
  /** What the last question came to; undefined when it was answered. */
  readonly failure: Failure | undefined;
  /** False until the service or this browser has told a list. */
  readonly known: boolean;
}

export interface TodayOptions {
  readonly store: Pick<SealedStore, "read" | "write">;
  /** Under which the list is kept. */
  readonly name: string;
  readonly ask: (path: string) => Promise<Outcome<OwnPage>>;
  readonly now: () => Date;
}

const PAGE = 20;
const MOST_KEPT = 100;

function isKept(value: unknown): value is Pick<TodayState, "entries" | "jumlah"> {
  return typeof value === "object" && value !== null && "entries" in value && Array.isArray(value.entries);
}
