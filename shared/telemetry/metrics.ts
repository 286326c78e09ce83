import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RequestObserver } from "../http/app.ts";
import type { EventLog, Group } from "../ports/event_log.ts";

/** The metrics of one process, in Prometheus' text form at `/metrics`. Labels are bounded and never personal. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const requests = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Time to answer a request",
    labelNames: ["service", "method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const batches = new Histogram({
    name: "registration_batch_size",
    help: "Registrations stored by one statement",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [registry],
  });
  return {
    observeRequest: ({ seconds, ...labels }) =>
      requests.observe({ ...labels, status: String(labels.status) }, seconds),
    observeBatch: (size) => batches.observe(size),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read());
        },
      });
    },
    counter(name, help) {
      const counter = new Counter({ name, help, registers: [registry] });
      return (by = 1) => counter.inc(by);
    },
    outcomes(name, help) {
      const counter = new Counter({ name, help, labelNames: ["outcome"], registers: [registry] });
      return (outcome) => counter.inc({ outcome });
    },
    counterBy(name, help, labelNames) {
      const counter = new Counter({ name, help, labelNames, registers: [registry] });
      return (labels) => counter.inc(labels);
    },
    gaugeBy(name, help, labelNames) {
      const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
      return (labels, value) => gauge.set(labels, value);
    },
    text: () => registry.metrics(),
  };
}

export interface Metrics {
  readonly observeRequest: RequestObserver;
  observeBatch(size: number): void;
  /** Read anew each time that Prometheus asks. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  counter(name: string, help: string): (by?: number) => void;
  /** Counts by a word of a closed list. */
  outcomes(name: string, help: string): (outcome: string) => void;
  /** Counts by labels, the words of each from a closed list. */
  counterBy<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (labels: Record<L, string>) => void;
  gaugeBy<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (labels: Record<L, string>, value: number) => void;
  text(): Promise<string>;
}

/** Reads a group's lag over all partitions, for a gauge. */
export function lagOf(eventLog: EventLog, group: Group): () => Promise<number> {
  return async () => {
    const partitions = await eventLog.lag("pendaftaran-events", group);
    return partitions.reduce((sum, { lag }) => sum + lag, 0);
  };
}
