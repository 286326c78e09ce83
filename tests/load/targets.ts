import { REGISTER_ERRORS, REGISTER_SECONDS, SMS_SECONDS, STATISTICS_SECONDS } from "../../ops/slo.ts";
import { FLOOR } from "./floor.ts";
import { median } from "./samples.ts";
import type { Measure, Row } from "./scenario.ts";
import { ratio } from "./table.ts";

/** What a run of these scenarios must reach, as medians of its rounds. */
export function targetsFor({ quick, scenarios, connections }: Run): readonly Target[] {
  return TARGETS.filter((target) =>
    scenarios.includes(target.scenario) &&
    (target.mode === undefined || target.mode === (quick ? "quick" : "full")) &&
    (target.connections === undefined || connections.includes(target.connections))
  );
}

/** Judges ours. */
export function judge(rows: readonly Row[], targets: readonly Target[]): readonly Judgement[] {
  return targets.map((target): Judgement => {
    const value = valueOf(rows, target);
    if (value === undefined) return { kind: "not measured", target };
    const { atLeast = -Infinity, atMost = Infinity } = target;
    return { kind: value >= atLeast && value <= atMost ? "reached" : "missed", target, value };
  });
}

export interface Run {
  readonly quick: boolean;
  /** Names of those that are run. */
  readonly scenarios: readonly string[];
  readonly connections: readonly number[];
}

export interface Target {
  /** That measures it. */
  readonly scenario: string;
  /** Undefined: in both. */
  readonly mode?: "quick" | "full";
  /** Of the registration. */
  readonly connections?: number;
  /** Of the row. */
  readonly name: string;
  readonly measure: Measure;
  /** The contender that ours is divided by. */
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Judgement =
  | { readonly kind: "reached" | "missed"; readonly target: Target; readonly value: number }
  /** Its row is not there, or that of whom it compares with. */
  | { readonly kind: "not measured"; readonly target: Target };

/** Issue 8, the mission's floor and the service levels. */
export const TARGETS: readonly Target[] = [
  ...["edge, 64 connections", "edge, POST, 64 connections"].flatMap((name) =>
    of("edge", name, [
      { measure: "cpuMs", against: "HAProxy", atMost: 1.25 },
      { measure: "perSecond", against: "Fastify", atLeast: 3 },
      { measure: "errorPercent", atMost: FLOOR.errorPercent },
    ])
  ),
  ...[100, 256, 1000].flatMap((connections) =>
    of("registration", `registration, ${connections} connections`, [
      { measure: "perSecond", against: "baseline", atLeast: 3 },
      { measure: "p95Ms", against: "baseline", atMost: 0.5 },
      { measure: "cpuMs", against: "baseline", atMost: 0.5 },
      { measure: "perSecond", atLeast: FLOOR.perSecond },
      { measure: "p95Ms", atMost: FLOOR.p95Ms },
      { measure: "errorPercent", atMost: FLOOR.errorPercent },
      { measure: "socketErrors", atMost: 0 },
      { measure: "postgresCpuPercent", atMost: FLOOR.postgresCpuPercent },
      { measure: "wrong", atMost: 0 },
    ], { connections })
  ),
  ...of("end-to-end", "request to answer, 500 registrations/s", [
    { measure: "p50Ms", atMost: 1000 * REGISTER_SECONDS.p50 },
    { measure: "p95Ms", atMost: 1000 * REGISTER_SECONDS.p95 },
    { measure: "p99Ms", atMost: 1000 * REGISTER_SECONDS.p99 },
    { measure: "errorPercent", atMost: 100 * REGISTER_ERRORS },
  ]),
  ...of("end-to-end", "request to statistics, 500 registrations/s", [
    { measure: "p99Ms", atMost: 1000 * STATISTICS_SECONDS },
    { measure: "wrong", atMost: 0 },
  ]),
  ...of("end-to-end", "request to SMS accepted, 500 registrations/s", [
    { measure: "p99Ms", atMost: 1000 * SMS_SECONDS },
    { measure: "wrong", atMost: 0 },
  ]),
  ...of("relay", "relay, outbox to Kafka", [
    { measure: "perSecond", atLeast: 20_000 },
    { measure: "wrong", atMost: 0 },
  ]),
  ...of("statistics", "statistics, counting in MongoDB", [
    { measure: "perSecond", against: "baseline", atLeast: 10 },
    { measure: "wrong", atMost: 0 },
  ]),
  ...of("statistics", "statistics, catching up on 1,000,000 events", [
    { measure: "wrong", atMost: 0 },
  ], { mode: "full" }),
  ...of("notification", "notification, ledger in PostgreSQL", [
    { measure: "perSecond", atLeast: 1_000 },
    { measure: "wrong", atMost: 0 },
  ]),
  ...of("notification", "notification, ledger in MongoDB", [{ measure: "wrong", atMost: 0 }]),
  ...([["quick", "30,000"], ["full", "10,000"], ["full", "100,000"], ["full", "1,000,000"]] as const).flatMap(
    (
      [mode, rows],
    ) =>
      of("registry-size", `registry of ${rows}, rebuild with fill-in`, [
        { measure: "perSecond", atLeast: 20_000 },
        { measure: "wrong", atMost: 0 },
      ], { mode }),
  ),
];

function of(
  scenario: string,
  name: string,
  bounds: readonly Pick<Target, "measure" | "against" | "atLeast" | "atMost">[],
  when: Pick<Target, "mode" | "connections"> = {},
): readonly Target[] {
  return bounds.map((bound) => ({ scenario, name, ...bound, ...when }));
}

function valueOf(rows: readonly Row[], { name, measure, against }: Target): number | undefined {
  if (against !== undefined) return ratio(rows, name, measure, "ours", against);
  return median(rows.find((row) => row.name === name && row.contender === "ours")?.measures[measure] ?? []);
}
