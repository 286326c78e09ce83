import type { Metrics } from "../../shared/telemetry/metrics.ts";
import type { BatcherLimits } from "../../shared/resilience/batcher.ts";

/** How registrations travel to the database: in batches, by a few lanes, or refused at the door. */
export function observeBatches(metrics: Metrics): Required<Pick<BatcherLimits, "onBatch" | "onRefused">> {
  const size = metrics.histogram("registration_batch_size", "Registrations stored by one statement", SIZES);
  const wait = metrics.histogram(
    "registration_batch_wait_seconds",
    "How long the first registration of a batch waited for a lane",
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  );
  const onRefused = metrics.counter(
    "registration_refused_total",
    "Registrations refused because of their wait",
  );
  return {
    onBatch(rows, waitedMs) {
      size(rows);
      wait(waitedMs / 1000);
    },
    onRefused: () => onRefused(),
  };
}

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];
