import { codeOf } from "./diagnosis.ts";

/**
 * Keeps a partition while its batch is worked on: sends the heartbeats without which the group takes the member for
 * dead, and learns by them that the group wants to share its partitions anew or has given them to others.
 */
export function hold(partition: number, options: HoldOptions): Hold {
  const { heartbeat, heartbeatMs, drainMs, isSilent } = options;
  const leaving = new AbortController();
  const ending = new AbortController();
  const abandoned = Promise.withResolvers<void>();
  const timers: ReturnType<typeof setTimeout>[] = [];
  let lost = false;

  function end(why: string): void {
    leaving.abort();
    if (ending.signal.aborted) return;
    ending.abort(new DOMException(why, "AbortError"));
    timers.push(setTimeout(abandoned.resolve, drainMs));
  }

  function lose(): void {
    lost = true;
    end(`Partition ${partition} belongs to another member`);
  }

  // The other members wait for this one: what is under way may still end, but not for long.
  function makeWay(): void {
    if (leaving.signal.aborted) return;
    leaving.abort();
    timers.push(setTimeout(() => end("The group shares its partitions anew"), drainMs));
  }

  async function beat(): Promise<void> {
    try {
      await heartbeat();
    } catch (error) {
      const code = codeOf(error);
      if (code === "REBALANCE_IN_PROGRESS") makeWay();
      else if (OUT.has(code)) lose();
      // Else nobody answered. When that lasts, the silence tells.
    }
  }

  const beating = setInterval(() => isSilent() ? lose() : void beat(), heartbeatMs);
  return {
    partition,
    leaving: leaving.signal,
    ending: ending.signal,
    abandoned: abandoned.promise,
    isLost: () => lost,
    beat,
    lose,
    stop: () => end("The consumer stops"),
    release() {
      clearInterval(beating);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

export interface HoldOptions {
  /** Rejects with what the group answered. It may send nothing when it did a moment ago. */
  readonly heartbeat: () => Promise<void>;
  readonly heartbeatMs: number;
  /** Milliseconds that a handler gets to end, before and after it is told to. */
  readonly drainMs: number;
  /** Whether the group has not answered for so long that it has given the member up. */
  readonly isSilent: () => boolean;
}

export interface Hold {
  readonly partition: number;
  /** Aborts when nothing new may be begun. */
  readonly leaving: AbortSignal;
  /** Aborts when what is under way must end. */
  readonly ending: AbortSignal;
  /** Resolves when it has not ended in time. */
  readonly abandoned: Promise<void>;
  /** Whether the partition may be another's, so that nothing may be committed. */
  isLost(): boolean;
  beat(): Promise<void>;
  lose(): void;
  /** The partition stays this member's until it has left the group. */
  stop(): void;
  /** To be called in the end. */
  release(): void;
}

/** The group goes on without the member. */
const OUT = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_INSTANCE_ID"]);
