import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RequestObserver } from "../http/app.ts";
import { within } from "../resilience/within.ts";
import { boundedLabel } from "./label.ts";
import { observeRequests } from "./requests.ts";
import { seriesOf } from "./series.ts";

/** The metrics of one process, in Prometheus' text form at `/metrics`. Labels are bounded and never personal. */
export function createMetrics({ readMs = READ_MS }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const failures = new Counter({
    name: "metrics_read_failures_total",
    help: "Values that could not be read when Prometheus asked, and are missing from that answer",
    labelNames: ["metric"],
    registers,
  });
  return {
    observeRequest: observeRequests(registry),
    gauge(name, help, read) {
      this.gauges(name, help, [], async () => [{ labels: {}, value: await read() }]);
    },
    gauges(name, help, labelNames, read) {
      const known = failures.labels(name);
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        async collect() {
          // What was true the last time says nothing of now, and one store that is away must not hide all the rest.
          const samples = await within(readMs, Promise.try(read)).catch(() => undefined);
          this.reset();
          // Without labels, a reset leaves a zero behind.
          if (labelNames.length === 0) this.remove();
          if (!samples) return known.inc();
          for (const { labels, value } of samples) {
            this.labels(...labelNames.map((label) => boundedLabel(labels[label]))).set(value);
          }
        },
      });
    },
    counter(name, help) {
      const counter = new Counter({ name, help, registers });
      return (by = 1) => counter.inc(by);
    },
    counterBy(name, help, labelNames) {
      const counter = new Counter({ name, help, labelNames, registers });
      const series = seriesOf(labelNames, (values) => counter.labels(...values));
      return (labels, by = 1) => series(labels).inc(by);
    },
    gaugeBy(name, help, labelNames) {
      const gauge = new Gauge({ name, help, labelNames, registers });
      const series = seriesOf(labelNames, (values) => gauge.labels(...values));
      return (labels, value) => series(labels).set(value);
    },
    histogram(name, help, buckets) {
      const histogram = new Histogram({ name, help, buckets: [...buckets], registers });
      return (value) => histogram.observe(value);
    },
    histogramBy(name, help, buckets, labelNames) {
      const histogram = new Histogram({ name, help, labelNames, buckets: [...buckets], registers });
      const series = seriesOf(labelNames, (values) => histogram.labels(...values));
      return (labels) => {
        const { observe } = series(labels);
        return (value) => observe(value);
      };
    },
    text: () => registry.metrics(),
  };
}

export interface Metrics {
  readonly observeRequest: RequestObserver;
  /** Read anew each time that Prometheus asks; left out of an answer when the reading fails or takes too long. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** The same with several values, each under its labels. */
  gauges<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: () => readonly Sample<L>[] | Promise<readonly Sample<L>[]>,
  ): void;
  counter(name: string, help: string): (by?: number) => void;
  /** Counts by labels, the words of each from a closed list. */
  counterBy<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (labels: Readonly<Record<L, string>>, by?: number) => void;
  gaugeBy<L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
  ): (labels: Readonly<Record<L, string>>, value: number) => void;
  histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void;
  /** Answers the observer of one series, to be kept where observations are many. */
  histogramBy<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels: readonly L[],
  ): (labels: Readonly<Record<L, string>>) => (value: number) => void;
  text(): Promise<string>;
}

export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

export interface MetricsOptions {
  /** Milliseconds that one reading may take. */
  readonly readMs?: number;
}

/** Much shorter than Prometheus waits for the whole answer, which is 10 s unless told. */
const READ_MS = 3_000;
