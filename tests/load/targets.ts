import { median } from "./samples.ts";
import type { Measure, Row } from "./scenario.ts";
import { ratio } from "./table.ts";

/** What issue 8 asks for, as medians of the rounds. */
export const TARGETS: readonly Target[] = [
  ...[100, 256, 1000].flatMap((connections): readonly Target[] => {
    const name = `registration, ${connections} connections`;
    return [
      { name, measure: "perSecond", against: "baseline", atLeast: 3 },
      { name, measure: "p95Ms", against: "baseline", atMost: 0.5 },
      { name, measure: "cpuMs", against: "baseline", atMost: 0.5 },
      { name, measure: "perSecond", atLeast: 1000 },
      { name, measure: "p95Ms", atMost: 500 },
      { name, measure: "errorPercent", atMost: 0.1 },
      { name, measure: "socketErrors", atMost: 0 },
      { name, measure: "postgresCpuPercent", atMost: 80 },
      { name, measure: "wrong", atMost: 0 },
    ];
  }),
  { name: "relay, outbox to Kafka", measure: "perSecond", atLeast: 20_000 },
  { name: "relay, outbox to Kafka", measure: "wrong", atMost: 0 },
  { name: "statistics, counting in MongoDB", measure: "perSecond", against: "baseline", atLeast: 10 },
  { name: "statistics, counting in MongoDB", measure: "wrong", atMost: 0 },
  ...["30,000", "10,000", "100,000", "1,000,000"].flatMap((rows): readonly Target[] => {
    const name = `registry of ${rows}, rebuild with fill-in`;
    return [{ name, measure: "perSecond", atLeast: 20_000 }, { name, measure: "wrong", atMost: 0 }];
  }),
  { name: "notification, ledger in PostgreSQL", measure: "perSecond", atLeast: 1_000 },
  ...["PostgreSQL", "MongoDB"].map((store): Target => {
    return { name: `notification, ledger in ${store}`, measure: "wrong", atMost: 0 };
  }),
  { name: "edge, 64 connections", measure: "cpuMs", against: "HAProxy", atMost: 1.25 },
  { name: "edge, 64 connections", measure: "perSecond", against: "Fastify", atLeast: 3 },
  { name: "request to answer, 500 registrations/s", measure: "errorPercent", atMost: 0.1 },
  { name: "request to statistics, 500 registrations/s", measure: "p99Ms", atMost: 2000 },
  { name: "request to SMS accepted, 500 registrations/s", measure: "p99Ms", atMost: 3000 },
];

/** Judges ours; a target whose row was not measured is left out. */
export function judge(rows: readonly Row[], targets: readonly Target[] = TARGETS): readonly Judgement[] {
  return targets.flatMap((target) => {
    const value = valueOf(rows, target);
    if (value === undefined) return [];
    const { atLeast = -Infinity, atMost = Infinity } = target;
    return [{ target, value, reached: value >= atLeast && value <= atMost }];
  });
}

export interface Target {
  /** Of the row. */
  readonly name: string;
  readonly measure: Measure;
  /** The contender that ours is divided by. */
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Judgement {
  readonly target: Target;
  readonly value: number;
  readonly reached: boolean;
}

function valueOf(rows: readonly Row[], { name, measure, against }: Target): number | undefined {
  if (against !== undefined) return ratio(rows, name, measure, "ours", against);
  return median(rows.find((row) => row.name === name && row.contender === "ours")?.measures[measure] ?? []);
}
