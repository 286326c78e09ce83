import { getLogger } from "@logtape/logtape";

/**
 * Tells every ten seconds how far the counting has got while many events wait: after a stop, or for a group that begins
 * anew, whoever looks on must see it move.
 */
export function watchCatchingUp(options: CatchingUpOptions): CatchingUp {
  const { lag, everyMs = EVERY_MS, tell = toLog, now = () => performance.now() } = options;
  let [counted, since, behind, looking] = [0, now(), false, false];

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const waiting = await lag();
      const perSecond = 1_000 * counted / Math.max(1, now() - since);
      if (waiting >= MANY || behind) tell({ waiting, perSecond });
      [counted, since, behind] = [0, now(), waiting >= MANY];
    } catch (error) {
      // Whoever cannot read the lag is told by the metrics' failures; counting does not depend on it.
      log.debug("Cannot read the lag: {error}", {
        error: error instanceof Error ? error.name : typeof error,
      });
    } finally {
      looking = false;
    }
  }

  const timer = setInterval(look, everyMs);
  return {
    counted: (events) => void (counted += events),
    stop: () => clearInterval(timer),
  };
}

function toLog({ waiting, perSecond }: Progress): void {
  const rate = Math.round(perSecond);
  if (waiting < MANY) return log.info("Caught up, {waiting} events wait", { waiting, perSecond: rate });
  if (rate === 0) return log.warn("Catching up: {waiting} events wait, none was counted lately", { waiting });
  log.info("Catching up: {waiting} events wait, {perSecond} counted per second, {seconds} s to go", {
    waiting,
    perSecond: rate,
    seconds: Math.ceil(waiting / rate),
  });
}

export interface CatchingUpOptions {
  /** Events that wait to be counted. */
  readonly lag: () => Promise<number>;
  readonly everyMs?: number;
  readonly tell?: (progress: Progress) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface CatchingUp {
  /** So many more were counted. */
  counted(events: number): void;
  stop(): void;
}

export interface Progress {
  readonly waiting: number;
  /** Since it was told for the last time. */
  readonly perSecond: number;
}

const EVERY_MS = 10_000;
/** Seconds of work for one worker; fewer are the ordinary coming and going. */
const MANY = 10_000;

const log = getLogger(["kependudukan", "statistics"]);
