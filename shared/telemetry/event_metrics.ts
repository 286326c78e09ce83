import { type EventLog, type Group, GROUPS } from "../ports/event_log.ts";
import type { Metrics } from "./metrics.ts";

/**
 * What the consumers of one process did. Made once for the process, whichever of the groups work in it; the lag is read
 * for the groups that `follow` was called with.
 */
export function observeEvents(metrics: Metrics): EventMetrics {
  const age = metrics.histogramBy(
    "event_effect_age_seconds",
    "Time from a registration to its effect: counted in the statistics, or its SMS accepted",
    EFFECT_SECONDS,
    ["group"],
  );
  const letters = metrics.counterBy("dead_letters_total", "Events and SMS sent to the dead letters", [
    "group",
    "code",
  ]);
  const followed = new Map<Group, Pick<EventLog, "lag">>();
  metrics.gauges(
    "consumer_lag",
    "Events that wait for a group in a partition",
    ["group", "partition"],
    async () => {
      const groups = GROUPS.flatMap((group) => {
        const eventLog = followed.get(group);
        return eventLog ? [{ group, eventLog }] : [];
      });
      const lags = await Promise.all(
        groups.map(async ({ group, eventLog }) =>
          (await eventLog.lag("pendaftaran-events", group)).map(({ partition, lag }) => ({
            labels: { group, partition: String(partition) },
            value: lag,
          }))
        ),
      );
      return lags.flat();
    },
  );
  return {
    follow(group, eventLog) {
      followed.set(group, eventLog);
      return { onEffect: age({ group }), onLetter: (code) => letters({ group, code }) };
    },
  };
}

/** The bounds of ops/slo.ts are among them. */
export const EFFECT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1_800] as const;

export interface EventMetrics {
  follow(group: Group, eventLog: Pick<EventLog, "lag">): GroupMetrics;
}

export interface GroupMetrics {
  /** Told the seconds since the registration. */
  onEffect(seconds: number): void;
  /** Told the code of a dead letter that was written. */
  onLetter(code: string): void;
}
