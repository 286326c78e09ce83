import type { Failure } from "./run_scenarios.ts";
import type { Row } from "./scenario.ts";
import { toTable } from "./table.ts";
import { judge, type Judgement, type Target } from "./targets.ts";

/**
 * What `deno task bench` prints at its end, and its exit code: 1 when a target is missed or was not measured, or when a
 * scenario failed.
 */
export function report({ rows, targets, failed }: Result): Report {
  const judgements = judge(rows, targets);
  const number = (kind: Judgement["kind"]) =>
    judgements.filter((judgement) => judgement.kind === kind).length;
  const lines = [
    toTable(rows),
    "",
    ...failed.map(({ name, reason }) => `failed: ${name}: ${reason}`),
    ...judgements.filter(({ kind }) => kind !== "reached").map((judgement) =>
      `${judgement.kind}: ${sentence(judgement)}`
    ),
    `${number("reached")} of ${targets.length} targets reached, ${number("missed")} missed, ${
      number("not measured")
    } not measured; ${failed.length} scenarios failed`,
  ];
  const good = failed.length === 0 && number("reached") === targets.length;
  return { text: `${lines.join("\n")}\n`, code: good ? 0 : 1 };
}

/** What a run came to. */
export interface Result {
  readonly rows: readonly Row[];
  /** That the run should have measured. */
  readonly targets: readonly Target[];
  readonly failed: readonly Failure[];
}

export interface Report {
  readonly text: string;
  readonly code: 0 | 1;
}

/** "registration, 100 connections: perSecond / baseline is 2.90, not at least 3" */
export function sentence(judgement: Judgement): string {
  const { name, measure, against, atLeast, atMost } = judgement.target;
  const what = `${name}: ${measure}${against === undefined ? "" : ` / ${against}`}`;
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  if (judgement.kind === "not measured") return `${what}, ${bound}`;
  return `${what} is ${judgement.value.toFixed(2)}, ${judgement.kind === "reached" ? "" : "not "}${bound}`;
}
