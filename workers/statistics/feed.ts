import { getLogger } from "@logtape/logtape";
import type { Statistics, StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { Bell } from "../../shared/resilience/bell.ts";
import { statisticsEvent } from "./answers.ts";

/**
 * The statistics as they change, for any number of followers by one poll of the store, which rests while nobody
 * follows. A follower who is slow misses states in between, never the newest, so nothing piles up for him.
 */
export class StatisticsFeed {
  readonly #store: Pick<StatisticsStore, "read">;
  readonly #bells = new Set<Bell>();
  #latest: Change | undefined;
  #reading: Promise<Change> | undefined;
  #lastLeft = new AbortController();

  constructor(store: Pick<StatisticsStore, "read">) {
    this.#store = store;
  }

  get followers(): number {
    return this.#bells.size;
  }

  /**
   * The present state at once, then each change, and "quiet" after 15 seconds without one; ends when the signal aborts.
   * Rejects when the present state cannot be read; later failures only delay the next change.
   */
  async *follow(signal: AbortSignal): AsyncGenerator<Change | "quiet", void> {
    const bell = this.#join();
    try {
      let seen = this.#latest ?? await this.#refresh();
      yield seen;
      while (!signal.aborted) {
        await bell.wait(QUIET_MS, signal);
        if (signal.aborted) return;
        const changed = this.#latest !== undefined && this.#latest !== seen;
        seen = this.#latest ?? seen;
        yield changed ? seen : "quiet";
      }
    } finally {
      this.#leave(bell);
    }
  }

  #join(): Bell {
    const bell = new Bell();
    this.#bells.add(bell);
    if (this.#bells.size === 1) {
      this.#lastLeft = new AbortController();
      void this.#poll(this.#lastLeft.signal);
    }
    return bell;
  }

  #leave(bell: Bell): void {
    this.#bells.delete(bell);
    if (this.#bells.size > 0) return;
    this.#lastLeft.abort();
    this.#latest = undefined;
  }

  async #poll(stop: AbortSignal): Promise<void> {
    let failing = false;
    while (true) {
      await sleep(POLL_MS, stop);
      if (stop.aborted) return;
      try {
        await this.#refresh();
        failing = false;
      } catch (error) {
        if (!failing) {
          log.warn("Cannot read the statistics for the streams: {error}", { error: nameOf(error) });
        }
        failing = true;
      }
    }
  }

  /** One read at a time, whoever asks: the answers of two could overtake each other. */
  #refresh(): Promise<Change> {
    this.#reading ??= this.#read().finally(() => this.#reading = undefined);
    return this.#reading;
  }

  async #read(): Promise<Change> {
    const read = toChange(await this.#store.read());
    const last = this.#latest;
    if (read.data === last?.data) return last;
    if (this.#bells.size > 0) this.#latest = read;
    // Whoever waits for the first state gets it from `#refresh`.
    if (last) { for (const bell of this.#bells) bell.ring(); }
    return read;
  }
}

/** One state of the statistics, made into text once for all followers. */
export interface Change {
  readonly id: string;
  /** A `StatisticsEvent` as JSON. */
  readonly data: string;
}

const POLL_MS = 500;
const QUIET_MS = 15_000;

// Two states may bear one instant, since a transaction that began earlier may end later; the sum tells them apart.
function toChange(statistics: Statistics): Change {
  const event = statisticsEvent(statistics);
  return { id: `${event.asOf ?? "-"}/${event.jumlah}`, data: JSON.stringify(event) };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

const log = getLogger(["kependudukan", "statistics"]);
