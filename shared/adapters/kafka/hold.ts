import { codeOf } from "./diagnosis.ts";

/**
 * Keeps a partition while its batch is worked on. It sends the heartbeats without which the group takes the member for
 * dead, and learns from their answers that the group wants its partitions back or has given them to others.
 */
export function hold(partition: number, options: HoldOptions): Hold {
  const { heartbeat, heartbeatMs, drainMs, isSilent } = options;
  const leaving = new AbortController();
  const aborted = new AbortController();
  let lost = false;
  let overdue: ReturnType<typeof setTimeout> | undefined;

  function lose(): void {
    lost = true;
    leaving.abort();
    aborted.abort(new DOMException(`Partition ${partition} is lost`, "AbortError"));
  }

  // The others wait for this member: what is under way may end, but not for long.
  function makeWay(): void {
    leaving.abort();
    overdue ??= setTimeout(() => aborted.abort(new DOMException("The group waits", "AbortError")), drainMs);
  }

  async function beat(): Promise<void> {
    try {
      await heartbeat();
    } catch (error) {
      const code = codeOf(error);
      if (code === "REBALANCE_IN_PROGRESS") makeWay();
      else if (OUT.has(code)) lose();
      // Otherwise nobody answered, and the silence is what counts.
    }
  }

  const timer = setInterval(() => isSilent() ? lose() : void beat(), heartbeatMs);
  return {
    partition,
    leaving: leaving.signal,
    signal: aborted.signal,
    isLost: () => lost,
    beat,
    lose,
    stop() {
      leaving.abort();
      aborted.abort(new DOMException("The consumer stops", "AbortError"));
    },
    release() {
      clearInterval(timer);
      clearTimeout(overdue);
    },
  };
}

export interface HoldOptions {
  /** Rejects with what the group answered. May send nothing when it did a moment ago. */
  readonly heartbeat: () => Promise<void>;
  readonly heartbeatMs: number;
  /** Milliseconds that a handler gets when the group wants the partition back. */
  readonly drainMs: number;
  /** Whether the group has been silent for so long that it has surely given this member up. */
  readonly isSilent: () => boolean;
}

export interface Hold {
  readonly partition: number;
  /** Aborts when nothing new may be begun. */
  readonly leaving: AbortSignal;
  /** Aborts when what is under way must end. */
  readonly signal: AbortSignal;
  /** Whether the partition may belong to another, so that nothing may be committed. */
  isLost(): boolean;
  beat(): Promise<void>;
  lose(): void;
  /** The consumer stops: the partition is its own until it has left the group. */
  stop(): void;
  release(): void;
}

/** The group goes on without this member. */
const OUT = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_INSTANCE_ID"]);
