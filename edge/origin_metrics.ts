import type { Metrics } from "../shared/telemetry/metrics.ts";
import type { Upstream } from "./routes.ts";
import type { Origin, OriginEvent } from "./upstream/origin.ts";

/** What the edge's guards do, for Prometheus. */
export function observeOrigins(
  metrics: Metrics,
  origins: Readonly<Record<Upstream, Origin>>,
): (origin: Upstream, event: OriginEvent) => void {
  const help = "The breaker of an origin: 0 closed, 1 half-open, 2 open until the next call";
  const state = metrics.gaugeBy("edge_breaker_state", help, ["origin"]);
  for (const origin of Object.keys(origins)) state({ origin }, STATES.closed);
  const changed = metrics.counterBy("edge_breaker_changes_total", "Changes of a breaker", ["origin", "to"]);
  const refused = metrics.counterBy(
    "edge_origin_refused_total",
    "Calls that were not made: the breaker is open, or the calls in flight are full",
    ["origin", "by"],
  );
  const retried = metrics.counterBy("edge_origin_retries_total", "Calls made again after no answer came", [
    "origin",
  ]);
  return function observeOrigin(origin, event) {
    switch (event.kind) {
      case "breaker":
        state({ origin }, STATES[event.state]);
        changed({ origin, to: event.state });
        break;
      case "refused":
        refused({ origin, by: event.by });
        break;
      case "retry":
        retried({ origin });
    }
  };
}

const STATES = { closed: 0, "half-open": 1, open: 2 } as const;
