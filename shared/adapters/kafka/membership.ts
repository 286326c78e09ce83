import { type Hold, hold } from "./hold.ts";

/** What a member has of its group: its name there, when it last heard of it, and the batches under way. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #holds = new Set<Hold>();
  #memberId = "";
  #heardAt = performance.now();

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The group has shared its partitions anew. */
  joined(memberId: string, partitions: readonly number[]): void {
    // Under another name it is a new member: what it holds was another's in between.
    const isNew = memberId !== this.#memberId;
    for (const held of this.#holds) if (isNew || !partitions.includes(held.partition)) held.lose();
    this.#memberId = memberId;
    this.heard();
  }

  /** The group has answered. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Holds the partition while `work` goes on. */
  async holding<T>(partition: number, heartbeat: Heartbeat, work: (held: Hold) => Promise<T>): Promise<T> {
    const { sessionMs } = this.#options;
    const isSilent = () => performance.now() - this.#heardAt > sessionMs;
    const held = hold(partition, { ...this.#options, heartbeat, isSilent });
    this.#holds.add(held);
    try {
      return await work(held);
    } finally {
      held.release();
      this.#holds.delete(held);
    }
  }

  stop(): void {
    for (const held of this.#holds) held.stop();
  }
}

export interface MembershipOptions {
  /** Milliseconds of silence after which the group takes the member for dead. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /** Milliseconds that handlers get to end. */
  readonly drainMs: number;
}

type Heartbeat = () => Promise<void>;
