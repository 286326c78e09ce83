/**
 * Joins concurrent calls into batches without a timer: a batch leaves as soon as one of `lanes` is free, so a lone
 * call waits for nothing and under load the batches grow by themselves (linger timers of 2 and 5 ms were slower).
 */
export class Batcher<Item, Result> {
  readonly #queue: Waiting<Item, Result>[] = [];
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #limits: BatcherLimits;
  #running = 0;
  #armed = false;

  /** `run` answers one result for each item, in their order. */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, limits: BatcherLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  /**
   * Resolves with the item's own result. Rejects with `QueueFull` when too many wait, with the signal's reason when
   * it aborts before the item left (an item that has left runs to its end), or with what `run` threw.
   */
  add(item: Item, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#queue.length >= this.#limits.queue) return Promise.reject(new QueueFull());
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, signal, resolve, reject, since: performance.now() });
      this.#arm();
    });
  }

  /** Items that wait for a lane. */
  get depth(): number {
    return this.#queue.length;
  }

  // The batch is cut one macrotask later, so that requests that arrived in the same turn travel together.
  #arm(): void {
    if (this.#armed || this.#running >= this.#limits.lanes || this.#queue.length === 0) return;
    this.#armed = true;
    setTimeout(() => {
      this.#armed = false;
      while (this.#running < this.#limits.lanes && this.#queue.length > 0) void this.#flush();
    }, 0);
  }

  async #flush(): Promise<void> {
    const batch: Waiting<Item, Result>[] = [];
    while (batch.length < this.#limits.batch) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      if (next.signal.aborted) next.reject(next.signal.reason);
      else batch.push(next);
    }
    if (batch.length === 0) return;
    this.#running++;
    this.#limits.onBatch?.(batch.length, performance.now() - (batch[0]?.since ?? 0));
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
      this.#arm();
    }
  }
}

export class QueueFull extends Error {
  override readonly name = "QueueFull";
  constructor() {
    super("Too many items wait for a lane");
  }
}

export interface BatcherLimits {
  /** Batches under way at once. */
  readonly lanes: number;
  /** Items in one batch at most. */
  readonly batch: number;
  /** Items that may wait. */
  readonly queue: number;
  /** Called for each batch with its size and the milliseconds its first item waited. */
  readonly onBatch?: (size: number, waitedMs: number) => void;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly signal: AbortSignal;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
  readonly since: number;
}
