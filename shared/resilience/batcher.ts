import { outside } from "../telemetry/span.ts";

/**
 * Joins concurrent calls into batches without a timer: a batch leaves as soon as one of `lanes` is free, so a lone
 * call waits for nothing and under load the batches grow by themselves (linger timers of 2 and 5 ms were slower).
 *
 * Under more load than the lanes can take, it refuses what would have to wait longer than `waitMs`, at the door where it
 * can tell, else in the queue. So the wait of what it takes is bounded, however slow the lanes become; a bound of the
 * length alone would let all of the queue wait longer than any caller does.
 */
export class Batcher<Item, Result> {
  readonly #queue: Waiting<Item, Result>[] = [];
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #limits: BatcherLimits;
  readonly #now: () => number;
  #running = 0;
  #armed = false;
  /** How long a batch takes, over the last five or so. */
  #batchMs = 0;
  /** When a lane was free, or became it, for the last time. */
  #freeAt = 0;
  #sweeper: ReturnType<typeof setTimeout> | undefined;

  /** `run` answers one result for each item, in their order. */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, limits: BatcherLimits) {
    this.#run = run;
    this.#limits = limits;
    this.#now = limits.now ?? (() => performance.now());
  }

  /**
   * Resolves with the item's own result. Rejects with `QueueFull` when too many wait or it would wait or has waited too
   * long, with the signal's reason when it aborts before the item left (an item that has left runs to its end), or with
   * what `run` threw.
   */
  add(item: Item, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const now = this.#now();
    if (this.#queue.length >= this.#limits.queue || this.#expectedMs(now) > this.#waitMs) {
      this.#limits.onRefused?.();
      return Promise.reject(new QueueFull());
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, signal, resolve, reject, since: now });
      this.#arm();
      this.#watch();
    });
  }

  /** Items that wait for a lane. */
  get depth(): number {
    return this.#queue.length;
  }

  /** Lanes that work on a batch. */
  get busy(): number {
    return this.#running;
  }

  get #waitMs(): number {
    return this.#limits.waitMs ?? Infinity;
  }

  /** What an item that comes now would wait for: the batches before it, or lanes that do not come back at all. */
  #expectedMs(now: number): number {
    const { lanes, batch } = this.#limits;
    if (this.#running < lanes) return 0;
    const batches = Math.ceil((this.#queue.length + 1) / batch);
    return Math.max(batches * this.#batchMs / lanes, now - this.#freeAt);
  }

  /** One timer for the item that has waited longest; who comes later waits no longer. */
  #watch(): void {
    const [head] = this.#queue;
    if (!head || this.#sweeper !== undefined || this.#waitMs === Infinity) return;
    this.#sweeper = setTimeout(() => {
      this.#sweeper = undefined;
      this.#sweep();
      this.#watch();
    }, head.since + this.#waitMs - this.#now());
  }

  #sweep(): void {
    const latest = this.#now() - this.#waitMs;
    for (let head = this.#queue[0]; head && head.since <= latest; head = this.#queue[0]) {
      this.#queue.shift();
      this.#limits.onRefused?.();
      head.reject(new QueueFull());
    }
  }

  // The batch is cut one macrotask later, so that requests that arrived in the same turn travel together.
  #arm(): void {
    if (this.#armed || this.#running >= this.#limits.lanes || this.#queue.length === 0) return;
    this.#armed = true;
    // A batch is nobody's in particular, and the next one would inherit the trace of whoever armed this one.
    outside(() =>
      setTimeout(() => {
        this.#armed = false;
        while (this.#running < this.#limits.lanes && this.#queue.length > 0) void this.#flush();
      }, 0)
    );
  }

  async #flush(): Promise<void> {
    this.#sweep();
    const batch: Waiting<Item, Result>[] = [];
    while (batch.length < this.#limits.batch) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      if (next.signal.aborted) next.reject(next.signal.reason);
      else batch.push(next);
    }
    if (this.#queue.length === 0) {
      clearTimeout(this.#sweeper);
      this.#sweeper = undefined;
    }
    if (batch.length === 0) return;
    this.#running++;
    const left = this.#now();
    this.#freeAt = left;
    this.#limits.onBatch?.(batch.length, left - (batch[0]?.since ?? 0));
    try {
      const results = await this.#run(batch.map((waiting) => waiting.item));
      if (results.length !== batch.length) {
        throw new Error(`Batch of ${batch.length} items was answered with ${results.length} results`);
      }
      results.forEach((result, i) => batch[i]?.resolve(result));
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    } finally {
      this.#running--;
      this.#freeAt = this.#now();
      this.#batchMs += (this.#freeAt - left - this.#batchMs) / BATCHES;
      this.#arm();
    }
  }
}

export class QueueFull extends Error {
  override readonly name = "QueueFull";
  constructor() {
    super("Too many items wait for a lane, or for too long");
  }
}

export interface BatcherLimits {
  /** Batches under way at once. */
  readonly lanes: number;
  /** Items in one batch at most. */
  readonly batch: number;
  /** Items that may wait. */
  readonly queue: number;
  /** Milliseconds that an item may wait for a lane; for as long as it takes unless told. */
  readonly waitMs?: number;
  /** Called for each item that is refused. */
  readonly onRefused?: () => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Called for each batch with its size and the milliseconds its first item waited. */
  readonly onBatch?: (size: number, waitedMs: number) => void;
}

/** The weight of the last batch among those that the mean remembers. */
const BATCHES = 5;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly signal: AbortSignal;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
  readonly since: number;
}
