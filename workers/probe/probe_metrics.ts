import type { Metrics } from "../../shared/telemetry/metrics.ts";
import type { Outcome } from "./probe.ts";

/** What the last run was like, which stands until the next: gauges, as one run a minute makes no distribution. */
export function observeProbe(metrics: Metrics, now: () => number): (outcome: Outcome) => void {
  let lastSuccess: number | undefined;
  let last: Outcome | undefined;
  metrics.gauges(
    "kependudukan_probe_success",
    "1 when the last synthetic registration went the whole way and was taken back",
    [],
    () => last ? [{ labels: {}, value: Number(last.kind === "succeeded") }] : [],
  );
  metrics.gauges(
    "kependudukan_probe_last_success_time_seconds",
    "When a synthetic registration last went the whole way, in Unix seconds; 0 for never",
    [],
    () => [{ labels: {}, value: lastSuccess ?? 0 }],
  );
  metrics.gauges(
    "kependudukan_probe_step_seconds",
    "How long each step of the last run took",
    ["step"],
    () => {
      return Object.entries(last?.seconds ?? {}).map(([step, value]) => ({ labels: { step }, value }));
    },
  );
  const runs = metrics.counterBy("kependudukan_probe_runs_total", "Synthetic registrations by outcome", [
    "result",
    "step",
    "code",
  ]);
  return (outcome) => {
    last = outcome;
    if (outcome.kind === "succeeded") {
      lastSuccess = now() / 1000;
      runs({ result: "succeeded", step: "", code: "" });
    } else {
      runs({ result: "failed", step: outcome.step, code: outcome.code });
    }
  };
}
