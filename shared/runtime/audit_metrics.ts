import type { AuditSink } from "../ports/audit_sink.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** The same sinks, with what each took or refused counted. A refused append comes again, so its lines are not lost. */
export function observeSinks(metrics: Metrics): (sink: AuditSink) => AuditSink {
  const lines = metrics.counterBy("audit_lines_total", "Audit lines that a sink took", ["sink"]);
  const failures = metrics.counterBy("audit_append_failures_total", "Appends that a sink refused", ["sink"]);
  return (sink) => {
    const labels = { sink: sink.name };
    lines(labels, 0);
    failures(labels, 0);
    return {
      name: sink.name,
      async append(sealed, signal) {
        try {
          await sink.append(sealed, signal);
        } catch (error) {
          failures(labels);
          throw error;
        }
        lines(labels, sealed.length);
      },
      recent: () => sink.recent(),
      close: () => sink.close(),
    };
  };
}
